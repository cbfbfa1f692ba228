"""The parts of scikit-learn that are not promised, imported here and nowhere else."""

from contextlib import contextmanager
from functools import wraps

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_sample_weight

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn < 1.9

    class CallbackSupportMixin:
        """Stand-in: before scikit-learn 1.9 there are no callbacks to support."""

    def with_callbacks(method):
        """Return the method unchanged."""
        return method


# Attributes in which scikit-learn keeps the callbacks of an estimator and their state.
CALLBACK_PREFIXES = ("_callback", "_skl_", "_parent_callback")

__all__ = [
    "CALLBACK_PREFIXES",
    "CallbackSupportMixin",
    "Interval",
    "Options",
    "StrOptions",
    "check_sample_weight",
    "fit_method",
    "fit_progress",
    "output_container",
    "validate_params",
    "with_callbacks",
]


def validate_params(estimator):
    """Check the constructor parameters against ``_parameter_constraints``."""
    estimator._validate_params()


def check_sample_weight(sample_weight, X):
    """Weights of the rows of X in float64: finite, none negative, not all zero."""
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():  # a newer scikit-learn says so itself
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weight


def output_container(estimator):
    """Container that ``set_output`` or the global configuration asks an estimator for."""
    return _get_output_config("transform", estimator)["dense"]


@contextmanager
def fit_progress(estimator, X, y=None, *, max_iter, task="iteration"):
    """Report a fit to the estimator's callbacks.

    Yields ``report(attributes) -> bool``, to be called after each iteration: ``attributes()``
    returns the fitted attributes so far, and True asks the loop to stop.
    """
    # Without callbacks the context tree costs more than a small fit, so it is not built.
    if not getattr(estimator, "_skl_callbacks", None) and not hasattr(
        estimator, "_parent_callback_ctx"
    ):
        yield lambda attributes: False
        return
    root = estimator._init_callback_context(max_subtasks=max_iter)
    root.call_on_fit_task_begin(estimator=estimator, X=X, y=y)

    def report(attributes):
        step = root.subcontext(task_name=task)
        step.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
        return step.call_on_fit_task_end(
            estimator=estimator, X=X, y=y, reconstruction_attributes=attributes
        )

    yield report
    root.call_on_fit_task_end(estimator=estimator, X=X, y=y)


def fit_method(method):
    """Wrap a ``fit``: parameters checked, callbacks torn down, and all or nothing.

    After any error the estimator is what it was before, so an earlier fit stays usable.
    """
    managed = with_callbacks(method)

    @wraps(method)
    def guarded(self, *args, **kwargs):
        before = dict(vars(self))
        try:
            validate_params(self)
            return managed(self, *args, **kwargs)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise

    return guarded
