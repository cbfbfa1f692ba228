"""Native pools of threads, and a context in which BLAS uses none."""

import threading
from contextlib import contextmanager, nullcontext
from functools import cache, wraps

from threadpoolctl import ThreadpoolController

from skgen.forks import in_each_child

# Operations of a product that are worth a thread: two threads are twice as fast as one on an idle
# machine, and hardly slower beside another job; for a fifth of them it takes twice as long there.
WORTH_A_THREAD = 5e8

_lock = threading.Lock()
# Of each pool that is held: how many contexts hold it, and its threads outside of them.
_held = {}
_is_forked = False


@in_each_child
def _begin_child():
    """Open the lock, and let go of what threads of the parent held."""
    global _lock, _is_forked
    _lock, _is_forked = threading.Lock(), True
    _held.clear()


@cache
def native_pools():
    """The native thread pools of this process (NumPy's BLAS among them), found once."""
    return ThreadpoolController()


@cache
def _blas_pools():
    return native_pools().select(user_api="blas").lib_controllers


def one_blas_thread():
    """Context in which each BLAS call has one thread; several threads may be inside at once."""
    return one_thread_of(_blas_pools())


@contextmanager
def one_thread_of(pools):
    """Context in which some pools, controllers of threadpoolctl, have one thread each.

    Several threads may be inside at once, with other pools too: the last one that leaves a pool
    gives it its threads back.
    """
    keys = [_key(pool) for pool in pools]
    with _lock:
        for key, pool in zip(keys, pools):
            held = _held.setdefault(key, [0, pool.num_threads])
            held[0] += 1
            _set_threads(pool, 1)
    try:
        yield
    finally:
        with _lock:
            for key, pool in zip(keys, pools):
                _let_go(key, pool)


@contextmanager
def openmp_after_fork():
    """Context of what scikit-learn does by OpenMP: on one thread where the process was forked.

    OpenMP would wait there for the threads that the parent kept, and without end.
    """
    pools = native_pools().select(user_api="openmp")
    with pools.limit(limits=1) if _is_forked else nullcontext():
        yield


def _let_go(key, pool):
    if key not in _held:  # held by the parent of this process
        return
    _held[key][0] -= 1
    if _held[key][0] == 0:
        _set_threads(pool, _held.pop(key)[1])


def _key(pool):
    """What tells a pool from others; some have a number of threads for each thread that calls."""
    own = pool.internal_api == "mkl" or getattr(pool, "threading_layer", None) == "openmp"
    return (pool.filepath, threading.get_ident()) if own else pool.filepath


def _set_threads(pool, n_threads):
    """Set the threads of a pool, whichever thread has done so before."""
    if pool.num_threads == n_threads:
        return
    # From threadpoolctl 3.8 on the first thread that sets those of OpenBLAS keeps others from it.
    open_to_all = getattr(pool, "clear_controlling_thread", lambda force: None)
    open_to_all(force=True)
    pool.set_num_threads(n_threads)
    open_to_all(force=True)


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
