"""Imputing the measures of letters that are missing where another measure is large."""

import numpy as np

from benchmarks import datasets
from benchmarks.cases import _imputation
from benchmarks.core import Case, Compare


def load(setup):
    X = datasets.letter()
    holes = np.zeros(X.shape, dtype=bool)
    # The second column of each pair is complete and hides the first.
    holes[:, ::2] = X[:, 1::2] > np.quantile(X[:, 1::2], 0.7, axis=0)
    n = 500 if setup.quick else None
    return _imputation.with_holes(X[:n], holes[:n])


CASE = Case(
    title="Imputation, letter, missing where another column is large",
    family="ICA, SFA, autoregressive",
    description=(
        "Error of the filled cells of 20000 rows of 16 columns scaled to [0, 1]: a column of each "
        "pair is missing where the other exceeds its 70 % quantile; all at their defaults but for "
        "the mixture, whose sizes served further hidden cells. bias: "
        "error of a column's filled mean, in the worst column."
    ),
    load=load,
    evaluate=_imputation.evaluate,
    contenders=_imputation.contenders(),
    objective="RMSE",
    repeats=1,
    threads=1,
    assertions=[
        Compare(_imputation.OURS, rival, on="RMSE", better="lower") for rival in _imputation.RIVALS
    ],
)
