"""How a fit tells callbacks and the log of its iterations, and hears whether to go on."""

import time
from contextlib import contextmanager

from skgen.base.progress.lines import log_line
from skgen.interrupts import innermost


class Tasks:
    """The iterations of a fit as tasks for the callbacks of an estimator."""

    def __init__(self, estimator, X, y, task):
        self._about = {"estimator": estimator, "X": X, "y": y}
        self._task, self._root = task, None
        # Without callbacks the context tree costs more than a small fit, so it is not built.
        if getattr(estimator, "_skl_callbacks", None) or hasattr(estimator, "_parent_callback_ctx"):
            self._root = estimator._init_callback_context(max_subtasks=None)

    def begin(self, most):
        """Say how many iterations there will be at most; None where that is not known."""
        if self._root is not None:
            self._root.max_subtasks = most
            self._root.call_on_fit_task_begin(**self._about)

    def __call__(self, attributes):
        """Report an iteration; whether a callback asks to stop.

        ``attributes()`` returns the fitted attributes so far.
        """
        if self._root is None:
            return False
        step = self._root.subcontext(task_name=self._task)
        step.call_on_fit_task_begin(**self._about)
        return step.call_on_fit_task_end(**self._about, reconstruction_attributes=attributes)

    def end(self):
        """Say that the fit has ended."""
        if self._root is not None:
            self._root.call_on_fit_task_end(**self._about)


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
        self._done, self._start = 0, time.perf_counter()

    def __call__(self, attributes, numbers):
        """Report an iteration; whether to stop.

        ``attributes()`` returns the fitted attributes so far, ``numbers()`` what the log shows.
        """
        self._done = done = self._done + 1
        if self._verbose:
            times = f"{time.perf_counter() - self._start:.2f} s"
            log_line(self._task, done, self._most, numbers(), times)
        self.stopped |= self._tasks(lambda: {"n_iter_": done, **attributes()}) | innermost().ask()
        return self.stopped


@contextmanager
def fit_progress(estimator, X, y=None, *, task="iteration"):
    """Yield the ``Tasks`` of a fit, which is to call ``begin``; the callbacks are set up before."""
    tasks = Tasks(estimator, X, y, task)
    yield tasks
    tasks.end()


@contextmanager
def interruptible_progress(estimator, X, *, max_iter, task="iteration"):
    """Yield the ``Iterations`` of a fit, which Ctrl-C asks to stop, too; see ``fit_method``.

    ``max_iter`` bounds how often it reports; None where there is no bound.
    """
    with fit_progress(estimator, X, task=task) as tasks:
        tasks.begin(max_iter)
        innermost().hold()
        yield Iterations(tasks, task, max_iter, estimator.verbose)
