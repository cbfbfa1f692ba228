"""What training holds: the weights that move, their running mean, and the chains."""

import copy

import torch
from torch import nn

from skgen.nets.boltzmann.dbn import DBN
from skgen.training.averaged_sgd import AveragedSGD

SMALL_WEIGHTS = 0.01
WEIGHT_DECAY = 1e-4


class TrainingState(nn.Module):
    """A machine twice, and hidden states of its Gibbs chains.

    ``net`` follows the gradient; ``averaged_net`` is its running mean, and what a fitted
    estimator uses. Both are kept, so that a later call can go on where one stopped. ``layers``
    are the states of single layers, where those are trained first.
    """

    def __init__(self, net, chains, layers=()):
        super().__init__()
        self.net, self.averaged_net = net, copy.deepcopy(net).requires_grad_(False)
        # (n_temperatures, n_chains, k)
        self.register_buffer("chains", chains)
        self.register_buffer("n_steps", torch.zeros((), dtype=torch.int64))
        self.layers = nn.ModuleList(layers)

    def resize_chains(self, n_temperatures, n_chains):
        """Start the chains anew where another number of them is wanted."""
        if self.chains.shape[:2] != (n_temperatures, n_chains):
            chains = new_chains(n_temperatures, n_chains, self.chains.shape[2])
            self.chains = chains.to(self.chains.device)


class DBNState(nn.Module):
    """A ``TrainingState`` for each layer, and two copies of the network where it is fine-tuned.

    Layer by layer, a machine's weights serve both ways. Fine-tuning starts from them and lets
    recognition and generation part: ``tuned["net"]`` follows the gradient, and
    ``tuned["averaged_net"]`` is its running mean.
    """

    def __init__(self, layers, *, fine_tuned):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.tuned = None
        if fine_tuned:
            net = copy.deepcopy(self.tied())
            # Two ways, two sets of weights.
            net.recognition = copy.deepcopy(net.recognition)
            averaged_net = copy.deepcopy(net)
            self.tuned = nn.ModuleDict({"net": net.requires_grad_(), "averaged_net": averaged_net})
        self.register_buffer("n_tuning_steps", torch.zeros((), dtype=torch.int64))

    def tied(self):
        """The network in which each layer's weights serve both ways."""
        *lower, top = [layer.averaged_net for layer in self.layers]
        return DBN(lower, lower, top)

    @property
    def averaged_net(self):
        """The network that a fitted estimator uses."""
        return self.tied() if self.tuned is None else self.tuned["averaged_net"]

    @property
    def n_steps(self):
        """Updates of each layer."""
        return self.layers[0].n_steps

    @property
    def chains(self):
        """Hidden states of the machine at the top."""
        return self.layers[-1].chains

    def up_to(self, number):
        """``function(x)``: probabilities of the units that layer ``number`` sees."""
        lower = [layer.averaged_net for layer in self.layers[:number]]
        return DBN(lower, lower, None).up_means

    @torch.no_grad()
    def untie(self):
        """Start fine-tuning at the weights of the layers."""
        weights = self.tied().state_dict()
        for net in self.tuned.values():
            net.load_state_dict(weights)
        self.n_tuning_steps.zero_()


def make_optimizer(estimator, state, learning_rate):
    """Optimizer of a machine, its weights decaying and its biases not."""
    weight, *others = state.net.parameters()
    groups = [
        {"params": [weight], "weight_decay": chosen_weight_decay(estimator)},
        {"params": others},
    ]
    averages = list(state.averaged_net.parameters())
    return AveragedSGD(groups, averages, state.n_steps, learning_rate, estimator.momentum)


def chosen_learning_rate(estimator, net, highest):
    """The learning rate that was asked for; "auto" is the net's own, at most ``highest``."""
    if estimator.learning_rate != "auto":
        return estimator.learning_rate
    return net.automatic_learning_rate(highest)


def chosen_weight_decay(estimator, automatic=WEIGHT_DECAY):
    """The decay of the weights that was asked for, or what "auto" stands for."""
    return automatic if estimator.weight_decay == "auto" else estimator.weight_decay


def data_means(total, n_rows):
    """Mean of each binary feature, (d,) float64, strictly between 0 and 1, from its sum."""
    # Half a row of each kind keeps the log-odds of constant features finite.
    return (total.clip(0, n_rows) + 0.5) / (n_rows + 1)


def log_odds(means):
    """Biases at which independent units have these means (d,), float32."""
    return torch.logit(torch.from_numpy(means)).float()


def n_parallel(params):
    """Temperatures, and chains at each of them, that an estimator's parameters ask for."""
    return params.n_temperatures if params.negative_phase == "pt" else 1, params.n_chains


def new_chains(n_temperatures, n_chains, n_hidden, generator=None):
    """Hidden states by the toss of a coin."""
    shape = n_temperatures, n_chains, n_hidden
    return (torch.rand(shape, generator=generator, dtype=torch.float32) < 0.5).float()


def small_scale(init_scale):
    """Standard deviation of small initial weights; "auto" is the usual one (Hinton 2012)."""
    return SMALL_WEIGHTS if init_scale == "auto" else init_scale


def draw_normal_(weight, scale):
    """Fill weights with draws from N(0, scale^2)."""
    with torch.no_grad():
        return weight.normal_(0, scale)
