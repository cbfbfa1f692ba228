"""The rank-sum test of scores, exact in folds that were scored by what came before them."""

import numpy as np
from scipy.stats import norm, rankdata


def rank_sum(scores, positive):
    """Rank sum of the positive scores less its mean under the null hypothesis, and its variance.

    The variance is that of all orders of the labels, given the scores with their ties.
    """
    ranks = rankdata(scores)
    n, n_positive = len(ranks), int(positive.sum())
    excess = ranks[positive].sum() - n_positive * (n + 1) / 2
    return float(excess), float(n_positive * (n - n_positive) / n * ranks.var(ddof=1))


def auc(scores, positive):
    """Probability that a positive score is greater than another, ties counting half."""
    pairs = int(positive.sum()) * int((~positive).sum())
    return rank_sum(scores, positive)[0] / pairs + 0.5


def combined_p_value(folds):
    """One-sided p-value that positives rank high, from (weight, excess, variance) of each fold.

    Each fold's ranks must be independent of those of the others under the null hypothesis.
    """
    weight, excess, variance = np.array(folds, dtype=float).T
    total = float((weight**2 * variance).sum())
    return float(norm.sf((weight * excess).sum() / np.sqrt(total))) if total > 0 else 1.0
