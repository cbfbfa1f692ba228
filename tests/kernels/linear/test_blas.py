"""One thread for SciPy's BLAS inside the context, and its own number again outside."""

from threadpoolctl import threadpool_info

from skgen.kernels.linear import blas


def scipy_threads():
    return [lib["num_threads"] for lib in threadpool_info() if "scipy.libs" in lib["filepath"]]


def test_one_thread_inside_only(two_threads):
    before = scipy_threads()
    assert all(n == 2 for n in before)
    with blas.one_scipy_thread():
        assert all(n == 1 for n in scipy_threads())
    assert scipy_threads() == before
