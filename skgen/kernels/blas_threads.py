"""Native pools of threads, and a context in which BLAS uses none."""

import threading
from contextlib import contextmanager, nullcontext
from functools import cache, wraps

from threadpoolctl import ThreadpoolController

# Operations of a product that are worth a thread: two threads are twice as fast as one on an idle
# machine, and hardly slower beside another job; for a fifth of them it takes twice as long there.
WORTH_A_THREAD = 5e8

_lock = threading.Lock()
_holders = 0
_limiter = None


@cache
def native_pools():
    """The native thread pools of this process (NumPy's BLAS among them), found once."""
    return ThreadpoolController()


@contextmanager
def one_blas_thread():
    """Context in which each BLAS call has one thread; several threads may be inside at once."""
    global _holders, _limiter
    with _lock:
        if _holders == 0:
            _limiter = native_pools().limit(limits=1, user_api="blas")
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if _holders == 0:
                _limiter.restore_original_limits()
                _limiter = None


def threads_by(n_operations):
    """Decorate a function of matrices: BLAS has one thread in it unless two are worth it.

    ``n_operations`` gets the arguments, and gives the floating-point operations of the largest
    product or factorization.
    """

    def decorate(function):
        @wraps(function)
        def limited(*args, **kwargs):
            worthy = n_operations(*args, **kwargs) >= 2 * WORTH_A_THREAD
            with nullcontext() if worthy else one_blas_thread():
                return function(*args, **kwargs)

        return limited

    return decorate


def covariance_operations(X):
    """Operations of the products of all columns, or of all rows, of X (n, d)."""
    shape = getattr(X, "shape", ())
    # Lists of lists hold little.
    return 2.0 * shape[0] * shape[1] * min(shape) if len(shape) == 2 else 0.0
