"""Deep Boltzmann machine: layers of binary units that see each other in both directions."""

from itertools import pairwise

import torch

from skgen.base.data_range import warn_outside_unit_interval
from skgen.base.parameters import COUNT, POSITIVE, param
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.dbm_verbs import DBMVerbs
from skgen.boltzmann.learning.dbm_pretraining import deep_step, pretraining_stages
from skgen.boltzmann.learning.layerwise import descent
from skgen.boltzmann.learning.mean_field_gradient import VariationalContrast, rebuilding_loss
from skgen.boltzmann.learning.negative_phase import make_negative_phase
from skgen.boltzmann.learning.state import (
    LEAST_PATIENCE,
    Machine,
    data_means,
    draw_normal_,
    new_chains,
)
from skgen.boltzmann.parameters import TemperedParameters, check_layers
from skgen.nets.boltzmann.dbm import DBM, assemble
from skgen.nets.boltzmann.rbm import RBM
from skgen.training import GradientPhase, Stage


class DeepBoltzmannMachine(DBMVerbs, TemperedParameters, TorchEstimator):
    """Density of binary rows by several layers of hidden binary units, trained together.

    The model for x = h_0 and layers h_1, ..., h_L, and the bound that training raises::

        p(h_0, ..., h_L) = exp(sum_l h_l b_l + sum_l h_l W_l h_l-1) / Z
        log p(x) >= E_q[sum_l h_l b_l + sum_l h_l W_l h_l-1] + H(q) - log Z,   q factorial

    The means of q settle by mean field, each layer given both its neighbors; what the model
    itself believes comes from Gibbs chains that alternate between even and odd layers
    (Salakhutdinov & Hinton 2009). The centered gradient trains all layers at once from small
    random weights; ``pretrain`` starts from machines that are trained layer by layer.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(128, 128)
        Units of the hidden layers from the lowest to the top.
    pretrain : bool, default=False
        Whether to train a machine for each layer first, the inputs from one side doubled.
    centered : bool, default=True
        Whether all layers are measured from the middle between data and model (Montavon &
        Muller 2012; Melchior, Fischer & Wiskott 2016).
    n_mean_field_steps : int, default=5
        Steps of mean field for each batch in training.
    mean_field_tol : float, default=1e-6
        Elsewhere mean field runs until no unit of a row moves by this.
    learning_rate : float or "auto" (at most 0.3, see Notes), default="auto"
        Step along the gradient of the mean log-likelihood.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : list of ndarray of shape (n_units, n_units_below)
        Weights W of each layer, the lowest first.
    intercepts_ : list of ndarray
        Biases b of each layer: of the features, then of each hidden layer.
    likelihood_kind_ : str
        "lower_bound": ``score_samples`` is the mean-field bound on the log-probability of each
        row, in nats.
    log_partition_ : float
        log Z in nats, computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where the odd or the even layers have at most 20 units.
    %(shared_attributes)s

    See Also
    --------
    BernoulliRBM : One layer, whose likelihood is exact up to log Z.
    DeepBeliefNetwork : Layers that are trained one by one.

    Notes
    -----
    ``learning_rate="auto"`` is 6.4 / n^0.75 for n units in the odd layers, and at most 0.3: the
    more units there are, the sooner a large step runs away.

    References
    ----------
    Salakhutdinov, R. & Hinton, G. (2009). Deep Boltzmann machines. AISTATS.

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

    hidden_layer_sizes: tuple = param("array-like", default=(128, 128), kw_only=False)
    pretrain: bool = param("boolean", default=False)
    centered: bool = param("boolean", default=True)
    n_mean_field_steps: int = param(COUNT, default=5)
    mean_field_tol: float = param(POSITIVE, default=1e-6)

    # The gradients are written by hand, in float32.
    precision = "float32"
    compile = False
    _n_updates = 5000
    _least_patience = LEAST_PATIENCE
    _architecture = (
        "hidden_layer_sizes",
        "pretrain",
        "negative_phase",
        "n_chains",
        "n_temperatures",
    )

    def _inspect(self, X):
        check_layers(self.hidden_layer_sizes, "DeepBoltzmannMachine", at_least=1)
        remedy = 'DeepBeliefNetwork(visible="gaussian")'
        warn_outside_unit_interval(X, "DeepBoltzmannMachine", remedy)
        self._means = data_means(X)
        return 0.0, 1.0

    def _build(self, n_features):
        sizes = [n_features, *self.hidden_layer_sizes]
        base = torch.logit(torch.from_numpy(self._means)).float()
        net = DBM(sizes)
        draw_normal_(net.weight.data, self.init_scale).mul_(net.mask)
        net.bias(0).data.copy_(base)
        n_temperatures = self.n_temperatures if self.negative_phase == "pt" else 1
        machine = Machine(net, new_chains(n_temperatures, self.n_chains, len(net.weight)))
        machine.layers = torch.nn.ModuleList()
        for below, above in pairwise(sizes) if self.pretrain else ():
            layer = RBM(below, above)
            draw_normal_(layer.weight, self.init_scale)
            machine.layers.append(Machine(layer, new_chains(1, self.n_chains, above)))
        if self.pretrain:
            machine.layers[0].moving.visible_bias.data.copy_(base)
        return machine

    def _stages(self, machine):
        optimizer = descent(self, machine, deep_step(self, machine))
        net = machine.average

        def monitor(x, generator):
            return rebuilding_loss(net, x, net.settle(0, x, self.n_mean_field_steps)[1])

        stages, prepare = [], None
        if self.pretrain and not int(machine.n_steps):
            stages = pretraining_stages(self, machine)
            prepare = _start_from_layers(machine)
        negative_phase = make_negative_phase(self, machine.chains, machine.moving)
        how = {"n_steps": self.n_mean_field_steps, "centered": self.centered}
        loss = VariationalContrast(machine.moving, negative_phase, **how)
        phase = GradientPhase("rebuilding", loss, optimizer)
        return [*stages, Stage([phase], monitor=monitor, prepare=prepare)]

    def _finish(self, X):
        self._forget_partition()
        net = self.module_.average
        numbers = range(len(net.sizes))
        self.components_ = [net.between(number).numpy().copy() for number in numbers[1:]]
        self.intercepts_ = [net.bias(number).numpy().copy() for number in numbers]


def _start_from_layers(machine):
    """``prepare()`` that puts the layers' weights into the deep machine."""

    @torch.no_grad()
    def prepare():
        for net in (machine.moving, machine.average):
            assemble(net, [layer.average for layer in machine.layers])

    return prepare
