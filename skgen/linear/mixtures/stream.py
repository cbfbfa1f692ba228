"""A step of incremental EM of a mixture, from what its moments keep of earlier rows."""

from typing import NamedTuple

import numpy as np

from skgen.kernels.mixtures import em
from skgen.kernels.mixtures.expected import Expected
from skgen.kernels.mixtures.model import by_weight
from skgen.kernels.mixtures.moments import ClusterMoments, merged, weighted_moments


class Kept(NamedTuple):
    """What later rows are added to, in units of the columns."""

    offset: np.ndarray  # (d,)
    scale: np.ndarray  # (d,)
    unit: np.ndarray  # (d,), variances of which the noise is a fraction at least
    expected: Expected
    moments: ClusterMoments


def kept(rows, mixture, canonical, rule, offset, scale):
    """Of complete rows and of their mixture, whose clusters are sorted in ``canonical``."""
    R, _ = em.expectation(rows.prepared, canonical, rule)
    moments = weighted_moments(rows.Y, R * rows.weight[:, None])
    return Kept(offset, scale, rows.unit, rows.expected.of(by_weight(mixture)), moments)


def _of_earlier(moments):
    """The same of models that were saved when all clusters were expected to have one covariance."""
    offset, scale, unit, covariance, *seen = moments
    root = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(*[np.where(root > 0, root, 1.0)] * 2)
    np.fill_diagonal(correlation, 1.0)
    expected = Expected(correlation, np.tile(root, (len(seen[0]), 1)))
    return Kept(offset, scale, unit, expected, ClusterMoments(*seen))


def added(X, weight, mixture, seen, rule):
    """The mixture and what is kept after rows X (n, d), and their log-likelihood in nats."""
    weight = np.ones(len(X)) if weight is None else weight
    seen = seen if isinstance(seen, Kept) else _of_earlier(seen)
    offset, scale = seen.offset, seen.scale
    Y, rule = (X - offset) / scale, rule.among(seen.expected, seen.unit)
    mixture = mixture.scaled(-offset / scale, 1 / scale)
    R, log_density = em.expectation(Y, mixture, rule)
    moments = merged(seen.moments, weighted_moments(Y, R * weight[:, None]))
    mixture = em.from_moments(moments, mixture, rule).scaled(offset, scale)
    log_likelihood = float(weight @ log_density - weight.sum() * np.log(scale).sum())
    return mixture, seen._replace(moments=moments), log_likelihood
