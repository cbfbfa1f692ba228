"""Living with two BLAS libraries: NumPy and SciPy each bring one, with threads of its own.

The idle threads of one spin for some 25 ms after a product and take the cores from the other, so a
fit that goes back and forth between them waits more than it computes. Here the large products and
factorizations are NumPy's, and what only SciPy has runs on one thread.
"""

from functools import cache

from skgen.kernels.blas_threads import native_pools, one_thread_of


@cache
def _scipy_pools():
    """SciPy's own BLAS; nothing if it shares NumPy's."""
    pools = native_pools().select(user_api="blas").lib_controllers
    return [pool for pool in pools if "scipy.libs" in pool.filepath]


def one_scipy_thread():
    """Context in which SciPy's BLAS leaves the cores to NumPy's."""
    return one_thread_of(_scipy_pools())
