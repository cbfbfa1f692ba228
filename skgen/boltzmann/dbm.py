"""Deep Boltzmann machine: layers of binary units that see each other in both directions."""

from itertools import pairwise
from numbers import Real

import torch

from skgen.base.data_range import warn_outside_unit_interval
from skgen.base.sklearn_compat import Interval
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TRAINING_ATTRIBUTES, document
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
from skgen.boltzmann.parameters import (
    COUNT,
    DEEP_CONSTRAINTS,
    MACHINE_CONSTRAINTS,
    MACHINE_PARAMETERS,
    check_layers,
)
from skgen.nets.boltzmann.dbm import DBM, assemble
from skgen.nets.boltzmann.rbm import RBM
from skgen.training import GradientPhase, Stage


@document(
    machine_parameters=MACHINE_PARAMETERS
    % {
        "n_gibbs_steps": 5,
        "learning_rate": 'float or "auto" (at most 0.3, see Notes), default="auto"',
        "weight_decay": "1e-4",
        "n_updates": "5 000 updates",
    },
    training_attributes=TRAINING_ATTRIBUTES,
)
class DeepBoltzmannMachine(DBMVerbs, TorchEstimator):
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
    %(machine_parameters)s

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
    %(training_attributes)s

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
    _parameter_constraints: dict = {
        **DEEP_CONSTRAINTS,
        "negative_phase": MACHINE_CONSTRAINTS["negative_phase"],
        "n_temperatures": MACHINE_CONSTRAINTS["n_temperatures"],
        "pretrain": ["boolean"],
        "n_mean_field_steps": [COUNT],
        "mean_field_tol": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        hidden_layer_sizes=(128, 128),
        *,
        pretrain=False,
        centered=True,
        n_mean_field_steps=5,
        mean_field_tol=1e-6,
        negative_phase="pcd",
        n_gibbs_steps=5,
        n_chains=100,
        n_temperatures=10,
        init_scale=0.01,
        momentum=0.0,
        batch_size=100,
        learning_rate="auto",
        learning_rate_schedule="constant",
        weight_decay=1e-4,
        max_iter="auto",
        n_ais_chains=100,
        n_ais_steps=1000,
        sample_start="data",
        n_burn_in=1000,
        n_thinning=100,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        tol=1e-4,
        warm_start=False,
        random_state=None,
        verbose=False,
        device="auto",
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.pretrain = pretrain
        self.centered = centered
        self.n_mean_field_steps = n_mean_field_steps
        self.mean_field_tol = mean_field_tol
        self.negative_phase = negative_phase
        self.n_gibbs_steps = n_gibbs_steps
        self.n_chains = n_chains
        self.n_temperatures = n_temperatures
        self.init_scale = init_scale
        self.momentum = momentum
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.weight_decay = weight_decay
        self.max_iter = max_iter
        self.n_ais_chains = n_ais_chains
        self.n_ais_steps = n_ais_steps
        self.sample_start = sample_start
        self.n_burn_in = n_burn_in
        self.n_thinning = n_thinning
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
        self.device = device

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
