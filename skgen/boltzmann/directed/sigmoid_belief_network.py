"""Sigmoid belief network: layers of binary units drawn downwards, with a network for inference."""

import math
from functools import partial

import torch

from skgen.base.mixins import ImputeMixin, SampleMeansMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import (
    AUTO,
    COUNT,
    LAYERS,
    NON_NEGATIVE,
    POSITIVE,
    one_of,
    param,
)
from skgen.base.results.layers import LayerLatentMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.directed.enumeration import MOST_UNITS, EnumeratedNet
from skgen.boltzmann.directed.trainings import BeliefState, make_gradient, negative_bound
from skgen.boltzmann.learning.state import log_odds
from skgen.boltzmann.review import review
from skgen.boltzmann.sampling import clamped_draws, clamped_means, filled
from skgen.boltzmann.training_length import MOST_ROWS, updates_by_early_stopping
from skgen.boltzmann.visible import inspect_bits, measure_bits
from skgen.nets.boltzmann.belief import SigmoidBeliefNet
from skgen.nets.boltzmann.directed import clamped_chain, likelihood_bound
from skgen.nets.boltzmann.sigmoid_layers import sigmoid_layers
from skgen.training import GradientPhase, Stage, adam, inference_device, torch_generator

N_UPDATES = 5000
PATIENCE = 500  # updates after the best epoch of a first fit
N_VALUES = 2**22  # of one intermediate array: 32 MiB in float64


class SigmoidBeliefNetwork(
    LayerLatentMixin,
    ScoreMixin,
    SampleMixin,
    SampleMeansMixin,
    ImputeMixin,
    TorchEstimator,
):
    """Density of binary rows by layers of hidden binary units, drawn from the top downwards.

    The model is a directed one, which draws rows without chains, and another network goes the way
    up to infer hidden layers (Neal 1992; Hinton, Dayan, Frey & Neal 1995)::

        p(x) = sum_h p(x | h_1) p(h_1 | h_2) ... p(h_L),   P(on | h above) = sigmoid(b + h W)
        log p(x) >= E_q log p(x, h) - log q(h | x),   q(h_1 | x) q(h_2 | h_1) ..., units alike

    No gradient passes through binary units. ``training`` says what replaces it: importance weights
    for the draws of q, dreams of the model for q to learn from, or the score-function gradient of
    the bound. Values between 0 and 1 are taken for probabilities.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(128, 32)
        Units of the hidden layers from the lowest to the last.
    training : {"reweighted_wake_sleep", "wake_sleep", "reinforce"}, \
default="reweighted_wake_sleep"
        How both ways learn. "wake_sleep" teaches the way down to undo the draws of the way up, and
        the way up to undo dreams, which is no gradient of a bound: it makes q wide rather than
        narrow. "reweighted_wake_sleep" weighs the draws of a row by importance, and follows log
        p(x) the closer the more ``n_particles`` are (Bornschein & Bengio 2015). "reinforce"
        follows the bound itself, with learned baselines against its noise (Mnih & Gregor 2014).
    n_particles : int, default=5
        Draws of the hidden layers for each row of a batch.
    recognition_update : {"both", "wake", "sleep"}, default="both"
        What the way up learns from with "reweighted_wake_sleep": weighted draws of the data,
        dreams, or half of each.
    n_score_samples : int, default=64
        Importance samples a row in ``score_samples``; more raise the bound.
    n_gibbs_steps : int, default=200
        Steps of the chains in ``impute``, whose second half counts, and ``sample_conditional``.
    batch_size : int or "auto", default="auto"
        Rows an update; "auto" takes a twentieth of the training rows, between 16 and 128.
    learning_rate : float, default=0.03
        Initial learning rate of Adam.
    learning_rate_schedule : {"cosine", "constant"}, default="cosine"
        Whether the learning rate falls to zero over ``max_iter`` epochs.
    weight_decay : float, default=0.01
        Decoupled decay of the weights, not of the biases (AdamW).
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 5 000 updates, and with fewer than 2 000 rows at most
        those that a first fit, which holds out a fifth of the rows, finds to be best for them.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : list of ndarray of shape (n_units, n_units_below)
        Weights of each layer on the way down, the lowest first.
    intercepts_ : list of ndarray
        Biases of each layer on the way down: of the features, then of each hidden layer.
    likelihood_kind_ : str
        "exact" where the hidden layers have at most 15 units in all, whose states are summed;
        otherwise "lower_bound": ``score_samples`` is the importance-weighted bound on the
        log-probability of each row, in nats.
    %(shared_attributes)s

    See Also
    --------
    DeepBeliefNetwork : Trained layer by layer, with a machine at the top.
    VAE : Real-valued codes, through which gradients pass.

    Notes
    -----
    ``transform`` gives probabilities of the way up, passed on from layer to layer.

    ``impute`` and ``sample_conditional`` are exact where scores are. Otherwise the way up proposes
    hidden layers to a Markov chain, whose Metropolis test corrects it (Mattei & Frellsen 2018).

    References
    ----------
    Neal, R. (1992). Connectionist learning of belief networks. Artificial Intelligence.

    Hinton, G., Dayan, P., Frey, B. & Neal, R. (1995). The "wake-sleep" algorithm for unsupervised
    neural networks. Science.

    Mnih, A. & Gregor, K. (2014). Neural variational inference and learning in belief networks.
    ICML.

    Bornschein, J. & Bengio, Y. (2015). Reweighted wake-sleep. ICLR.

    Mattei, P.-A. & Frellsen, J. (2018). Leveraging the exact likelihood of deep latent
    variable models. NeurIPS.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import SigmoidBeliefNetwork
    >>> X = (load_digits().data >= 8).astype("float32")
    >>> model = SigmoidBeliefNetwork((32, 8), max_iter=60, random_state=0).fit(X)
    >>> model.likelihood_kind_, bool(model.score(X) > -19)
    ('lower_bound', True)
    >>> model.transform(X).shape, model.sample(3).shape
    ((1797, 8), (3, 64))
    """

    hidden_layer_sizes: tuple = param(LAYERS, default=(128, 32), kw_only=False)
    training: str = param(
        one_of("reweighted_wake_sleep", "wake_sleep", "reinforce"), default="reweighted_wake_sleep"
    )
    n_particles: int = param(COUNT, default=5)
    recognition_update: str = param(
        one_of("both", "wake", "sleep"),
        default="both",
        needs={"training": one_of("reweighted_wake_sleep")},
    )
    n_score_samples: int = param(COUNT, default=64)
    n_gibbs_steps: int = param(COUNT, default=200)
    batch_size: int | str = param(COUNT, AUTO, default="auto")
    learning_rate: float = param(POSITIVE, default=3e-2)
    learning_rate_schedule: str = param(one_of("constant", "cosine"), default="cosine")
    weight_decay: float = param(NON_NEGATIVE, default=1e-2)
    max_iter: int | str = param(COUNT, AUTO, default="auto")

    measure_ = "counting"
    # The gradients are written by hand, in float32.
    precision, compile = "float32", False
    _of_bits = "SigmoidBeliefNetwork", "VAE"
    _architecture = ("hidden_layer_sizes", "training")
    # Updates that max_iter="auto" stands for where rows are few, otherwise None.
    _enough_updates = None
    _n_updates = property(lambda self: self._enough_updates or N_UPDATES)

    @property
    def likelihood_kind_(self):
        """What scores are: "exact", or a "lower_bound"."""
        return "exact" if self._is_enumerable() else "lower_bound"

    def _is_enumerable(self):
        return sum(map(len, self.components_)) <= MOST_UNITS

    def _inspect(self, X, columns):
        if not len(self.hidden_layer_sizes):
            raise ValueError(
                "hidden_layer_sizes=() has no hidden layer, but SigmoidBeliefNetwork takes at "
                "least 1; use (128,) for a single one."
            )
        return inspect_bits(self, columns)

    def _measure(self, columns):
        measure_bits(self, columns)

    def _choose_length(self, columns):
        self._enough_updates = None
        few = 2 <= columns.X.shape[0] < MOST_ROWS
        if self.max_iter == "auto" and few and not self.early_stopping:
            self._enough_updates = updates_by_early_stopping(self, columns, N_UPDATES, PATIENCE)

    def _build(self, n_features):
        net = SigmoidBeliefNet((n_features, *self.hidden_layer_sizes), log_odds(self._means))
        return BeliefState(net, has_baselines=self.training == "reinforce")

    def _stages(self, state):
        groups = [
            {"params": state.net.weights(), "weight_decay": self.weight_decay},
            {"params": state.net.biases()},
        ]
        if state.baselines is not None:
            groups.append({"params": list(state.baselines.parameters())})
        how = self.n_particles, self.recognition_update
        gradient = make_gradient(self.training, state, *how)
        optimizer = adam(groups, self.learning_rate)
        phase = GradientPhase("negative_bound", gradient, optimizer, after=state.count)
        return [Stage([phase], monitor=partial(negative_bound, state.net, self.n_particles))]

    def _finish(self, X):
        net = self.module_.net
        self.components_ = [layer.weight.numpy().copy() for layer in net.generative]
        biases = [*(layer.visible_bias for layer in net.generative), net.top_bias]
        self.intercepts_ = [bias.numpy().copy() for bias in biases]

    def _review(self, X):
        review(self, X)

    def _encoder_module(self, module):
        """The way up as a network."""
        layers = module.net.recognition
        return sigmoid_layers([x.weight for x in layers], [x.hidden_bias for x in layers])

    def _activations(self, module, x):
        return module.net.passed_up(x)[1:]

    def _decode_layer(self, Z, number):
        number += 1 + len(self.components_)
        return self._apply(lambda module, z: module.net.passed_down(z, number), Z)

    def _score_rows(self, X):
        n, widest = self.n_score_samples, max(X.shape[1], *map(len, self.components_))
        if self._is_enumerable():
            return self._enumerated(lambda net, x: net.log_evidence(x), X)
        block = max(1, min(256, N_VALUES // (n * widest)))
        n_at_once = max(1, N_VALUES // (block * widest))

        def bound(module, x):
            return likelihood_bound(module.net, x, n, n_at_once)

        return self._apply(bound, X, double=True, block=block)

    def _enumerated(self, function, X):
        """``function(net, rows)`` of the network whose states are enumerated."""
        block = max(1, N_VALUES // 2 ** len(self.components_[0]))

        def run(module, x):
            return function(EnumeratedNet(module.net, N_VALUES), x)

        return self._apply(run, X, double=True, block=block)

    def _generator(self, rng):
        return torch_generator(rng, inference_device(self.device))

    def _sample(self, n_samples, rng):
        return self._ancestral(lambda net, u, g: net.draw_down(u, g)[0], n_samples, rng)

    def _sample_means(self, n_samples, rng):
        return self._ancestral(lambda net, u, g: net.draw_mean(u, g), n_samples, rng)

    def _ancestral(self, down, n_samples, rng):
        """``down(net, u, generator)`` of draws u of the last layer."""
        generator = self._generator(rng)
        n_last = len(self.intercepts_[-1])
        uniform = rng.random_sample((n_samples, n_last)).astype("float32")

        def run(module, noise):
            u = (noise < torch.sigmoid(module.net.top_bias)).to(noise.dtype)
            return down(module.net, u, generator)

        return self._apply(run, uniform).astype(self._built_for["dtype"], copy=False)

    def _sweeps(self, module, x, missing, n_steps, generator):
        return clamped_chain(module.net, x, missing, n_steps, generator)

    def _impute(self, X):
        if not self._is_enumerable():
            half = math.ceil(self.n_gibbs_steps / 2)
            return clamped_means(self, X, half, self._generator(self._rng(0)))

        def means(net, x):
            return net.conditional_means(x.nan_to_num(0.0), (~x.isnan()).to(x))

        return filled(self, X, self._enumerated(means, X))

    def _sample_conditional(self, X, n_draws, rng):
        generator = self._generator(rng)
        if not self._is_enumerable():
            return clamped_draws(self, X, n_draws, self.n_gibbs_steps, generator)

        def draws(net, x):
            observed = (~x.isnan()).to(x)
            return net.conditional_draws(x.nan_to_num(0.0), observed, n_draws, generator)

        return filled(self, X, self._enumerated(draws, X).transpose(1, 0, 2))
