"""The parts of scikit-learn that are not promised, imported here and nowhere else."""

import copy
import threading
import warnings
from contextlib import contextmanager
from functools import wraps
from numbers import Integral

import numpy as np
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
    make_constraint,
)
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_sample_weight

import skgen
from skgen.base.combinations import refuse_useless
from skgen.base.warn import warn
from skgen.base.wording import naming
from skgen.exceptions import DivergenceError, FitInterrupted
from skgen.forks import in_each_child
from skgen.interrupts import Interrupts

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:  # scikit-learn < 1.9

    class CallbackSupportMixin:
        """Stand-in: before scikit-learn 1.9 there are no callbacks to support."""

    def with_callbacks(method):
        """Return the method unchanged."""
        return method


# The filters of warnings are those of the process: who changes them puts them back before another.
_filtering = threading.RLock()
# Attributes in which scikit-learn keeps the callbacks of an estimator and their state.
CALLBACK_PREFIXES = ("_callback", "_skl_", "_parent_callback")

__all__ = [
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "LayerSizes",
    "Options",
    "StrOptions",
    "all_or_nothing",
    "check_sample_weight",
    "fit_method",
    "frames_transforms",
    "ignored",
    "make_constraint",
    "output_container",
    "validate_params",
    "warn_of_version",
    "with_callbacks",
    "without_callbacks",
]


class LayerSizes(HasMethods):
    """Constraint: units of each layer of a network, from its input to its output."""

    def __init__(self):
        super().__init__(["__len__", "__getitem__"])

    def is_satisfied_by(self, val):
        """Whether a value is a sequence of positive integers."""
        if isinstance(val, str) or not super().is_satisfied_by(val):
            return False
        return all(isinstance(n, Integral) and not isinstance(n, bool) and n >= 1 for n in val)

    def __str__(self):
        return "a sequence of ints of at least 1, the units of each layer"


def validate_params(estimator):
    """Check each constructor parameter by itself, and whether it counts beside the others."""
    estimator._validate_params()
    for name, value in estimator.get_params(deep=False).items():
        for number in value if isinstance(value, list | tuple) else (value,):
            if isinstance(number, Integral) and not -(2**63) <= number < 2**63:
                raise ValueError(
                    f"{name}={value!r} does not fit into 64 bits; give a smaller number."
                )
    refuse_useless(estimator)


def check_sample_weight(sample_weight, X):
    """Weights of the rows of X in float64: finite, none negative, not all zero."""
    with naming("sample_weight"):
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():  # a newer scikit-learn says so itself
        raise ValueError(
            "Sample weights must contain at least one non-zero number; sample_weight is all zero."
        )
    return weight


def output_container(estimator):
    """Container that ``set_output`` or the global configuration asks an estimator for.

    Where neither asks for one it is that of the rows of the fit, if the estimator keeps to it.
    """
    asked = _get_output_config("transform", estimator)["dense"]
    return getattr(estimator, "_fitted_container", asked) if asked == "default" else asked


def frames_transforms(estimator):
    """Whether scikit-learn turns what ``transform`` returns into a frame."""
    asked = _get_output_config("transform", estimator)["dense"]
    wrapped = getattr(estimator, "_sklearn_auto_wrap_output_keys", ())
    return asked != "default" and "transform" in wrapped


def warn_of_version(estimator, version):
    """Warn, as scikit-learn does of its own, that another version saved an estimator."""
    if version == skgen.__version__:
        return
    name = f"skgen.{type(estimator).__name__}"
    warning = InconsistentVersionWarning(
        estimator_name=name,
        current_sklearn_version=skgen.__version__,
        original_sklearn_version=version,
    )
    warn(warning, InconsistentVersionWarning)


@in_each_child
def _begin_child():
    global _filtering
    _filtering = threading.RLock()


@contextmanager
def ignored(category, *messages):
    """Keep warnings of another library, which begin with one of the messages, from the user."""
    with _filtering, warnings.catch_warnings():
        for message in messages or ("",):
            warnings.filterwarnings("ignore", message, category)
        yield


def fit_method(method):
    """Wrap a ``fit``: parameters checked, callbacks torn down, and all or nothing.

    After any error the estimator is what it was before, so an earlier fit stays usable. After
    Ctrl-C within ``interruptible_progress`` it keeps what it had learned, and FitInterrupted is
    raised.
    """
    managed = with_callbacks(method)

    @wraps(method)
    def guarded(self, *args, **kwargs):
        with Interrupts() as interrupts, all_or_nothing(self):
            interrupts.release()
            validate_params(self)
            managed(self, *args, **kwargs)
        if interrupts.stopped:
            raise FitInterrupted.of(self, f"in iteration {self.n_iter_}")
        return self

    return guarded


def without_callbacks(estimator):
    """A shallow copy of an estimator that does not know its callbacks."""
    bare = copy.copy(estimator)
    for name in [k for k in vars(bare) if k.startswith(CALLBACK_PREFIXES)]:
        delattr(bare, name)
    return bare


def _refuse_not_finite(estimator, before):
    """Refuse a fit that set an attribute which is not finite."""
    unknown = getattr(estimator, "_may_be_unknown", ())
    for name, value in vars(estimator).items():
        known = name.endswith("_") and name not in unknown and value is not before.get(name)
        if known and not _is_finite(value):
            raise DivergenceError(
                f"{name} is not finite after the fit: X, or y, sample_weight or times beside it, "
                "holds values that are too large, too small or too different; scale them, or lower "
                "learning_rate where there is one."
            )


def _is_finite(value):
    """Whether an array, a number or the weights of a network are finite; anything else is."""
    if hasattr(value, "parameters"):
        return all(bool(weight.isfinite().all()) for weight in value.parameters())
    is_real = isinstance(value, float | np.floating | np.ndarray) and np.asarray(value).dtype.kind
    return is_real != "f" or bool(np.isfinite(value).all())


@contextmanager
def all_or_nothing(estimator):
    """Put every attribute back if the block fails, except the callbacks' own.

    It fails, too, where what was fitted is not finite: an overflow is told by its outcome.
    """
    before = dict(vars(estimator))
    try:
        with np.errstate(all="ignore"):
            yield
        _refuse_not_finite(estimator, before)
    except BaseException as error:
        after = vars(estimator)
        callbacks = {k: v for k, v in after.items() if k.startswith(CALLBACK_PREFIXES)}
        after.clear()
        after.update(before, **callbacks)
        if isinstance(error, FitInterrupted):
            # Of a model that this one is made of, and drops.
            raise KeyboardInterrupt from None
        raise
