"""Dictionary learning on digits with the defaults: 100 atoms, alpha = 1."""

import numpy as np

from benchmarks import datasets
from benchmarks.cases import _sparse
from benchmarks.core import Case, Compare, Contender, Headline, Speedup


def load(setup):
    X = datasets.digits()
    X = X - X.mean(axis=1, keepdims=True)
    X = (X / X.std()).astype(np.float32)
    # 256 rows a step: 100 passes of the mini-batch learner.
    return _sparse.Learning(X, X, 100, 1.0, 700, 256)


def fit_default(data, seed):
    from skgen import SparseCoder

    return SparseCoder(data.n_atoms, random_state=seed).fit(data.X).components_


CASE = Case(
    title="Dictionary of 100 atoms from 1797 digits",
    family=_sparse.FAMILY,
    description="Digits with row means removed and one common scale; defaults against 100 passes.",
    load=load,
    evaluate=_sparse.evaluate_dictionary,
    contenders=[
        Contender("skgen", fit_default),
        Contender(
            "scikit-learn DictionaryLearning",
            _sparse.learn_sklearn_batch,
            package="scikit-learn",
            module="sklearn",
            repeats=1,
            warm_up=False,
        ),
        Contender(
            "scikit-learn MiniBatch",
            _sparse.learn_sklearn,
            package="scikit-learn",
            module="sklearn",
            repeats=1,
            warm_up=False,
        ),
    ],
    objective="training objective",
    repeats=5,
    headline=Headline("faster", over="scikit-learn DictionaryLearning"),
    assertions=[
        Speedup("skgen", over="scikit-learn DictionaryLearning", at_least=1.0),
        Speedup("skgen", over="scikit-learn MiniBatch", at_least=1.0),
        Compare(
            "skgen", "scikit-learn DictionaryLearning", on="training objective", better="lower"
        ),
        Compare("skgen", "scikit-learn MiniBatch", on="training objective", better="lower"),
    ],
)
