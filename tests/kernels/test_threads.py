import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from joblib import Parallel, cpu_count, delayed, parallel_config
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info, threadpool_limits

from skgen import FactorAnalysis, ProbabilisticPCA, SparseCoder
from skgen.kernels.blas_threads import (
    WORTH_A_THREAD,
    covariance_operations,
    one_blas_thread,
    threads_by,
)
from skgen.kernels.linear.blas import one_scipy_thread
from skgen.kernels.threads import RowWorkers, allowed_threads


def pools():
    """What native pools may use now."""
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_every_row_is_visited_once(n_threads):
    visits = np.zeros(1003, dtype=int)

    def task(rows):
        visits[rows] += 1

    with RowWorkers(n_threads) as workers:
        workers.run(task, 1003, 10)
        workers.run(task, 0, 10)
    assert np.all(visits == 1)


def test_an_error_in_any_thread_is_raised():
    def task(rows):
        if rows.start == 90:
            raise RuntimeError("row 90")

    with RowWorkers(2) as workers, pytest.raises(RuntimeError, match="row 90"):
        workers.run(task, 100, 10)


def test_threadpoolctl_limits_hold(two_threads):
    assert allowed_threads() == min(2, cpu_count())
    with threadpool_limits(1):
        assert allowed_threads() == 1


def test_blas_gets_one_thread_inside_and_its_own_back_after(two_threads):
    before = pools()
    assert set(before) == {2}
    with RowWorkers(1):
        assert set(pools()) <= {1}
        with RowWorkers(1):
            assert set(pools()) <= {1}
        assert set(pools()) <= {1}
    assert pools() == before


def test_concurrent_holders_restore_the_limits(two_threads):
    before = pools()
    assert set(before) == {2}

    def hold(seconds):
        with RowWorkers(1):
            time.sleep(seconds)

    threads = [threading.Thread(target=hold, args=(0.01 * i,)) for i in (3, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pools() == before


@pytest.mark.parametrize("first", [one_blas_thread, one_scipy_thread])
@pytest.mark.parametrize("second", [one_blas_thread, one_scipy_thread])
def test_threads_that_overlap_leave_blas_as_it_was(first, second, two_threads):
    """Whoever set the threads of BLAS before, and whoever leaves last."""
    before, inside = pools(), []
    entered, left = [threading.Event() for _ in range(2)], threading.Event()
    looked = threading.Event()

    def enter_first():
        with first():
            inside.append(min(pools()))
            entered[0].set()
            entered[1].wait()
        left.set()
        looked.wait()

    def leave_last():
        entered[0].wait()
        with second():
            inside.append(min(pools()))
            entered[1].set()
            left.wait()

    threads = [threading.Thread(target=target) for target in (enter_first, leave_last)]
    for thread in threads:
        thread.start()
    threads[1].join()
    after = pools()  # while the first thread lives
    looked.set()
    threads[0].join()
    assert inside == [1, 1]
    assert after == before


def test_others_may_limit_blas_after_a_thread_has(two_threads):
    left, looked = threading.Event(), threading.Event()

    def enter_and_live_on():
        with one_blas_thread():
            pass
        left.set()
        looked.wait()

    thread = threading.Thread(target=enter_and_live_on)
    thread.start()
    left.wait()
    with threadpool_limits(1):
        inside = pools()
    after = pools()
    looked.set()
    thread.join()
    assert set(inside) == {1}
    assert set(after) == {2}


@pytest.mark.parametrize(("fraction", "n_threads"), [(1.9, 1), (2, 2)])
def test_blas_has_more_threads_where_they_are_worth_it(two_threads, fraction, n_threads):
    @threads_by(lambda n_operations: n_operations)
    def seen(n_operations):
        return set(pools())

    assert seen(fraction * WORTH_A_THREAD) == {n_threads}
    assert set(pools()) == {2}


def test_operations_of_a_covariance():
    assert covariance_operations(np.zeros((30, 4))) == 2 * 30 * 4 * 4
    assert covariance_operations(np.zeros((4, 30))) == 2 * 4 * 4 * 30
    assert covariance_operations([[1.0, 2.0]]) == 0


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@pytest.mark.parametrize("model", [FactorAnalysis(), FactorAnalysis(3), ProbabilisticPCA()])
@pytest.mark.parametrize("shape", [(60, 9), (9, 60)])
def test_small_linear_models_fit_on_one_thread(model, shape, two_threads, rng, monkeypatch):
    """A second thread of BLAS would be waited for in each of hundreds of small factorizations."""
    seen, eigh = [], np.linalg.eigh

    def watched(*args, **kwargs):
        seen.extend(pools())
        return eigh(*args, **kwargs)

    monkeypatch.setattr(np.linalg, "eigh", watched)
    model.fit(rng.standard_normal(shape))
    assert set(seen) == {1}
    assert set(pools()) == {2}


def test_one_thread_in_a_parallel_loop_of_threads(two_threads):
    with parallel_config(backend="threading"):
        assert Parallel(n_jobs=2)(delayed(allowed_threads)() for _ in range(4)) == [1] * 4


def test_worker_processes_share_the_processors(monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)  # the limits of conftest.py: joblib's are tested
    found = Parallel(n_jobs=2, backend="loky")(delayed(allowed_threads)() for _ in range(4))
    assert max(found) <= max(1, os.cpu_count() // 2)


@pytest.mark.parametrize("backend", ["threading", "loky", "multiprocessing"])
def test_grid_search_in_parallel_equals_serial(backend, rng):
    X = rng.standard_normal((150, 8))
    grid = {"alpha": [0.2, 0.5], "n_components": [4, 12]}
    coder = SparseCoder(random_state=0, max_iter=5, tol=0)
    serial = GridSearchCV(coder, grid, cv=2).fit(X)
    with parallel_config(backend=backend):
        parallel = GridSearchCV(coder, grid, cv=2, n_jobs=2).fit(X)
    for key in ("split0_test_score", "split1_test_score"):
        # Another process may lay its arrays out otherwise, which moves the last bit of a sum.
        np.testing.assert_allclose(serial.cv_results_[key], parallel.cv_results_[key], rtol=1e-12)


def test_many_threads_may_fit_at_once(two_threads, rng):
    X = rng.standard_normal((300, 10))
    fits = [None] * 6

    def fit(i):
        fits[i] = SparseCoder(20, alpha=0.3, random_state=0, max_iter=5, tol=0).fit(X)

    threads = [threading.Thread(target=fit, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in fits[1:]:
        np.testing.assert_array_equal(other.components_, fits[0].components_)


def test_nothing_is_compiled_at_import():
    code = (
        "import skgen.sparse\n"
        "from skgen.kernels.sparse import lasso_active_set, lasso_coordinate, lasso_proximal\n"
        "from skgen.kernels.sparse import matching_pursuit, online_dictionary\n"
        "kernels = [lasso_active_set.active_set, lasso_coordinate.coordinate_descent,\n"
        "           lasso_proximal.ista, lasso_proximal.fista,\n"
        "           matching_pursuit.matching_pursuit, online_dictionary.accumulate]\n"
        "assert not any(kernel.signatures for kernel in kernels)\n"
        "import sys; assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
