"""Which public verbs an estimator has, and arguments that each takes."""

import functools
import inspect
import warnings

import numpy as np
from sklearn.base import clone, is_classifier

from skgen.testing import labels
from tests.bad_input.rows import N_ROWS, base_rows
from tests.instances import instances

# What says something of an estimator, and computes nothing from arguments.
NO_VERBS = {"get_params", "get_metadata_routing", "get_feature_names_out"}
FITS = ("fit", "partial_fit", "fit_transform", "fit_predict")
ROWS = {"X", "X1", "X2", "X_with", "X_without", "Z", "constraints", "start"}
BESIDE = {"y", "sample_weight", "groups", "times", "mask", "classes"}
OF_CODES = {"inverse_transform", "generate"}
# Verbs that answer with an entry or a row for each row they are given.
BY_ROW = {
    *("transform", "inverse_transform", "generate", "score_samples", "free_energy", "denoise"),
    *("predict", "predict_proba", "impute", "decision_function", "feature_scores", "exact_codes"),
}
# Other arguments, where the default would take long, or there is none.
SHORT = {"n_chains": 4, "n_steps": 5, "label": 0, "column": 1}


@functools.cache
def originals():
    """The small instances, each once."""
    return tuple(instances())


@functools.cache
def model(number, in_frame=False):
    """The fitted instance of a number; whoever has it must not change it."""
    import pandas as pd

    X = base_rows()
    if in_frame:
        X = pd.DataFrame(X, columns=[f"column {j}" for j in range(X.shape[1])])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return seeded(originals()[number]).fit(X, labels(len(X)))


def seeded(estimator):
    """A clone whose fit is the same again."""
    twin = clone(estimator)
    return twin.set_params(random_state=0) if "random_state" in twin.get_params() else twin


@functools.cache
def verbs(number):
    """Signatures of the public verbs of an instance, by name."""
    fitted = model(number)
    names = [n for n in dir(type(fitted)) if not n.startswith(("_", "set_")) and n not in NO_VERBS]
    found = {name: getattr(fitted, name, None) for name in names}
    return {
        name: inspect.signature(verb).parameters
        for name, verb in found.items()
        if inspect.ismethod(verb)
    }


@functools.cache
def codes(number):
    """Latent rows of an instance."""
    fitted = model(number)
    if hasattr(fitted, "inverse_transform"):
        return np.asarray(fitted.transform(base_rows()))
    return np.random.RandomState(0).standard_normal((N_ROWS, fitted.n_components_))


def arguments(number, verb):
    """Arguments that a verb takes, by name: those without a default, and labels for a fit."""
    given = {}
    for name, parameter in verbs(number)[verb].items():
        if name in ROWS and (parameter.default is parameter.empty or name == "X"):
            given[name] = codes(number) if verb in OF_CODES else base_rows()
        elif name == "y" and (parameter.default is parameter.empty or verb in FITS):
            given[name] = labels(N_ROWS)
        elif name == "classes" and is_classifier(model(number)):
            given[name] = [0, 1]
        elif name in SHORT and parameter.kind != parameter.VAR_KEYWORD:
            given[name] = SHORT[name]
        elif name == "random_state":
            given[name] = 0
    return given
