"""Deep belief network: layers trained one by one, with a machine at the top."""

from itertools import pairwise

import numpy as np
import torch

from skgen.base.data_range import (
    column_scales,
    looks_binary,
    noise_floors,
    warn_outside_unit_interval,
)
from skgen.base.parameters import COUNT, NATURAL, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.belief_machine import BeliefMachine
from skgen.boltzmann.dbn_verbs import DBNVerbs
from skgen.boltzmann.label_verbs import LabelVerbs
from skgen.boltzmann.learning.gradient import bernoulli_phase
from skgen.boltzmann.learning.hybrid_gradient import labeled_phase
from skgen.boltzmann.learning.layerwise import PassedUp, gaussian_layer, layer_stage
from skgen.boltzmann.learning.state import (
    LEAST_PATIENCE,
    Machine,
    data_means,
    draw_normal_,
    new_chains,
)
from skgen.boltzmann.learning.wake_sleep import up_down_stage
from skgen.boltzmann.parameters import MachineParameters, check_layers
from skgen.nets.boltzmann.rbm import RBM, GaussianRBM

N_BASE_ROWS = 2000


def _phase_of(net):
    """Function that makes the training phase of a layer."""
    if isinstance(net, GaussianRBM):
        return gaussian_layer
    return labeled_phase if net.n_classes else bernoulli_phase


class DeepBeliefNetwork(LabelVerbs, DBNVerbs, MachineParameters, TorchEstimator):
    """Density of rows by several layers of hidden binary units, trained one by one.

    The top two layers are a restricted Boltzmann machine, the lower ones are drawn downwards
    from it::

        p(x) = sum_h p(x | h_1) p(h_1 | h_2) ... p(h_L-1),   p(h_L-1) that of the machine
        log p(x) >= E_q log p(x, h) - log q(h | x),          q from the layers' own way up

    Each layer is a machine that learns the states which the layers below it make of the data,
    so that the bound need not fall (Hinton, Osindero & Teh 2006). ``n_finetune_iter`` then
    trains all of them together, with separate weights upwards and downwards.

    With ``use_labels`` the machine at the top also holds the label of each row: the network
    then classifies, and draws rows of a class. Beside log p(h_L-1, y) the top then raises
    ``discriminative_weight`` times log p(y | h_L-1), which the joint density alone hardly
    minds: it is one of hundreds of terms (Larochelle & Bengio 2008).

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
        Its step.
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
        Epochs; "auto" takes as many as make 5 000 updates a layer.
        Early stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
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
    layer 0.6 of that; for a Gaussian lowest layer it is 2 / n_units, at most 0.1. Such a layer
    takes a share 5 / n_units of a ``learning_rate`` that is given, at most a quarter.

    With ``use_labels`` the weights of a Gaussian layer start with a standard deviation of
    n_units^-1/2 at least: small ones all turn towards the widest direction of few features, and a
    narrower one that tells the classes apart is lost.

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

    hidden_layer_sizes: tuple = param("array-like", default=(128, 128), kw_only=False)
    visible: str = param(one_of("auto", "binary", "gaussian"), default="auto")
    use_labels: bool = param("boolean", default=False)
    discriminative_weight: float = param(NON_NEGATIVE, default=20.0)
    n_finetune_iter: int = param(NATURAL, default=0)
    finetune_learning_rate: float = param(POSITIVE, default=0.02)
    centered: bool = param("boolean", default=True)
    negative_phase: str = param(one_of("pcd", "cd"), default="pcd")
    n_score_samples: int = param(COUNT, default=64)

    # The gradients of the layers are written by hand, in float32.
    precision = "float32"
    compile = False
    sparsity_target = None
    _n_updates = 5000
    _least_patience = LEAST_PATIENCE
    _architecture = ("hidden_layer_sizes", "visible", "use_labels", "n_finetune_iter", "n_chains")

    def _inspect(self, X):
        check_layers(self.hidden_layer_sizes, "DeepBeliefNetwork", at_least=2)
        self.visible_ = self.visible
        if self.visible == "auto":
            self.visible_ = "binary" if looks_binary(X) else "gaussian"
        if self.visible_ == "gaussian":
            self._means, unit = column_scales(X)
            self._noise_floor = noise_floors(X, self._means, unit)
            return self._means, unit
        warn_outside_unit_interval(X, 'visible="binary"', 'visible="gaussian"')
        self._means = data_means(X)
        return 0.0, 1.0

    def _build(self, n_features):
        sizes = [n_features, *self.hidden_layer_sizes]
        nets = [RBM(d, k) for d, k in pairwise(sizes[:-1])]
        if self.visible_ == "gaussian":
            nets[0] = GaussianRBM(*sizes[:2])
        else:
            nets[0].visible_bias.data.copy_(torch.logit(torch.from_numpy(self._means)))
        n_classes = len(self.classes_) if self.use_labels else 0
        nets.append(RBM(sizes[-2] + n_classes, sizes[-1], n_classes))
        layers = []
        for net in nets:
            draw_normal_(net.weight, self._initial_scale(net))
            layers.append(Machine(net, new_chains(1, self.n_chains, len(net.weight))))
        return BeliefMachine(layers, fine_tuned=self.n_finetune_iter > 0)

    def _initial_scale(self, net):
        """Standard deviation of a layer's first weights."""
        if not (self.use_labels and isinstance(net, GaussianRBM)):
            return self.init_scale
        # Small weights all turn towards the widest direction of few features.
        return max(self.init_scale, len(net.weight) ** -0.5)

    def _stages(self, machine):
        d = self._built_for["n_features"]
        stages = [
            layer_stage(self, layer, _phase_of(layer.moving), PassedUp(machine, number, d))
            for number, layer in enumerate(machine.layers)
        ]
        if self.n_finetune_iter:
            stages.append(up_down_stage(self, machine, d))
        return stages

    def _finish(self, X):
        self._forget_partition()
        net = self.module_.net()
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
        means = self._apply(lambda m, x: m.net().up_means(x), self._standardize(some))
        base = torch.logit(torch.from_numpy(data_means(means)))
        n_classes = self.module_.net().top.n_classes
        return torch.cat([base, torch.zeros(n_classes)]).float().numpy()
