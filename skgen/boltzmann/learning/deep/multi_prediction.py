"""Multi-prediction training of deep Boltzmann machines: parts of rows from all others.

Mean field with some features unknown, step after step, is a network that predicts them, and all of
its layers share the weights of the machine. Backpropagation through the steps trains it to predict
any features from any others (Goodfellow, Mirza, Courville & Bengio 2013, Multi-prediction deep
Boltzmann machines, NIPS): without chains, and without layers trained before.
"""

import torch
from torch.nn import functional as F

from skgen.nets.averaging import averager
from skgen.nets.boltzmann.rbm import draw_bits
from skgen.training import Phase, Stage, adam

LEARNING_RATE = 6e-3  # of Adam, whose steps the mean of the weights settles
ALL_UPDATES = 1.0  # the mean of the weights forgets the first updates alone


class PredictionLoss:
    """``loss(x, generator)``: mean cross-entropy of features that are taken for missing, in nats.

    Each row misses features by the toss of a coin, whose odds are drawn for the row, so that few
    and many are predicted. They start at ``means`` (d,), and each of ``n_steps`` steps of mean
    field counts alike: the last alone would let the machine settle only there. Hidden states of
    the rows are left in ``chains``, if given, for draws of the machine to start from.
    """

    def __init__(self, net, means, n_steps, chains=None):
        self.net, self.means, self.n_steps, self.chains = net, means, n_steps, chains

    def __call__(self, x, generator):
        """Cross-entropy a missing feature, mean over the steps."""
        missing = draw_missing(x, generator)
        start = torch.where(missing, self.means, x)
        # Without any, which happens to a row or two, nothing is lost.
        weight = missing.to(x) / (self.n_steps * missing.sum().clamp(min=1))
        loss = x.new_zeros(())
        for log_odds in self.net.completed(start, missing, self.n_steps):
            of_features = log_odds[:, : x.shape[1]]
            loss = loss + F.binary_cross_entropy_with_logits(
                of_features, x, weight, reduction="sum"
            )
        if self.chains is not None:
            self._leave_states(x, generator)
        return loss

    @torch.no_grad()
    def _leave_states(self, x, generator):
        x = x[: len(self.chains)]
        even, _ = self.net.mean_field(0, x, 1)
        self.chains[: len(x)] = draw_bits(self.net.hidden_input(even), generator)


def draw_missing(x, generator):
    """Which features of rows x (n, d) are to be predicted, by a fraction drawn for each row."""
    where = {"generator": generator, "device": x.device, "dtype": x.dtype}
    return torch.rand(x.shape, **where) < torch.rand((len(x), 1), **where)


def multi_prediction_stage(estimator, state):
    """Stage that trains all layers of a deep machine together, by Adam."""
    net = state.net
    means = torch.from_numpy(estimator._means).to(net.weight)
    n_steps = estimator.n_mean_field_steps
    weight, *biases = net.parameters()
    groups = [
        {"params": [weight], "weight_decay": estimator.weight_decay},
        {"params": biases},
    ]
    rate = estimator.learning_rate
    optimizer = adam(groups, LEARNING_RATE if rate == "auto" else rate)
    average = averager(state.averaged_net, net, state.n_steps, ALL_UPDATES)

    @torch.no_grad()
    def after():
        net.weight.mul_(net.mask)
        average()

    loss = PredictionLoss(net, means, n_steps, state.chains[-1])
    phase = Phase("prediction", loss, optimizer, after=after)
    return Stage([phase], monitor=PredictionLoss(state.averaged_net, means, n_steps))
