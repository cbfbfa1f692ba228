"""Heads of a critic that recognize what a draw was made of."""

import math

import torch
from torch import nn

from skgen.nets.adversarial.gan_mlp import output_layer

LEAST_LOG_VARIANCE = -6.0  # codes that are recovered to a twentieth say no more
# Of the conditions beside rows and draws: by less a class may stay in the mode of another.
CONDITION_WEIGHT = 10.0
ENTROPY = 0.5 * math.log(2 * math.pi * math.e)  # of a standard normal code, in nats


class CodeRecognition(nn.Module):
    """Gaussian Q(c | x) of latent codes c, whose variances are the same for all rows.

    E log Q(c | x) and the entropy of c bound the mutual information of codes and rows from below
    (Chen et al. 2016).
    """

    def __init__(self, n_features, n_codes):
        super().__init__()
        self.mean = output_layer(n_features, n_codes)
        self.log_variance = nn.Parameter(torch.zeros(n_codes))

    def forward(self, features):
        """Means of the codes, shape (n, n_codes)."""
        return self.mean(features)

    def log_density(self, features, codes):
        """Log Q of each code in nats, shape (n, n_codes)."""
        log_variance = self.log_variance.clamp(min=LEAST_LOG_VARIANCE)
        squares = (codes - self.mean(features)).square() * torch.exp(-log_variance)
        return -0.5 * (squares + log_variance + math.log(2 * math.pi))


class ConditionRecognition(nn.Module):
    """Auxiliary classifier Q(y | x) of conditions (Odena et al. 2017), also of real numbers.

    Parameters
    ----------
    n_features : int
        Columns of the features.
    widths : list of int
        Columns of each block of the code, its flag "unknown" included.
    of_classes : list of bool
        Whether a block is that of classes; another holds numbers of unit variance.
    """

    def __init__(self, n_features, widths, of_classes):
        super().__init__()
        self.widths, self.of_classes = widths, of_classes
        self.linear = output_layer(n_features, sum(widths) - len(widths))

    def forward(self, features):
        """Logits of classes and means of numbers, (n, width without the flags)."""
        return self.linear(features)

    def loss(self, features, code):
        """Minus the mean log-probability of what is known of the conditions, in nats."""
        outputs = self.linear(features).split([width - 1 for width in self.widths], 1)
        total = features.new_zeros(())
        for out, block, is_class in zip(outputs, code.split(self.widths, 1), self.of_classes):
            value, known = block[:, :-1], 1 - block[:, -1]
            if is_class:
                each = -(value * out.log_softmax(1)).sum(1)
            else:
                each = 0.5 * (out - value).square().sum(1)
            total = total + (known * each).mean()
        return total


def add_recognition(critic, n_codes, n_categories, conditions):
    """Give a critic the heads that are asked for.

    ``conditions`` is the widths and kinds of the blocks of their code, or None.
    """
    if n_categories:
        head = ConditionRecognition(critic.n_units, [n_categories + 1], [True])
        critic.recognition["categories"] = head
    if n_codes:
        critic.recognition["codes"] = CodeRecognition(critic.n_units, n_codes)
    if conditions is not None:
        critic.recognition["conditions"] = ConditionRecognition(critic.n_units, *conditions)


def recovered(heads, features):
    """Probabilities of latent categories and means of codes, (n, n_categories + n_codes).

    The only one of a list, which is empty where nothing is recovered.
    """
    parts = [heads["categories"](features).softmax(1)] if "categories" in heads else []
    parts += [heads["codes"](features)] if "codes" in heads else []
    return [torch.cat(parts, 1)] if parts else []


def log_densities(heads, features, rows, n_components):
    """Log Q in nats of the category, if there is one, and of each code, (n, 1 + n_codes).

    ``rows`` are latent rows of ``n_components`` columns, with the code of the category behind.
    """
    parts = []
    if "categories" in heads:
        log_probabilities = heads["categories"](features).log_softmax(1)
        parts.append((log_probabilities * rows[:, n_components:-1]).sum(1, keepdim=True))
    if "codes" in heads:
        head = heads["codes"]
        parts.append(head.log_density(features, rows[:, : len(head.log_variance)]))
    return torch.cat(parts, 1)


def code_loss(heads, features, latent, categories, weight):
    """Weighted loss of the heads that recover latent rows and categories of draws, in nats."""
    loss = features.new_zeros(())
    if "categories" in heads:
        loss = loss + weight * heads["categories"].loss(features, categories)
    if "codes" in heads:
        head = heads["codes"]
        codes = latent[:, : len(head.log_variance)]
        loss = loss - weight * head.log_density(features, codes).sum(1).mean()
    return loss


def condition_loss(heads, features, conditions):
    """Weighted loss of the head that recognizes conditions, in nats."""
    if "conditions" not in heads:
        return features.new_zeros(())
    return CONDITION_WEIGHT * heads["conditions"].loss(features, conditions)
