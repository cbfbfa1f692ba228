"""Threads by the size of the work: few where they would wait for each other.

A product that two threads share is as fast as the slower one. Alone on a machine they save a
fraction of a millisecond on the products of a small network; where anything else runs, each product
waits until the second thread gets its turn, which takes many times as long as the product.
"""

import threading
from contextlib import contextmanager

import torch

from skgen.forks import in_each_child
from skgen.kernels.blas_threads import WORTH_A_THREAD, one_blas_thread
from skgen.kernels.threads import allowed_threads

# Places of an image to which a convolution is applied, more or less.
N_PLACES = 49

_lock, _inside = threading.Lock(), threading.local()
_holders, _outside, _available = 0, None, None


@in_each_child
def _begin_child():
    """Leave a forked process one thread: torch would wait for those that the parent kept."""
    global _lock, _holders
    _lock, _holders = threading.Lock(), 0
    torch.set_num_threads(1)


def largest_product(module, n_rows):
    """Floating-point operations of the largest product when a module sees so many rows."""
    sizes = (p.numel() * (N_PLACES if p.ndim == 4 else 1) for p in module.parameters())
    return 2.0 * n_rows * max(sizes, default=0)


def worthy_threads(n_operations, n_available):
    """Threads for products of at most so many operations, of those that are available."""
    return max(1, min(int(n_operations / WORTH_A_THREAD), n_available))


@contextmanager
def threads_for(n_operations):
    """Context in which torch and BLAS have the threads that products of this size are worth.

    Several threads may be inside at once, and a thread more than once.
    """
    global _holders, _outside, _available
    outer = getattr(_inside, "n_threads", None)
    with _lock:
        if _holders == 0:
            _outside, _available = torch.get_num_threads(), allowed_threads()
        _holders += 1
    _inside.n_threads = worthy_threads(n_operations, min(_outside, _available))
    try:
        torch.set_num_threads(_inside.n_threads)
        with one_blas_thread():
            yield
    finally:
        _inside.n_threads = outer
        with _lock:
            # torch has a setting a thread, but a new thread starts with the last one of any.
            torch.set_num_threads(outer or _outside)
            _holders -= 1
