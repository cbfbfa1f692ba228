"""Breast cancer and two curved clouds: mixtures with their sizes chosen, against Gaussians."""

from functools import partial

from benchmarks.cases import _tables
from benchmarks.core import Bound, Case, Compare, Contender

TABLES = "breast cancer", "moons", "circles"


def load(setup):
    """The first three of five folds of each table, standardized."""
    from sklearn.datasets import load_breast_cancer, make_circles, make_moons

    n = 300 if setup.quick else 1000
    found = {
        "breast cancer": load_breast_cancer().data,
        "moons": make_moons(n, noise=0.05, random_state=0)[0],
        "circles": make_circles(n, noise=0.05, factor=0.5, random_state=0)[0],
    }
    n_folds = 1 if setup.quick else 3
    return {name: _tables.standardized_folds(X, n_folds) for name, X in found.items()}


def fit_ours(data, seed):
    from skgen import MixtureOfFactorAnalyzers

    return [MixtureOfFactorAnalyzers(random_state=seed).fit(train) for train, _ in data["folds"]]


def fit_gaussians(data, seed):
    """Mixtures of Gaussians, the number of components and the covariances by cross-validation."""
    from sklearn.mixture import GaussianMixture
    from sklearn.model_selection import GridSearchCV

    grid = {"n_components": [1, 2, 3, 5, 8, 12, 16, 24, 32], "covariance_type": ["full", "diag"]}
    model = GaussianMixture(reg_covar=1e-4, n_init=2, random_state=seed)
    return [GridSearchCV(model, grid, error_score=-1e9).fit(train) for train, _ in data["folds"]]


def on_table(data, seed, *, fit, table):
    return table, fit(data[table], seed)


def evaluate(result, data):
    table, models = result
    return _tables.held_out_nats(models, data[table])


CASE = Case(
    title="Densities of mixtures on three tables",
    family="Linear-Gaussian",
    description="Nats a held-out row, mean over three of five folds, columns standardized: breast "
    "cancer (569 x 30), two moons and two circles (1000 x 2, noise of 0.05). Ours with defaults; "
    "Gaussians of full or diagonal covariances and up to 32 components by cross-validation. The "
    "time is that of three fits with the choice of their sizes.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(
            f"{name}, {table}",
            partial(on_table, fit=fit, table=table),
            package=package,
            module=module,
            repeats=1,
            warm_up=False,
        )
        for table in TABLES
        for name, fit, package, module in (
            ("skgen", fit_ours, None, None),
            ("GaussianMixture", fit_gaussians, "scikit-learn", "sklearn"),
        )
    ],
    objective="held-out nats",
    digits=3,
    threads=1,
    assertions=[
        Bound("skgen, breast cancer", "held-out nats", at_least=-5.8),
        *[
            Compare(f"skgen, {table}", f"GaussianMixture, {table}", on="held-out nats")
            for table in TABLES
        ],
    ],
)
