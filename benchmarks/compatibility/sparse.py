"""Adapters of sparse coding: the estimators and the functions."""

import inspect

import numpy as np
import sklearn.decomposition
from sklearn.utils.validation import check_is_fitted

from benchmarks.compatibility.adapter import (
    NotOfferedError,
    TransformerAdapter,
    counted,
    given,
    refuse,
)
from skgen import SparseCoder as SkgenSparseCoder

# LARS ends at the solution, up to rounding.
FIT_ALGORITHMS = {
    "lars": {"algorithm": "auto", "code_tol": 1e-10},
    "cd": {"algorithm": "cd"},
}
CODES = {
    "lasso_lars": {"transform_algorithm": "lasso"} | FIT_ALGORITHMS["lars"],
    "lasso_cd": {"transform_algorithm": "lasso", "algorithm": "cd"},
    "omp": {"transform_algorithm": "omp"},
}


def coder(dictionary, estimator):
    """SparseCoder of a fixed dictionary from the ``transform_*`` parameters of an adapter."""
    name = estimator.transform_algorithm
    if name not in CODES:
        raise NotOfferedError(f"transform_algorithm={name!r}")
    return SkgenSparseCoder(
        dictionary=dictionary,
        code_max_iter=estimator.transform_max_iter,
        positive_code=estimator.positive_code,
        split_sign=estimator.split_sign,
        **CODES[name],
        **_sparsity(name, estimator.transform_alpha, estimator.transform_n_nonzero_coefs),
    )


def _sparsity(name, alpha, n_nonzero_coefs):
    """How sparse the codes are: scikit-learn's alpha is a squared residual for pursuit."""
    if name == "omp":
        length = None if alpha is None else np.sqrt(alpha)
        return given(SkgenSparseCoder, n_nonzero_coefs=n_nonzero_coefs, residual_tol=length)
    return given(SkgenSparseCoder, alpha=alpha)


class LearnedDictionary(TransformerAdapter):
    """The codes of ``transform`` come from a second coder with the learned dictionary."""

    def _stand_in(self):
        return SkgenSparseCoder(
            self.n_components,
            alpha=self.alpha,
            max_iter=self.max_iter,
            tol=self.tol,
            positive_code=self.positive_code,
            positive_dict=self.positive_dict,
            random_state=self.random_state,
            **FIT_ALGORITHMS[self.fit_algorithm],
            **self._batches(),
            **given(SkgenSparseCoder, dict_init=self.dict_init),
        )

    def _batches(self):
        return {}

    def _coder(self):
        # Fitted to the atoms themselves: nothing is learned but the prior of the codes.
        return coder(self.components_, self).fit(self.components_)

    @property
    def _n_features_out(self):
        return len(self.components_) * (2 if self.split_sign else 1)

    def transform(self, X):
        check_is_fitted(self)
        return self._coder().transform(X)

    def inverse_transform(self, X):
        check_is_fitted(self)
        return self._coder().inverse_transform(X)


class DictionaryLearning(LearnedDictionary, of=sklearn.decomposition.DictionaryLearning):
    """``n_jobs`` and ``verbose`` mean nothing here; threads are those that joblib allows."""

    def _stand_in(self):
        refuse(self, "code_init", "callback")
        return super()._stand_in()


class MiniBatchDictionaryLearning(
    LearnedDictionary, of=sklearn.decomposition.MiniBatchDictionaryLearning
):
    """Online learning in steps of ``batch_size`` rows."""

    def _stand_in(self):
        refuse(self, "callback")
        return super()._stand_in()

    def _batches(self):
        patience = self.max_no_improvement
        return {
            "batch_size": self.batch_size,
            "n_iter_no_change": self.max_iter if patience is None else patience,
        }


class SparseCoder(TransformerAdapter, of=sklearn.decomposition.SparseCoder):
    """Codes under a dictionary that is given."""

    def _stand_in(self):
        return coder(self.dictionary, self)

    def transform(self, X):
        # The dictionary is known before fit.
        return (vars(self).get("model_") or self._stand_in()).transform(X)

    def inverse_transform(self, X):
        return (vars(self).get("model_") or self._stand_in()).inverse_transform(X)


def _function_of(theirs, adapter, renamed):
    """Keywords for an adapter from the arguments of one of scikit-learn's functions."""
    signature = inspect.signature(theirs)
    known = inspect.signature(adapter).parameters

    def arguments(args, kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        named = {renamed.get(name, name): value for name, value in bound.arguments.items()}
        return bound.arguments, {name: named[name] for name in named if name in known}

    return arguments


_encoding = _function_of(
    sklearn.decomposition.sparse_encode,
    SparseCoder,
    {
        "algorithm": "transform_algorithm",
        "n_nonzero_coefs": "transform_n_nonzero_coefs",
        "alpha": "transform_alpha",
        "max_iter": "transform_max_iter",
        "positive": "positive_code",
    },
)
_learning = _function_of(
    sklearn.decomposition.dict_learning,
    DictionaryLearning,
    {"method": "fit_algorithm", "method_max_iter": "transform_max_iter"},
)
_online = _function_of(
    sklearn.decomposition.dict_learning_online,
    MiniBatchDictionaryLearning,
    {"method": "fit_algorithm", "method_max_iter": "transform_max_iter"},
)
LASSO_OF = {"lars": "lasso_lars", "cd": "lasso_cd"}


@counted
def sparse_encode(*args, **kwargs):
    """Codes of rows under a dictionary."""
    asked, parameters = _encoding(args, kwargs)
    if asked["gram"] is not None or asked["cov"] is not None or asked["init"] is not None:
        raise NotOfferedError("sparse_encode(gram, cov, init)")
    return SparseCoder(**parameters).fit_transform(asked["X"])


@counted
def dict_learning(*args, **kwargs):
    """Codes, dictionary and the objective of each epoch."""
    asked, parameters = _learning(args, kwargs)
    model, codes = _learned(DictionaryLearning, asked, parameters)
    return codes, model.components_, np.asarray(model.loss_curve_)


@counted
def dict_learning_online(*args, **kwargs):
    """Codes, on request, and dictionary."""
    asked, parameters = _online(args, kwargs)
    model, codes = _learned(MiniBatchDictionaryLearning, asked, parameters)
    return (codes, model.components_) if asked["return_code"] else model.components_


def _learned(adapter, asked, parameters):
    """The fitted adapter and the lasso codes of the rows."""
    parameters |= {
        "transform_algorithm": LASSO_OF[asked["method"]],
        "transform_alpha": asked["alpha"],
    }
    model = adapter(**parameters).fit(asked["X"])
    return model, model.transform(asked["X"])
