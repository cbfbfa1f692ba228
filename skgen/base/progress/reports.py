"""How a fit tells callbacks and the log of its iterations, and hears whether to go on."""

import copy
import time
from contextlib import contextmanager

from sklearn.utils import check_random_state

from skgen.base.progress.agreement import check_agreement, share_random_state
from skgen.base.progress.digests import digest
from skgen.base.progress.lines import log_line
from skgen.base.progress.resumption import Resumption, before_fit, going_on, records, restore
from skgen.interrupts import innermost
from skgen.workers import workers


class Tasks:
    """The iterations of a fit as tasks for the callbacks of an estimator.

    ``resumption`` is that of a fit that goes on.
    """

    def __init__(self, estimator, X, y, task, resumption=None):
        self._about = {"estimator": estimator, "X": X, "y": y}
        self._task, self._root = task, None
        self._resumption, self._rows, self._start = resumption, (), None
        # The last iteration of the fit that was left is reported anew.
        self._done = resumption.iteration - 1 if resumption else 0
        self._callbacks = list(getattr(estimator, "_skl_callbacks", []))
        # Worker 0 alone calls them.
        calls = workers().rank == 0
        if calls and any(getattr(callback, "saves_fits", False) for callback in self._callbacks):
            known = resumption and (resumption.before, resumption.numpy_state)
            self._start = known or before_fit(estimator)
        # Without callbacks the context tree costs more than a small fit, so it is not built.
        if calls and (self._callbacks or hasattr(estimator, "_parent_callback_ctx")):
            self._root = estimator._init_callback_context(max_subtasks=None)
        if resumption is not None:
            resumption.restore_callbacks(self._callbacks)

    @property
    def saved(self):
        """What ``save`` returned in the fit that goes on here; None where a fit begins."""
        return copy.deepcopy(self._resumption and self._resumption.course)

    @property
    def done(self):
        """Iterations that have been reported."""
        return self._done

    def rng(self, random_state):
        """RandomState of the draws before the first iteration."""
        if self._resumption is None:
            return check_random_state(random_state)
        return self._resumption.rng(random_state)

    def compare(self, *arrays):
        """Say what the fit learns from: a fit that goes on refuses any other."""
        self._rows = arrays
        check_agreement(self._about["estimator"], arrays, self._done)
        if self._resumption is not None:
            self._resumption.check_rows(arrays)

    def begin(self, most):
        """Say how many iterations there will be at most; None where that is not known."""

        def told():
            if self._root is not None:
                self._root.max_subtasks = most
                self._root.call_on_fit_task_begin(**self._about)

        workers().first(told)

    def __call__(self, attributes, save=None):
        """Report an iteration; whether a callback asks to stop.

        ``attributes()`` returns the fitted attributes so far, ``save()`` all that another process
        needs to go on from here.
        """
        self._done += 1
        if self._root is None:
            return False
        about = {**self._about, "metadata": self._metadata(save)}
        step = self._root.subcontext(task_name=self._task)
        step.call_on_fit_task_begin(**about)
        return step.call_on_fit_task_end(**about, reconstruction_attributes=attributes)

    def _metadata(self, save):
        """Number of the iteration, and for who saves the fit a way to its ``Resumption``."""
        metadata = {"iteration": self._done}
        if self._start is not None and save is not None:
            # Callbacks as they are before any hears of this iteration, which is reported again.
            known = records(self._callbacks)
            rows = self._rows_digest()
            metadata["resumption"] = lambda: Resumption(
                *self._start, metadata["iteration"], rows, save(), known
            )
        return metadata

    def _rows_digest(self):
        """The digest of what the fit learns from, computed once."""
        if not isinstance(self._rows, str):
            self._rows = digest(self._rows)
        return self._rows

    def end(self):
        """Say that the fit has ended."""

        def told():
            if self._root is not None:
                self._root.call_on_fit_task_end(**self._about)
            return records(self._callbacks)

        known = workers().first(told)
        if workers().rank > 0:
            restore(self._callbacks, known)


class Iterations:
    """Reports of a fit with one level of iterations; once asked to stop, it is to stop for good.

    Attributes
    ----------
    stopped : bool
        Whether a callback or Ctrl-C has asked to stop.
    """

    def __init__(self, tasks, task, most, verbose):
        self.stopped = False
        self._tasks, self._task, self._most, self._verbose = tasks, task, most, verbose
        self._start = time.perf_counter()

    def __call__(self, attributes, numbers, save=None):
        """Report an iteration; whether to stop.

        ``attributes()`` returns the fitted attributes so far, ``numbers()`` what the log shows,
        ``save()`` what another process needs to go on.
        """
        done = self._tasks.done + 1
        if self._verbose:
            times = f"{time.perf_counter() - self._start:.2f} s"
            log_line(self._task, done, self._most, numbers(), times)
        told = self._tasks(lambda: {"n_iter_": done, **attributes()}, save)
        self.stopped |= told | innermost().ask()
        return self.stopped


@contextmanager
def fit_progress(estimator, X, y=None, *, task="iteration"):
    """Yield the ``Tasks`` of a fit, which is to call ``begin``; the callbacks are set up before."""
    share_random_state(getattr(estimator, "random_state", 0))
    with workers().until_agreed(), going_on(estimator) as resumption:
        tasks = Tasks(estimator, X, y, task, resumption)
        yield tasks
        tasks.end()


@contextmanager
def interruptible_progress(estimator, X, *, max_iter, task="iteration"):
    """Yield the ``Iterations`` of a fit, which Ctrl-C asks to stop, too; see ``fit_method``.

    ``max_iter`` bounds how often it reports; None where there is no bound.
    """
    with fit_progress(estimator, X, task=task) as tasks:
        yield iterations(tasks, estimator, max_iter, task)


def iterations(tasks, estimator, max_iter, task="iteration"):
    """Begin the iterations of ``fit_progress``, as ``interruptible_progress`` does."""
    tasks.begin(max_iter)
    innermost().hold()
    return Iterations(tasks, task, max_iter, estimator.verbose)
