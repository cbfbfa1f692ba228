"""A fit that goes on where another process left it."""

import pickle
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from sklearn.utils import check_random_state

from skgen.base.progress.digests import digest
from skgen.base.sklearn_compat import CALLBACK_PREFIXES, without_callbacks


@dataclass
class Resumption:
    """What a fit needs to go on.

    Parameters
    ----------
    before : bytes
        Pickle of the estimator before the fit, without callbacks.
    numpy_state : tuple or None
        State of NumPy's global generator then, where ``random_state`` is None.
    iteration : int
        Iterations done.
    rows : str
        ``digest`` of the training rows.
    course : dict
        What ``save`` of the fit returned.
    callbacks : list of tuple (str, dict)
        Class and record of each callback that has one.
    params : dict
        The parameters of the estimator that has this; they are not to be changed.
    """

    before: bytes
    numpy_state: tuple | None
    iteration: int
    rows: str
    course: dict
    callbacks: list
    params: dict = field(default_factory=dict)

    def rng(self, random_state):
        """Generator of the draws before the first epoch."""
        if random_state is not None or self.numpy_state is None:
            return check_random_state(random_state)
        rng = np.random.RandomState()
        rng.set_state(self.numpy_state)
        return rng

    def check_rows(self, arrays):
        """Refuse other rows than those of the fit that was left."""
        if digest(arrays) != self.rows:
            raise ValueError(
                "X, y or sample_weight differ from those of the fit that the checkpoint is of; "
                "give the same to go on, or fit a clone of the estimator."
            )

    def restore_callbacks(self, callbacks):
        """Give the callbacks of this fit what those of the fit that was left knew."""
        names = [name for name, _ in self.callbacks]
        if [name for name, _ in records(callbacks)] != names:
            raise ValueError(
                "The fit that the checkpoint is of had the callbacks "
                f"{', '.join(names) or 'Checkpoint alone'}; set the same in the same order."
            )
        restore(callbacks, self.callbacks)

    def check_params(self, estimator):
        """Refuse parameters that were changed since."""
        for name, value in estimator.get_params().items():
            if name != "verbose" and not _is_same(value, self.params[name]):
                raise ValueError(
                    f"{name} was set to {value!r}, but the fit that the checkpoint is of goes on "
                    f"with {self.params[name]!r}; fit a clone of the estimator for another fit."
                )


@contextmanager
def going_on(estimator):
    """Yield the ``Resumption`` that an estimator has, or None; its fit begins as that one did."""
    before = dict(vars(estimator))
    resumption = vars(estimator).pop("_resumption", None)
    if resumption is not None:
        resumption.check_params(estimator)
    try:
        if resumption is not None:
            verbose = vars(estimator).get("verbose", False)
            _replace(estimator, vars(pickle.loads(resumption.before)))
            if "verbose" in vars(estimator):
                estimator.verbose = verbose
        yield resumption
    except BaseException:
        if resumption is not None:
            _replace(estimator, before)
        raise


def records(callbacks):
    """Class and record of each callback that has one."""
    return [(type(c).__name__, c.record()) for c in callbacks if hasattr(c, "record")]


def restore(callbacks, known):
    """Give callbacks the records of others, as ``records`` returns them."""
    able = [callback for callback in callbacks if hasattr(callback, "restore")]
    for callback, (_, record) in zip(able, known):
        callback.restore(record)


def before_fit(estimator):
    """A pickle of an estimator without its callbacks, and NumPy's state where it draws from it."""
    before = pickle.dumps(without_callbacks(estimator))
    draws = vars(estimator).get("random_state", 0) is None
    return before, np.random.get_state() if draws else None


def _replace(estimator, attributes):
    """Set the attributes of an estimator, but those of its callbacks."""
    own = vars(estimator)
    callbacks = {k: v for k, v in own.items() if k.startswith(CALLBACK_PREFIXES)}
    own.clear()
    own.update({k: v for k, v in attributes.items() if not k.startswith(CALLBACK_PREFIXES)})
    own.update(callbacks)


def _is_same(value, other):
    plain = type(value) is type(other) and isinstance(value, int | float | str)
    return value is other or (plain and value == other)
