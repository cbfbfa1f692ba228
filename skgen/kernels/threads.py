"""How many threads the surroundings allow, and chunks of rows on so many."""

import multiprocessing
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import joblib
import numba
from joblib.parallel import get_active_backend

from skgen.interrupts import Interrupts
from skgen.kernels.blas_threads import native_pools, one_blas_thread


def allowed_threads():
    """Threads a computation may use here and now.

    The least of the processors, of ``NUMBA_NUM_THREADS``, which joblib sets in its worker
    processes, and of the limits that threadpoolctl or the environment put on native pools. One
    inside another parallel loop of joblib that did not say how many its tasks may use.
    """
    backend, _ = get_active_backend()
    nested = bool(getattr(backend, "nesting_level", 0))
    told = multiprocessing.parent_process() is not None and "NUMBA_NUM_THREADS" in os.environ
    if nested and not told:
        return 1
    pools = [pool.num_threads for pool in native_pools().lib_controllers]
    return max(1, min([joblib.cpu_count(), numba.config.NUMBA_NUM_THREADS, *pools]))


class RowWorkers:
    """A context in which functions of row slices run on several threads.

    The kernels release the interpreter lock, so plain threads suffice; unlike the threading
    layers of numba they may be entered from several threads at once and survive a fork. BLAS
    runs on one thread inside, and slices never depend on the number of threads, so neither do
    results.
    """

    def __init__(self, n_threads=None):
        self.n_threads = n_threads

    def __enter__(self):
        self._n_threads = self.n_threads or allowed_threads()
        self._stack = ExitStack()
        self._stack.enter_context(one_blas_thread())
        if self._n_threads > 1:
            self._pool = self._stack.enter_context(ThreadPoolExecutor(self._n_threads))
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def run(self, task, n_rows, chunk):
        """Call ``task(slice)`` for consecutive slices of at most ``chunk`` rows."""
        waiting = deque(slice(i, min(i + chunk, n_rows)) for i in range(0, n_rows, chunk))
        helpers = min(self._n_threads, len(waiting)) - 1

        def work(look=lambda: None):
            while True:
                try:
                    rows = waiting.popleft()
                except IndexError:
                    return
                task(rows)
                look()

        # Ctrl-C waits for a slice: within a kernel that calls BLAS it would become a SystemError.
        with Interrupts() as interrupts:
            futures = [self._pool.submit(work) for _ in range(helpers)]
            try:
                work(interrupts.check)
            finally:
                waiting.clear()
            for future in futures:
                future.result()
