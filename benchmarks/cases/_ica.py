"""What the cases of independent component analysis share: contenders."""

import warnings
from functools import partial

from benchmarks.core import Contender

FAMILY = "ICA, SFA, autoregressive"


def fit_skgen(data, seed, **parameters):
    from sklearn.exceptions import ConvergenceWarning

    from skgen import ICA

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return ICA(None, **parameters).fit(data.X).components_


def fit_fastica(data, seed, **parameters):
    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = FastICA(whiten="unit-variance", random_state=seed, **parameters)
        return model.fit(data.X).components_


def fit_picard(data, seed, **parameters):
    from picard import picard

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        K, W, _ = picard(data.X.T.copy(), random_state=seed, **parameters)
    return W @ K


def ours(name="skgen", *, repeats=None, warm_up=True, slow=False, **parameters):
    """Our contender; ``parameters`` go to the estimator."""
    run = partial(fit_skgen, **parameters)
    options = {"repeats": repeats, "warm_up": warm_up, "slow": slow, "note": _note(parameters)}
    return Contender(name, run, **options)


def sklearn(name="scikit-learn FastICA", *, repeats=None, warm_up=True, slow=False, **parameters):
    """scikit-learn's contender; ``parameters`` go to the estimator."""
    run = partial(fit_fastica, **parameters)
    options = {"repeats": repeats, "warm_up": warm_up, "slow": slow, "note": _note(parameters)}
    return Contender(name, run, package="scikit-learn", module="sklearn", **options)


def picard(name="python-picard", *, repeats=None, warm_up=True, slow=False, **parameters):
    """The contender of the authors of the method; ``parameters`` go to its function."""
    run = partial(fit_picard, **parameters)
    options = {"repeats": repeats, "warm_up": warm_up, "slow": slow, "note": _note(parameters)}
    return Contender(name, run, package="python-picard", module="picard", **options)


def _note(parameters):
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
