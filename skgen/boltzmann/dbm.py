"""Deep Boltzmann machine: layers of binary units that see each other in both directions."""

from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional as F

from skgen.base.parameters import AUTO, COUNT, LAYERS, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.results.layers import LayerLatentMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.base import BoltzmannMixin
from skgen.boltzmann.labeled import LabeledMachineMixin
from skgen.boltzmann.learning.deep.dbm_pretraining import (
    HIGHEST_LEARNING_RATE,
    pretraining_stages,
    start_from_layers,
)
from skgen.boltzmann.learning.deep.mean_field_gradient import mean_field_phase, reconstruction_loss
from skgen.boltzmann.learning.deep.multi_prediction import multi_prediction_stage
from skgen.boltzmann.learning.state import (
    TrainingState,
    chosen_learning_rate,
    draw_normal_,
    log_odds,
    make_optimizer,
    new_chains,
)
from skgen.boltzmann.parameters import MOMENTUM, NEGATIVE, TemperedParameters, check_layers
from skgen.boltzmann.partition import LayerPartitionMixin
from skgen.boltzmann.sampling import clamped_mean_field, clamped_sweeps, mean_rows
from skgen.boltzmann.training_length import (
    FEW_ROWS,
    N_AIS_STEPS,
    has_few_rows,
    updates_by_early_stopping,
    updates_by_held_out_rows,
)
from skgen.boltzmann.visible import inspect_bits, measure_bits
from skgen.kernels.boltzmann.boltzmann_enumeration import labeled_log_partition
from skgen.kernels.two_sample.distances import evenly_spaced
from skgen.nets.boltzmann.annealing import BernoulliPath
from skgen.nets.boltzmann.dbm import DBM
from skgen.nets.boltzmann.rbm import RBM
from skgen.nets.boltzmann.sigmoid_layers import sigmoid_layers
from skgen.training import Stage

MOST_STEPS = 1000
N_UPDATES = 5000
# Where rows are few, chains at the whole learning rate at times lose modes, and the bound tens of
# nats.
SLOWER = 0.5
GROWTH = 1.5  # of the number of updates between scores, which take a second
PATIENCE = 500  # updates after the best epoch of a first run of multi-prediction
OF_MEAN_FIELD = {"training": one_of("mean_field")}
OF_PREDICTION = {"training": one_of("multi_prediction")}


class DeepBoltzmannMachine(
    LayerLatentMixin,
    LabeledMachineMixin,
    BoltzmannMixin,
    LayerPartitionMixin,
    TemperedParameters,
    TorchEstimator,
):
    r"""Density of binary rows by several layers of hidden binary units, trained together.

    The model for x = h_0 and layers h_1, ..., h_L, and the bound that training raises:

    .. math:: & p(h_0, \ldots, h_L) = e^{-E(h)} / Z, \quad
        -E(h) = \sum_l h_l b_l + \sum_{l > 0} h_l W_l h_{l-1}, \\
        & \log p(x) \ge E_q[-E(h)] + H(q) - \log Z, \quad q = \prod_{lj} q(h_{lj}).

    The means of q are found by mean field, each layer given both its neighbors; what the model
    itself believes comes from Gibbs chains that alternate between even and odd layers
    (Salakhutdinov & Hinton 2009). The centered gradient trains all layers at once from small
    random weights; ``pretrain`` starts from machines that are trained layer by layer.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(128, 128)
        Units of the hidden layers from the lowest to the top.
    training : {"mean_field", "multi_prediction"}, default="mean_field"
        What is learned. "mean_field" raises the bound: for draws, scores and features.
        "multi_prediction" trains mean field itself to predict any features from the others
        (Goodfellow, Mirza, Courville & Bengio 2013): for ``impute``. It needs neither chains nor
        ``pretrain``, and its bound is lower.
    use_labels : bool, default=False
        Whether ``y`` is learned, too, by units of a label behind the features, which
        "multi_prediction" predicts as it does them. Rows whose label is the number -1 have none.
        Scores, features and draws are those of the rows, labels summed out or left to mean field.
        Without it ``y`` is ignored.
    discriminative_weight : float, default=1.0
        Weight of the mean cross-entropy of labels beside that of the features.
    pretrain : bool, default=False
        Whether to train a machine for each layer first, the inputs from one side doubled; with
        "mean_field" alone, as are ``centered``, ``momentum``, ``n_gibbs_steps`` and
        ``negative_phase``.
    centered : bool, default=True
        Whether all layers are measured from the middle between data and model (Montavon &
        Muller 2012; Melchior, Fischer & Wiskott 2016).
    n_mean_field_steps : int, default=5
        Steps of mean field for each batch in training; with "multi_prediction" also those of
        ``impute``, which is at its best with as many.
    mean_field_tol : float, default=1e-6
        Elsewhere mean field runs until no unit of a row moves by this.
    learning_rate : float or "auto" (at most 0.3, see Notes), default="auto"
        Step along the gradient of the mean log-likelihood; with "multi_prediction" that of Adam.
    weight_decay : float or "auto", default="auto"
        Decay of the weights, not of the biases: an update first multiplies them by
        ``1 - learning_rate * weight_decay``. "auto" is 1e-4; with "multi_prediction" 0.1, without
        which the density of what is predicted so well falls apart.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 5 000 updates, if rows are not few, see Notes.
        Early stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : list of ndarray of shape (n_units, n_units_below)
        Weights W of each layer, the lowest first.
    intercepts_ : list of ndarray
        Biases b of each layer: of the features, then of each hidden layer.
    classes_ : ndarray of shape (n_classes,)
        Labels of ``fit``, or ``classes`` of the first ``partial_fit``; with ``use_labels``.
    likelihood_kind_ : str
        "lower_bound": ``score_samples`` is the mean-field bound on the log-probability of each
        row, in nats.
    log_partition_ : float
        log Z in nats, computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where the odd or the even layers have at most 20 units.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        A parameter of one training is set beside the other. With ``use_labels``: no row has a
        label, all labels are of one class, or one is None or NaN.

    See Also
    --------
    BernoulliRBM : One layer, whose likelihood is exact up to log Z.
    DeepBeliefNetwork : Layers that are trained one by one.

    Notes
    -----
    ``learning_rate="auto"`` is 6.4 / n^0.75 for n units in the odd layers, and at most 0.3: the
    more units there are, the sooner a large one runs away. It is half of that where rows are few:
    fewer than 1 000, and than 50 a hidden unit. ``max_iter="auto"`` then takes as many updates as
    are best for a fifth of the rows, which a first run holds out, unless ``pretrain`` or
    ``early_stopping`` is set.

    With ``training="multi_prediction"`` each row of a batch has features taken from it at random,
    few or many; mean field fills them in ``n_mean_field_steps`` steps from their means, and Adam
    lowers the cross-entropy of every step, by default at a learning rate of 0.07 / n^0.5, at most
    0.02. ``impute`` takes the same steps, while ``sample_conditional`` and ``sample`` remain Gibbs
    chains on the same weights. Where rows are few, as above, ``max_iter="auto"`` takes the epochs
    that a first run found to predict the rows held out best, unless ``use_labels`` is set.

    With ``use_labels`` half of the labels of a batch are predicted, half of these from complete
    rows. They see the odd layers, of which the first is next to the features.

    References
    ----------
    Salakhutdinov, R. & Hinton, G. (2009). Deep Boltzmann machines. AISTATS.

    Goodfellow, I., Mirza, M., Courville, A. & Bengio, Y. (2013). Multi-prediction deep Boltzmann
    machines. NIPS.

    Montavon, G. & Muller, K.-R. (2012). Deep Boltzmann machines and the centering trick.
    Neural Networks: Tricks of the Trade.

    Melchior, J., Fischer, A. & Wiskott, L. (2016). How to center deep Boltzmann machines.
    JMLR.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import DeepBoltzmannMachine
    >>> X = (load_digits().data >= 8).astype("float32")
    >>> model = DeepBoltzmannMachine((32, 16), max_iter=50, random_state=0).fit(X)
    >>> model.transform(X).shape, model.sample(3).shape, bool(model.score(X) > -22)
    ((1797, 16), (3, 64), True)
    """

    hidden_layer_sizes: tuple = param(LAYERS, default=(128, 128), kw_only=False)
    training: str = param(one_of("mean_field", "multi_prediction"), default="mean_field")
    use_labels: bool = param("boolean", default=False, needs=OF_PREDICTION)
    discriminative_weight: float = param(NON_NEGATIVE, default=1.0)
    pretrain: bool = param("boolean", default=False, needs=OF_MEAN_FIELD)
    centered: bool = param("boolean", default=True, needs=OF_MEAN_FIELD)
    momentum: float = param(MOMENTUM, default=0.0, needs=OF_MEAN_FIELD)
    n_gibbs_steps: int = param(COUNT, default=5, needs=OF_MEAN_FIELD)
    negative_phase: str = param(NEGATIVE, default="pcd", needs=OF_MEAN_FIELD)
    weight_decay: float | str = param(NON_NEGATIVE, AUTO, default="auto")
    n_mean_field_steps: int = param(COUNT, default=5)
    mean_field_tol: float = param(POSITIVE, default=1e-6)

    likelihood_kind_ = "lower_bound"
    _of_bits = "DeepBoltzmannMachine", 'DeepBeliefNetwork(visible="gaussian")'
    measure_ = "counting"
    # Updates that max_iter="auto" stands for where rows are few, otherwise None.
    _enough_updates, _has_few_rows = None, False
    # Steps of mean field that fill holes; without, chains do.
    _n_filling_steps = None
    _n_updates = property(lambda self: self._enough_updates or N_UPDATES)
    _marks_unlabeled = True
    _former_defaults = {
        "layer": -1,
        "training": "mean_field",
        "use_labels": False,
        "discriminative_weight": 1.0,
    }
    _architecture = (
        "hidden_layer_sizes",
        "training",
        "use_labels",
        "pretrain",
        "negative_phase",
        "n_chains",
        "n_temperatures",
    )

    def _inspect(self, X, columns):
        check_layers(self.hidden_layer_sizes, "DeepBoltzmannMachine", at_least=1)
        n_hidden = sum(self.hidden_layer_sizes)
        self._has_few_rows = has_few_rows(X.shape[0], n_hidden, FEW_ROWS)
        return inspect_bits(self, columns)

    def _choose_length(self, columns):
        self._enough_updates = None
        chooses = self.max_iter == "auto" and not (self.early_stopping or self.pretrain)
        if not (chooses and self._has_few_rows) or self.use_labels:
            return
        if self.training == "multi_prediction":
            self._enough_updates = updates_by_early_stopping(self, columns, N_UPDATES, PATIENCE)
        else:
            # Reconstructions of rows held out get better for long after their bound does not.
            how = {"growth": GROWTH, "n_ais_steps": N_AIS_STEPS}
            self._enough_updates = updates_by_held_out_rows(
                self, columns, N_UPDATES, "score_samples", **how
            )

    def _measure(self, columns):
        measure_bits(self, columns)

    def _build(self, n_features):
        sizes = [n_features, *self.hidden_layer_sizes]
        net = DBM(sizes, len(self.classes_) if self.use_labels else 0)
        draw_normal_(net.weight.data, self.init_scale).mul_(net.mask)
        net.bias(0).data.copy_(log_odds(self._means))
        n_temperatures = self.n_temperatures if self.negative_phase == "pt" else 1
        chains = new_chains(n_temperatures, self.n_chains, len(net.weight))
        layers = []
        for below, above in pairwise(sizes) if self.pretrain else ():
            layer = RBM(below, above)
            draw_normal_(layer.weight, self.init_scale)
            layers.append(TrainingState(layer, new_chains(1, self.n_chains, above)))
        if self.pretrain:
            layers[0].net.visible_bias.data.copy_(log_odds(self._means))
        return TrainingState(net, chains, layers)

    def _stages(self, state):
        if self.training == "multi_prediction":
            return [multi_prediction_stage(self, state)]
        learning_rate = chosen_learning_rate(self, state.net, HIGHEST_LEARNING_RATE)
        if self._has_few_rows and self.learning_rate == "auto":
            learning_rate *= SLOWER
        phase = mean_field_phase(self, state, make_optimizer(self, state, learning_rate))
        net = state.averaged_net

        def monitor(x, generator):
            return reconstruction_loss(net, x, net.mean_field(0, x, self.n_mean_field_steps)[1])

        if not self.pretrain or int(state.n_steps):
            return [Stage([phase], monitor=monitor)]
        together = Stage([phase], monitor=monitor, prepare=start_from_layers(state))
        return [*pretraining_stages(self, state), together]

    def _finish(self, X):
        self._forget_partition()
        self._n_filling_steps = None
        if self.training == "multi_prediction":
            self._n_filling_steps = self.n_mean_field_steps
            self._start_chains(X)
        net = self._net
        numbers = range(len(net.sizes))
        self.components_ = [net.layer_weight(number).numpy().copy() for number in numbers[1:]]
        self.intercepts_ = [net.bias(number).numpy().copy() for number in numbers]

    def _start_chains(self, X):
        """Leave hidden states of training rows for draws to start from, as chains would."""
        chains = self.module_.chains[-1]
        rows = self._standardize(evenly_spaced(X, len(chains)).astype(np.float32))
        n_steps = self.n_mean_field_steps
        means = self._apply(lambda m, x: m.averaged_net.mean_field(0, x, n_steps)[1], rows)
        states = np.random.RandomState(0).random_sample(means.shape) < means
        chains[: len(rows)] = torch.from_numpy(states).to(chains)

    def _posterior(self, net, x):
        """Even and odd layers of mean field given rows x."""
        return net.converged_mean_field(0, x, MOST_STEPS, self.mean_field_tol)[:2]

    def _encoder_module(self, module):
        """One pass upwards as a network; a layer between two others counts its inputs twice."""
        net = module.averaged_net
        numbers = range(1, len(net.sizes))
        weights = [net.layer_weight(number) * (1 + (number < numbers[-1])) for number in numbers]
        return sigmoid_layers(weights, [net.bias(number) for number in numbers])

    def _activations(self, module, x):
        net = module.averaged_net
        means = self._posterior(net, x)
        return [means[k % 2][:, net.slices[k]] for k in range(1, len(net.sizes))]

    def _decode_layer(self, Z, number):
        generator = self._generator(0)

        def means(module, z):
            net = module.averaged_net
            # Mean field would end in one of the many rows that a top layer allows.
            return net.clamped_means(len(net.sizes) + number, z, self.n_thinning, generator)

        return self._apply(means, Z)

    def _log_unnormalized(self, X):
        def bound(module, x):
            net = module.averaged_net
            return net.evidence_bound(self._posterior(net, x)[0])

        return self._apply(bound, self._standardize(X), double=True)

    def _two_layers(self, module):
        return module.averaged_net

    def _to_data(self, rows, generator):
        return rows[:, : self.n_features_in_]

    def _to_means(self, rows, generator):
        return self._to_data(mean_rows(self, rows, generator), generator)

    def _sweeps(self, module, x, missing, n_steps, generator):
        """Clamped sweeps in which the even hidden layers are missing, too."""
        d, net = x.shape[1], module.averaged_net
        even, _ = net.first_pass(0, x)
        missing = F.pad(missing, (0, even.shape[1] - d), value=True)
        for draw, mean in clamped_sweeps(net, even, missing, n_steps, generator):
            yield draw[:, :d], mean[:, :d]

    def _impute(self, X):
        if self._n_filling_steps is None:
            return super()._impute(X)
        return clamped_mean_field(self, X, self._n_filling_steps)

    def _label_probabilities(self, module, x):
        net, complete = module.averaged_net, torch.zeros_like(x, dtype=torch.bool)
        *_, log_odds = net.completed(x, complete, self._n_filling_steps)
        return torch.softmax(log_odds[:, -net.n_classes :], 1)

    def _path(self, net):
        base = torch.zeros_like(net.weight[0])
        base[: len(self._means)] = log_odds(self._means)
        return BernoulliPath(net, base.to(net.weight))

    def _enumerable_units(self):
        sizes = self._net.sizes
        return min(sum(sizes[::2]), sum(sizes[1::2]))

    def _exact_partition(self):
        net = self._net
        W, b, c = (p.double().numpy() for p in (net.weight, net.visible_bias, net.hidden_bias))
        return labeled_log_partition(W, b, c, net.n_classes)
