"""Deep belief network: layers trained one by one, with a machine at the top."""

import numpy as np
import torch

from skgen.base.data_range import looks_binary
from skgen.base.parameters import (
    AUTO,
    COUNT,
    LAYERS,
    NATURAL,
    NON_NEGATIVE,
    POSITIVE,
    one_of,
    param,
)
from skgen.base.results.layers import LayerLatentMixin
from skgen.base.results.measure import MEASURE_OF_UNITS
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.base import BoltzmannMixin
from skgen.boltzmann.labeled import LabeledMachineMixin
from skgen.boltzmann.learning.belief_layers import new_layers
from skgen.boltzmann.learning.hybrid_gradient import hybrid_phase
from skgen.boltzmann.learning.layerwise import PassedUp, layer_stage
from skgen.boltzmann.learning.phases import bernoulli_phase, gaussian_phase
from skgen.boltzmann.learning.state import DBNState, data_means, log_odds
from skgen.boltzmann.learning.wake_sleep import wake_sleep_stage
from skgen.boltzmann.parameters import MachineParameters, check_layers
from skgen.boltzmann.partition import LayerPartitionMixin
from skgen.boltzmann.training_length import shortened
from skgen.boltzmann.visible import MEASURES, inspect_bits, inspect_numbers, shorten_start
from skgen.kernels.boltzmann.boltzmann_enumeration import labeled_log_partition
from skgen.nets.boltzmann.annealing import BernoulliPath
from skgen.nets.boltzmann.directed import clamped_chain, likelihood_bound
from skgen.nets.boltzmann.sigmoid_layers import sigmoid_layers

N_UPDATES, N_BASE_ROWS = 5000, 2000
N_VALUES = 2**22  # of one intermediate array: 32 MiB in float64


class DeepBeliefNetwork(
    LayerLatentMixin,
    LabeledMachineMixin,
    BoltzmannMixin,
    LayerPartitionMixin,
    MachineParameters,
    TorchEstimator,
):
    r"""Density of rows by several layers of hidden binary units, trained one by one.

    The top two layers are a restricted Boltzmann machine, the lower ones are drawn downwards
    from it:

    .. math:: & p(x) = \sum_h p(x \mid h_1) \, p(h_1 \mid h_2) \cdots p(h_{L-1}), \\
        & \log p(x) \ge E_q[\log p(x, h) - \log q(h \mid x)],

    with :math:`p(h_{L-1})` of the machine, and q by the layers' own way up.

    Each layer is a machine that learns the states which the layers below it make of the data,
    so that the bound need not fall (Hinton, Osindero & Teh 2006). ``n_finetune_iter`` then
    trains all of them together, with separate weights upwards and downwards.

    With ``use_labels`` the machine at the top also holds the label of each row: the network then
    classifies, and draws rows of a class. Beside :math:`\log p(h_{L-1}, y)` the top then raises
    ``discriminative_weight`` times :math:`\log p(y \mid h_{L-1})`, which the joint density alone
    hardly minds: it is one of hundreds of terms (Larochelle & Bengio 2008).

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(128, 128)
        Units of the hidden layers from the lowest to the top, at least two layers.
    visible : {"auto", "binary", "gaussian"}, default="auto"
        Units of the data. "auto" takes binary ones for data in [0, 1] of which more than a
        quarter are exactly 0 or 1 (binary data, gray images), otherwise Gaussian.
    use_labels : bool, default=False
        Whether the top learns ``y``, too. Every value of ``y`` is a class, -1 as any other.
        Without it ``y`` is ignored.
    discriminative_weight : float, default=20.0
        Weight of the labels given the rest beside the joint density of both; 0 trains a purely
        generative classifier. Fine-tuning is generative.
    n_finetune_iter : int, default=0
        Epochs of fine-tuning by the up-down algorithm.
    finetune_learning_rate : float, default=0.02
        Its learning rate.
    centered : bool, default=True
        Whether both layers of a machine are measured from the middle between data and model
        (Melchior, Fischer & Wiskott 2016).
    negative_phase : {"pcd", "cd"}, default="pcd"
        Where the model's half of the gradient comes from: chains that persist from update to
        update (Tieleman 2008), or that start at each batch (Hinton 2002).
    n_score_samples : int, default=64
        Importance samples a row in ``score_samples``; more raise the bound.
    learning_rate : float or "auto" (at most 0.4, see Notes), default="auto"
        Step along the gradient of the mean log-likelihood.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 5 000 updates a layer, five a row at most if denoised;
        with fewer than 1 000 rows, and than 50 a hidden unit, a fraction of these at least a 64th
        that first fits find best for a fifth of the rows, unless ``use_labels`` is set. Early
        stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
    init_scale : float or "auto", default="auto"
        Standard deviation of the initial weights; "auto" is 0.01, and starts a Gaussian lowest
        layer at a denoising autoencoder, as in :class:`GaussianBernoulliRBM`, without labels.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : list of ndarray of shape (n_units, n_units_below)
        Weights of each layer, the lowest first, as they generate.
    intercepts_ : list of ndarray
        Biases of each layer: of the features, then of each hidden layer.
    visible_ : {"binary", "gaussian"}
        The units of the data in use.
    classes_ : ndarray of shape (n_classes,)
        Labels of ``fit``, or ``classes`` of the first ``partial_fit``; with ``use_labels``.
    likelihood_kind_ : str
        "lower_bound": ``score_samples`` is the importance-weighted bound on the log-density of
        each row, in nats, whatever its label.
    log_partition_ : float
        log Z of the top in nats, computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where a layer of the top has at most 20 units.
    %(shared_attributes)s

    See Also
    --------
    BernoulliRBM : One layer, whose likelihood is exact up to log Z.
    DeepBoltzmannMachine : Layers that see each other in both directions.

    Notes
    -----
    ``learning_rate="auto"`` is 6.4 / n_units^0.75 for each layer, at most 0.4, and above the lowest
    layer 0.6 of that; for a Gaussian lowest layer 2 / n_units, at most 0.1 and half its noise. Such
    a layer takes a fraction 5 / n_units of a ``learning_rate`` that is given, at most a quarter.

    With ``use_labels`` the weights of a Gaussian layer start with a standard deviation of
    n_units^-1/2 at least: small ones all turn toward the widest direction of few features.

    ``partial_fit`` trains each layer for an epoch, and fine-tuning starts again from the layers.

    References
    ----------
    Hinton, G., Osindero, S. & Teh, Y.-W. (2006). A fast learning algorithm for deep belief
    nets. Neural Computation.

    Salakhutdinov, R. & Murray, I. (2008). On the quantitative analysis of deep belief
    networks. ICML.

    Larochelle, H. & Bengio, Y. (2008). Classification using discriminative restricted Boltzmann
    machines. ICML.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import DeepBeliefNetwork
    >>> X, y = load_digits(return_X_y=True)
    >>> model = DeepBeliefNetwork((64, 32), use_labels=True, max_iter=60, random_state=0)
    >>> model = model.fit(X / 16, y)
    >>> model.transform(X / 16).shape, model.sample(3).shape
    ((1797, 32), (3, 64))
    >>> bool((model.predict(X / 16) == y).mean() > 0.8), model.sample_class(7).shape
    (True, (1, 64))
    """

    hidden_layer_sizes: tuple = param(LAYERS, default=(128, 128), kw_only=False)
    visible: str = param(one_of("auto", "binary", "gaussian"), default="auto")
    use_labels: bool = param("boolean", default=False)
    discriminative_weight: float = param(NON_NEGATIVE, default=20.0)
    n_finetune_iter: int = param(NATURAL, default=0)
    finetune_learning_rate: float = param(POSITIVE, default=0.02)
    centered: bool = param("boolean", default=True)
    negative_phase: str = param(one_of("pcd", "cd"), default="pcd")
    n_score_samples: int = param(COUNT, default=64)
    init_scale: float | str = param(NON_NEGATIVE, AUTO, default="auto")

    likelihood_kind_ = "lower_bound"
    _of_bits = 'visible="binary"', 'visible="gaussian"'
    _measured_buffers = r"\blog_noise_floor$"
    measure_ = property(lambda self: MEASURE_OF_UNITS[self.visible_])
    # Only BernoulliRBM makes a parameter of it.
    sparsity_target = None
    _enough_updates = None
    _n_updates = property(lambda self: self._enough_updates or N_UPDATES)
    _architecture = ("hidden_layer_sizes", "visible", "use_labels", "n_finetune_iter", "n_chains")

    def _inspect(self, X, columns):
        check_layers(self.hidden_layer_sizes, "DeepBeliefNetwork", at_least=2)
        self.visible_, self._value_range, self._enough_updates = self.visible, None, None
        if self.visible == "auto":
            self.visible_ = "binary" if looks_binary(columns) else "gaussian"
        if self.visible_ == "gaussian":
            denoises = self.init_scale == "auto" and not self.use_labels
            return inspect_numbers(self, columns, N_UPDATES, denoises)
        return inspect_bits(self, columns)

    def _choose_length(self, columns):
        if self.use_labels:
            return
        chosen = shortened(self, columns, sum(self.hidden_layer_sizes))
        if chosen is not None:
            shorten_start(self, chosen)

    def _measure(self, columns):
        MEASURES[self.visible_](self, columns)

    def _build(self, n_features):
        layers = new_layers(self, n_features, len(self.classes_) if self.use_labels else 0)
        return DBNState(layers, fine_tuned=self.n_finetune_iter > 0)

    def _stages(self, state):
        d = self._built_for["n_features"]
        make_phases = [bernoulli_phase] * len(state.layers)
        if self.visible_ == "gaussian":
            make_phases[0] = gaussian_phase
        if self.use_labels:
            make_phases[-1] = hybrid_phase
        stages = [
            layer_stage(self, layer, make_phase, PassedUp(state, number, d))
            for number, (layer, make_phase) in enumerate(zip(state.layers, make_phases))
        ]
        if self.n_finetune_iter:
            stages.append(wake_sleep_stage(self, state, d))
        return stages

    def _finish(self, X):
        self._forget_partition()
        net = self._net
        layers = [*net.generative, net.top]
        self.components_ = [layer.weight.numpy().copy() for layer in layers]
        biases = [layer.visible_bias for layer in layers] + [net.top.hidden_bias]
        self.intercepts_ = [bias.numpy().copy() for bias in biases]
        self.components_[0] = self.components_[0] * self._scale
        self.intercepts_[0] = self.intercepts_[0] * self._scale + self._center
        self._top_base = self._base_of_top(X)

    def _base_of_top(self, X):
        """Log-odds of what the top sees of the data; its labels alike."""
        some = np.asarray(X[:: -(-len(X) // N_BASE_ROWS)], dtype=np.float32)
        means = self._apply(lambda m, x: m.averaged_net.up_means(x), self._standardize(some))
        means = data_means(means.sum(axis=0).astype(np.float64), len(means))
        return np.pad(log_odds(means).numpy(), (0, self._net.top.n_classes))

    def _encoder_module(self, module):
        """The way up as a network; labels stay outside."""
        net = module.averaged_net
        weights = [layer.up_weight() for layer in net.recognition]
        weights.append(net.without_labels(net.top.weight))
        return sigmoid_layers(weights, [x.hidden_bias for x in (*net.recognition, net.top)])

    def _activations(self, module, x):
        return module.averaged_net.layer_means(x)

    def _decode_layer(self, Z, number):
        return self._unstandardize(self._apply(lambda m, z: m.averaged_net.decode(z, number), Z))

    def _log_unnormalized(self, X):
        n, widest = self.n_score_samples, max(X.shape[1], *map(len, self.components_))
        block = max(1, min(256, N_VALUES // (n * widest)))
        n_at_once = max(1, N_VALUES // (block * widest))

        def bound(module, x):
            return likelihood_bound(module.averaged_net, x, n, n_at_once)

        return self._apply(bound, self._standardize(X), double=True, block=block)

    def _two_layers(self, module):
        return module.averaged_net.top

    def _to_data(self, rows, generator):
        return self._apply(lambda module, v: module.averaged_net.draw_data(v, generator), rows)

    def _to_means(self, rows, generator):
        return self._apply(lambda module, v: module.averaged_net.draw_means(v, generator), rows)

    def _sweeps(self, module, x, missing, n_steps, generator):
        return clamped_chain(module.averaged_net, x, missing, n_steps, generator)

    def _path(self, net):
        return BernoulliPath(net, torch.from_numpy(self._top_base).to(net.weight))

    def _enumerable_units(self):
        return min(map(len, self.components_[-2:]))

    def _exact_partition(self):
        top = self._net.top
        W, b, c = (p.double().numpy() for p in (top.weight, top.visible_bias, top.hidden_bias))
        return labeled_log_partition(W, b, c, top.n_classes)

    def _label_probabilities(self, module, x):
        return module.averaged_net.classify(x)
