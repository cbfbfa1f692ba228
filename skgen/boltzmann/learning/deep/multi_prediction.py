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
from skgen.workers import workers

HIGHEST_LEARNING_RATE = 0.02  # of Adam, whose steps the mean of the weights settles
WEIGHT_DECAY = 0.1  # hardly changes what is predicted, but keeps the density from falling apart
ALL_UPDATES = 1.0  # the mean of the weights forgets the first updates alone


class PredictionLoss:
    """``loss(x, generator)``: mean cross-entropy of features that are taken for missing, in nats.

    Each row misses features by the toss of a coin, whose odds are drawn for the row, so that few
    and many are predicted. They start at ``means`` (d,), and each of ``n_steps`` steps of mean
    field counts alike: the last alone would let the machine settle only there.

    Half of the labels that stand behind the features are predicted, too, half of these with all
    features known, as of a row to classify. ``label_weight`` times their mean cross-entropy is
    added; rows in which no label is on have none.
    """

    def __init__(self, net, means, n_steps, label_weight=1.0):
        self.net, self.means, self.n_steps = net, means, n_steps
        self.label_weight = label_weight

    def __call__(self, x, generator):
        """Cross-entropy a missing feature, mean over the steps, and that of the labels."""
        d = len(self.means)
        features, labels = x[:, :d], x[:, d:]
        missing = draw_missing(features, generator)
        if self.net.n_classes:
            known = labels.sum(1, keepdim=True) > 0
            asked = known & draw_missing(known, generator)
            missing = missing & ~(asked & draw_missing(known, generator))
            missing = torch.cat([missing, (asked | ~known).expand_as(labels)], 1)
            of_labels = self.label_weight * self._shares(asked)
        of_features = self._shares(missing[:, :d])
        start = torch.cat([torch.where(missing[:, :d], self.means, features), labels], 1)
        loss = x.new_zeros(())
        for log_odds in self.net.completed(start, missing, self.n_steps):
            loss = loss + F.binary_cross_entropy_with_logits(
                log_odds[:, :d], features, of_features, reduction="sum"
            )
            if self.net.n_classes:
                log_p = torch.log_softmax(log_odds[:, -self.net.n_classes :], 1)
                loss = loss - (log_p * labels * of_labels).sum()
        return loss

    def _shares(self, predicted):
        """Weight of each unit in the mean over those predicted, and over the steps."""
        # Without any, which happens to a row or two, nothing is lost.
        n_predicted = workers().own_part(predicted.sum().clamp(min=1))
        return predicted.to(self.means) / (self.n_steps * n_predicted)


def draw_missing(x, generator):
    """Which columns of rows x (n, d) are to be predicted, by a fraction drawn for each row."""
    where = {"generator": generator, "device": x.device, "dtype": torch.float32}
    return torch.rand(x.shape, **where) < torch.rand((len(x), 1), **where)


def multi_prediction_stage(estimator, state):
    """Stage that trains all layers of a deep machine together, by Adam."""
    net = state.net
    means = torch.from_numpy(estimator._means).to(net.weight)
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

    how = means, estimator.n_mean_field_steps, estimator.discriminative_weight
    phase = Phase("prediction", PredictionLoss(net, *how), optimizer, after=after)
    return Stage([phase], monitor=PredictionLoss(state.averaged_net, *how))
