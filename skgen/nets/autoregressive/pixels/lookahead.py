"""What known pixels to come say of those before them, by a Gaussian that stands for the model.

A particle filter knows of a hole only what comes before it. Its target is therefore twisted by
p_G(known values to come | values so far), which changes from value to value by

    p_G(x_i | x_<i, known) / p_G(x_i | x_<i)

at a hole and by 1 / p_G(x_i | x_<i) at a known value: it cancels at the end (Whiteley & Lee 2014).
"""

import torch

POWER = 0.75  # of the ratios, since the Gaussian is surer than it should be


class Gaussian:
    """Distributions of values in raster order given those before them.

    Parameters
    ----------
    mean : tensor of shape (d,)
        Means, in raster order.
    precision : tensor of shape (d, d)
        Inverse of the covariance, float64.
    """

    def __init__(self, mean, precision):
        self.mean, self.precision = mean, precision
        self.weight, self.own_precision = in_sequence(precision)

    def given(self, x, missing):
        """A ``Lookahead`` for rows x (n, d) of which some values are missing."""
        return Lookahead(self, x.double(), missing)


def in_sequence(precision):
    """Regressions of each variable on those before it (..., d, d), and its precision (..., d).

    By the factor of P = L' D L, with ones on the diagonal of L: the density is the product of
    N(x_i; mu_i - sum_(j < i) L_ij (x_j - mu_j), 1 / D_i).
    """
    factor = torch.linalg.cholesky(precision.flip(-1, -2)).flip(-1, -2)
    root = factor.diagonal(dim1=-2, dim2=-1)
    return -(factor.mT / root.unsqueeze(-1)).tril(-1), root.square()


class Lookahead:
    """Ratios of a Gaussian for rows with holes; of those that are known and all before.

    Parameters
    ----------
    gaussian : Gaussian
        Over all values.
    x : tensor of shape (n, d)
        Rows, float64.
    missing : tensor of shape (n, d)
        Which of their values are missing.
    """

    def __init__(self, gaussian, x, missing):
        self.gaussian = gaussian
        mean, precision = gaussian.mean, gaussian.precision
        n_holes = int(missing.sum(1).max())
        # (n, h): the holes of each row, and then others, which have no part in them.
        self.holes = torch.argsort((~missing).int(), dim=1, stable=True)[:, :n_holes]
        is_hole = missing.gather(1, self.holes)
        self.rank = missing.cumsum(1) - 1
        of_holes = precision[self.holes.unsqueeze(2), self.holes.unsqueeze(1)]
        both = is_hole.unsqueeze(2) & is_hole.unsqueeze(1)
        of_holes = torch.where(both, of_holes, torch.eye(n_holes).to(of_holes))
        known = torch.where(missing, 0.0, x - mean)
        pulled = torch.where(is_hole, (known @ precision).gather(1, self.holes), 0.0)
        self.mean = mean[self.holes] - torch.linalg.solve(of_holes, pulled)
        self.weight, self.own_precision = in_sequence(of_holes)

    def _before(self, x, i):
        """Mean and precision of a value given those before it, for rows x (m, d)."""
        gaussian = self.gaussian
        weight = gaussian.weight[i, :i]
        mean = gaussian.mean[i] + (x[:, :i] - gaussian.mean[:i].to(x)) @ weight.to(x)
        return mean, gaussian.own_precision[i]

    def of_known(self, x, i):
        """What a known value i adds to the logarithms of the weights of rows x (m, d)."""
        mean, precision = self._before(x, i)
        return -POWER * log_normal(x[:, i], mean, precision)

    def at_hole(self, x, owner, i):
        """Means and precisions (4, m) of the hole i of rows x (m, d), by the rows they are of.

        The first two are given all that is known and the holes before, the others all before.
        """
        mean, precision = self._before(x, i)
        number = self.rank[owner, i]
        deviation = x.gather(1, self.holes[owner]) - self.mean[owner]
        told = (self.weight[owner, number] * deviation).sum(1)
        given_known = self.mean[owner, number] + told, self.own_precision[owner, number]
        return torch.stack([*given_known, mean.double(), precision.expand_as(told)])


def of_candidates(values, mean, precision, mean_before, precision_before):
    """What values (m,) for a hole add, by rows of ``at_hole``."""
    told = log_normal(values, mean, precision)
    return POWER * (told - log_normal(values, mean_before, precision_before))


def log_normal(x, mean, precision):
    """Logarithm of the normal density, but for a constant."""
    return 0.5 * torch.log(precision) - 0.5 * precision * (x - mean).square()
