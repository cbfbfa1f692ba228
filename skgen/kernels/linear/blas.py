"""Living with two BLAS libraries: NumPy and SciPy each bring one, with threads of its own.

The idle threads of one spin for some 25 ms after a product and take the cores from the other, so a
fit that goes back and forth between them waits more than it computes. Here the large products and
factorizations are NumPy's, and what only SciPy has runs on one thread.
"""

from contextlib import nullcontext
from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def _scipy_threads():
    """Control of the threads of SciPy's own BLAS; None if it shares NumPy's."""
    controller = ThreadpoolController().select(user_api="blas")
    own = [lib.filepath for lib in controller.lib_controllers if "scipy.libs" in lib.filepath]
    return controller.select(filepath=own) if own else None


def one_scipy_thread():
    """Context in which SciPy's BLAS leaves the cores to NumPy's."""
    threads = _scipy_threads()
    return nullcontext() if threads is None else threads.limit(limits=1)


@cache
def _all_threads():
    return ThreadpoolController().select(user_api="blas")


def one_thread():
    """Context in which all BLAS runs on one thread: for many small products, threads only wait."""
    return _all_threads().limit(limits=1)
