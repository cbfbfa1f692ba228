"""Multi-prediction training of deep Boltzmann machines: parts of rows from all others.

Mean field with some features unknown, step after step, is a network that predicts them, and all of
its layers share the weights of the machine. Backpropagation through the steps trains it to predict
any features from any others (Goodfellow, Mirza, Courville & Bengio 2013, Multi-prediction deep
Boltzmann machines, NIPS): without chains, and without layers trained before.
"""

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.state import chosen_weight_decay
from skgen.nets.averaging import averager
from skgen.training import Phase, Stage, adam

HIGHEST_LEARNING_RATE = 0.02  # of Adam, whose steps the mean of the weights settles
WEIGHT_DECAY = 0.1  # hardly changes what is predicted, but keeps the density from falling apart
ALL_UPDATES = 1.0  # the mean of the weights forgets the first updates alone


class PredictionLoss:
    """``loss(x, generator)``: mean cross-entropy of features that are taken for missing, in nats.

    Each row misses features by the toss of a coin, whose odds are drawn for the row, so that few
    and many are predicted. They start at ``means`` (d,), and each of ``n_steps`` steps of mean
    field counts alike: the last alone would let the machine settle only there.
    """

    def __init__(self, net, means, n_steps):
        self.net, self.means, self.n_steps = net, means, n_steps

    def __call__(self, x, generator):
        """Cross-entropy a missing feature, mean over the steps."""
        missing = draw_missing(x, generator)
        start = torch.where(missing, self.means, x)
        # Without any, which happens to a row or two, nothing is lost.
        weight = missing.to(x) / (self.n_steps * missing.sum().clamp(min=1))
        loss = x.new_zeros(())
        for log_odds in self.net.completed(start, missing, self.n_steps):
            loss = loss + _cross_entropy(log_odds[:, : x.shape[1]], x, weight)
        return loss


def _cross_entropy(log_odds, x, weight):
    return F.binary_cross_entropy_with_logits(log_odds, x, weight, reduction="sum")


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
    decay = chosen_weight_decay(estimator, WEIGHT_DECAY)
    groups = [{"params": [weight], "weight_decay": decay}, {"params": biases}]
    rate = estimator.learning_rate
    if rate == "auto":
        # The more units there are, the more steps add up.
        rate = min(HIGHEST_LEARNING_RATE, 0.07 / len(net.hidden_bias) ** 0.5)
    optimizer = adam(groups, rate)
    average = averager(state.averaged_net, net, state.n_steps, ALL_UPDATES)

    @torch.no_grad()
    def after():
        net.weight.mul_(net.mask)
        average()

    loss = PredictionLoss(net, means, n_steps)
    phase = Phase("prediction", loss, optimizer, after=after)
    return Stage([phase], monitor=PredictionLoss(state.averaged_net, means, n_steps))
