"""Which classes a model file may name: those of skgen, and scikit-learn's estimators.

A file names a class, it never holds code. What it names is looked up in installed modules of these
two packages, and its attributes are set; no constructor and no function runs by a file's word.
"""

from collections import Counter, OrderedDict
from importlib import import_module

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch

REMEDY = "keep it as a pickle, and open pickles of your own alone"
# Of skgen, what writes files or belongs to the session.
UNTRUSTED = ("skgen.callbacks", "skgen.testing", "skgen.storage")
DICTS = {"dict": dict, "counter": Counter, "ordered": OrderedDict, "bunch": Bunch}
TYPES = {
    **{kind.__name__: kind for kind in (bool, int, float, str, object)},
    **{f"numpy.{kind.__name__}": kind for kind in set(np.sctypeDict.values())},
}


def named(cls):
    """The name by which a file calls a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def is_trusted(cls):
    """Whether files may hold objects of a class."""
    module = cls.__module__
    if cls.__qualname__ != cls.__name__ or module.startswith(UNTRUSTED):
        return False
    if module.partition(".")[0] == "skgen":
        return True
    return module.startswith("sklearn.") and issubclass(cls, BaseEstimator)


def class_of(name):
    """The class that a file calls so; refuses names of anything else."""
    refusal = ValueError(
        f"it names {name!r}, which is no class of a model in skgen or scikit-learn"
    )
    module, _, own = name.rpartition(".")
    if module.partition(".")[0] not in ("skgen", "sklearn") or module.startswith(UNTRUSTED):
        raise refusal
    try:
        found = getattr(import_module(module), own)
    except (ImportError, AttributeError, ValueError):
        raise refusal from None
    if not (isinstance(found, type) and found.__module__ == module and is_trusted(found)):
        raise refusal
    return found
