"""Slow features of a quadratic mixture, against sklearn-sfa."""

import numpy as np

from benchmarks.core import Case, Compare, Contender, Speedup

N_COLUMNS = 30


def load(setup):
    """A slow and a fast wave that hide in products of mixed columns, and the slow one."""
    n = 2000 if setup.quick else 20_000
    rng = np.random.default_rng(setup.seed)
    t = np.linspace(0, 2 * np.pi, n)
    waves = np.column_stack([np.sin(t) + np.cos(11 * t) ** 2, np.cos(11 * t)])
    noise = rng.standard_normal((n, N_COLUMNS - 2))
    return np.hstack([waves, noise]) @ rng.standard_normal((N_COLUMNS, N_COLUMNS)), np.sin(t)


def ours(data, seed):
    from skgen import SlowFeatureAnalysis

    X, _ = data
    return SlowFeatureAnalysis(3, expansion="quadratic").fit(X).transform(X)


def theirs(data, seed):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures
    from sksfa import SFA

    X, _ = data
    return make_pipeline(PolynomialFeatures(2), SFA(3, random_state=seed)).fit(X).transform(X)


def evaluate(features, data):
    correlation = abs(np.corrcoef(features[:, 0], data[1])[0, 1])
    return {"1 - correlation": 1 - correlation}


CASE = Case(
    title="Slow features of all products of 30 columns, 20000 rows",
    family="ICA, SFA, autoregressive",
    description=(
        "The two waves of Wiskott and Sejnowski among 28 columns of noise, mixed at random. Time "
        "of the fit and of the features; how much the slowest lacks to the slow wave."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen", ours),
        Contender("sklearn-sfa", theirs, package="sklearn-sfa", module="sksfa"),
    ],
    objective="1 - correlation",
    digits=8,
    threads=1,
    assertions=[
        Speedup("skgen", over="sklearn-sfa", at_least=3.0),
        Compare("skgen", "sklearn-sfa", on="1 - correlation", better="lower", slack=1e-10),
    ],
)
