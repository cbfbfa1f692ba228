"""Red wine: a mixture of factor analyzers, its sizes chosen, against a mixture of Gaussians."""

from benchmarks import datasets
from benchmarks.cases import _tables
from benchmarks.core import Bound, Case, Compare, Contender


def load(setup):
    X = datasets.red_wine()
    return _tables.standardized_folds(X[:300] if setup.quick else X, 1 if setup.quick else 3)


def ours(data, seed):
    from skgen import MixtureOfFactorAnalyzers

    return [MixtureOfFactorAnalyzers(random_state=seed).fit(train) for train, _ in data["folds"]]


CASE = Case(
    title="Density of red wine by mixtures",
    family="Linear-Gaussian",
    description="Nats a held-out row, mean over three of five folds, columns standardized, and the "
    "time of three fits, each with the choice of its sizes.",
    load=load,
    evaluate=_tables.held_out_nats,
    contenders=[
        Contender("skgen", ours, repeats=1, warm_up=False),
        Contender("GaussianMixture", _tables.fit_mixture, repeats=1, warm_up=False),
    ],
    objective="held-out nats",
    digits=2,
    threads=1,
    assertions=[
        Bound("skgen", "held-out nats", at_least=-10.0),
        Compare("skgen", "GaussianMixture", on="held-out nats"),
    ],
)
