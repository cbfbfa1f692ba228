"""Accuracy of a classifier behind an imputer, on questionnaires and on wines with holes."""

from functools import partial

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender

HOLES = {"bfi": 0.2, "wine": 0.4}
N_REPEATS = {"bfi": 1, "wine": 3}


def load(setup):
    """For each table its rows with holes, the same without, and the classes."""
    from sklearn.datasets import load_wine

    tables = {"bfi": (datasets.bfi()[0], datasets.bfi_age_group())}
    tables["wine"] = load_wine(return_X_y=True)
    found = {}
    for name, (X, y) in tables.items():
        rng = np.random.RandomState(0)
        rows = rng.permutation(len(X))[: 100 if setup.quick else None]
        X, y = X[rows], y[rows]
        found[name] = np.where(rng.rand(*X.shape) < HOLES[name], np.nan, X), X, y
    return found


def accuracies(make_classifier, data, seed, *, whole=False):
    """Mean accuracy of ``make_classifier(seed)`` in five folds of each table."""
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score

    found = {}
    for name, (gaps, X, y) in data.items():
        folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=N_REPEATS[name], random_state=0)
        rows = X if whole else gaps
        found[name] = cross_val_score(make_classifier(seed), rows, y, cv=folds).mean()
    return found


def behind(make_imputer, seed):
    """Logistic regression behind an imputer."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        make_imputer(seed), StandardScaler(), LogisticRegression(C=0.1, max_iter=2000)
    )


def network(seed):
    from skgen import GenerativeImputer

    return GenerativeImputer(random_state=seed)


def factors(seed):
    from skgen import FactorAnalysis, GenerativeImputer

    return GenerativeImputer(FactorAnalysis(), random_state=seed)


def iterative(seed):
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    return IterativeImputer(max_iter=30, random_state=seed)


def chained_trees(seed):
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    return IterativeImputer(HistGradientBoostingRegressor(random_state=seed), random_state=seed)


def neighbors(seed):
    from sklearn.impute import KNNImputer

    return KNNImputer()


def means(seed):
    from sklearn.impute import SimpleImputer

    return SimpleImputer()


def boosted(seed):
    """Trees that take the holes as they are."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=seed)


def contender(name, make_imputer, **options):
    """Contender of one imputer before the logistic regression."""
    run = partial(accuracies, partial(behind, make_imputer))
    return Contender(name, run, repeats=1, warm_up=False, **options)


OURS = "skgen GenerativeImputer"
THEIRS = {"package": "scikit-learn", "module": "sklearn"}
SIMPLE = ("IterativeImputer", "KNNImputer", "SimpleImputer")

CASE = Case(
    title="A classifier behind an imputer",
    family="ICA, SFA, autoregressive",
    description=(
        "Accuracy of logistic regression in five folds: the third of all ages that a person is in "
        "from 25 answers of bfi, of which 20 % more are taken out, and the kind of a wine of which "
        "40 % of the measures are (three repeats). No hole: the same rows before any was taken "
        "out, with the means for the answers that people left out."
    ),
    load=load,
    evaluate=lambda found, data: {f"accuracy {name}": found[name] for name in found},
    contenders=[
        contender(OURS, network, note="defaults"),
        contender("skgen GenerativeImputer(FactorAnalysis())", factors),
        contender("IterativeImputer of boosted trees", chained_trees, slow=True, **THEIRS),
        contender("IterativeImputer", iterative, **THEIRS),
        contender("KNNImputer", neighbors, **THEIRS),
        contender("SimpleImputer", means, note="means", **THEIRS),
        Contender(
            "HistGradientBoostingClassifier",
            partial(accuracies, boosted),
            note="no imputer",
            repeats=1,
            warm_up=False,
            **THEIRS,
        ),
        Contender(
            "no hole",
            partial(accuracies, partial(behind, means), whole=True),
            repeats=1,
            warm_up=False,
            **THEIRS,
        ),
    ],
    objective="accuracy bfi",
    repeats=1,
    threads=1,
    assertions=[
        Bound(OURS, "accuracy wine", at_least=0.9),
        *[
            Compare(OURS, rival, on=f"accuracy {table}", slack=0.01)
            for table in ("bfi", "wine")
            for rival in SIMPLE
        ],
    ],
)
