"""Factor analysis against scikit-learn's on drawn factor data, at a loose and a tight tolerance."""

from benchmarks import datasets
from benchmarks.cases import _factor
from benchmarks.core import Case, Compare, Speedup

LOOSE, TIGHT = "scikit-learn, tol 1e-2", "scikit-learn, tol 1e-8"


def load(setup):
    return datasets.factor_data(2000 if setup.quick else 20_000, dtype="float64"), 16


CASE = Case(
    title="Factor analysis, 20000 x 256, k = 16",
    family="Linear-Gaussian",
    description="Maximum-likelihood fit on rows drawn from a factor model; training nats a row.",
    load=load,
    evaluate=_factor.evaluate,
    contenders=[
        _factor.ours(tol=1e-8),
        _factor.sklearn(LOOSE, tol=1e-2, repeats=5),
        _factor.sklearn(TIGHT, tol=1e-8, repeats=5, warm_up=False),
    ],
    objective="log-likelihood",
    digits=8,
    repeats=15,
    assertions=[
        Speedup("skgen", over=LOOSE, at_least=30.0),
        Speedup("skgen", over=TIGHT, at_least=30.0),
        Compare("skgen", LOOSE, on="log-likelihood"),
        # Both stand at the same maximum; 1e-10 nats is the rounding of the evaluation.
        Compare("skgen", TIGHT, on="log-likelihood", slack=1e-10),
    ],
)
