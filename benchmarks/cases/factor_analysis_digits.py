"""Factor analysis of the standardized digits, where noise variances run to zero."""

from benchmarks import datasets
from benchmarks.cases import _factor
from benchmarks.core import Bound, Case


def load(setup):
    return datasets.standardized_digits(), 20


CASE = Case(
    title="Factor analysis, standardized digits, k = 20",
    family="Linear-Gaussian",
    description=(
        "The 58 pixels with sd above 0.05: two of them have almost no noise of their own (Heywood "
        "cases). Training nats a row. scikit-learn runs once, with the exact SVD, at tol=1e-8."
    ),
    load=load,
    evaluate=_factor.evaluate,
    contenders=[
        _factor.ours(),
        _factor.sklearn(
            tol=1e-8, max_iter=20_000, svd_method="lapack", repeats=1, warm_up=False, slow=True
        ),
    ],
    objective="log-likelihood",
    digits=5,
    repeats=15,
    assertions=[
        Bound("skgen", "log-likelihood", at_least=-62.9825),
        Bound("skgen", "seconds", at_most=0.1),
    ],
)
