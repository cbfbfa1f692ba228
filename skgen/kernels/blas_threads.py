"""Native pools of threads, and a context in which BLAS uses none."""

import threading
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController

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
