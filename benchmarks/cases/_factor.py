"""The contenders of the factor-analysis cases."""

import warnings
from functools import partial

from benchmarks.cases import _gaussian
from benchmarks.core import Contender


def fit_skgen(data, seed, **parameters):
    from skgen import FactorAnalysis
    from skgen.exceptions import HeywoodWarning

    X, k = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HeywoodWarning)
        return FactorAnalysis(k, **parameters).fit(X)


def fit_sklearn(data, seed, **parameters):
    from sklearn.decomposition import FactorAnalysis
    from sklearn.exceptions import ConvergenceWarning

    X, k = data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return FactorAnalysis(k, random_state=seed, **parameters).fit(X)


def evaluate(model, data):
    return {"log-likelihood": _gaussian.factor_nats(model, data[0]), "iterations": model.n_iter_}


def ours(name="skgen", **parameters):
    """Our contender; ``parameters`` go to the estimator."""
    return Contender(name, partial(fit_skgen, **parameters), note=_note(parameters))


def sklearn(name="scikit-learn", *, repeats=None, warm_up=True, slow=False, **parameters):
    """scikit-learn's contender; ``parameters`` go to the estimator."""
    return Contender(
        name,
        partial(fit_sklearn, **parameters),
        package="scikit-learn",
        module="sklearn",
        repeats=repeats,
        warm_up=warm_up,
        slow=slow,
        note=_note(parameters),
    )


def _note(parameters):
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
