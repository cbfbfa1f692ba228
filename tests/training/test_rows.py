import tracemalloc

import numpy as np
import pytest
import scipy.sparse
import torch

from skgen.training import (
    column_moments,
    make_rows,
    own_draws,
    seeded,
    standardized,
    torch_generator,
)
from skgen.training.columns import Columns
from skgen.training.inference import LEAST_BLOCK, N_VALUES, rows_at_once

CPU = torch.device("cpu")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_moments_do_not_lose_digits_to_a_large_mean(rng, dtype):
    X = rng.integers(0, 5, (20_000, 3)).astype(dtype)
    if dtype != np.uint8:
        X += 10_000
    mean, variance = column_moments(X)
    np.testing.assert_allclose(mean, X.astype(np.float64).mean(0), rtol=1e-12)
    np.testing.assert_allclose(variance, X.astype(np.float64).var(0), rtol=1e-9)


def test_standardizing_centers_in_float64(rng):
    X = 1e6 + rng.standard_normal((100, 2))
    Z = standardized(X, X.mean(0), X.std(0))
    assert Z.dtype == np.float32
    np.testing.assert_allclose(Z, (X - X.mean(0)) / X.std(0), atol=1e-6)


def test_rows_that_need_no_change_are_not_copied(rng):
    X = rng.random((10, 3)).astype(np.float32)
    X.flags.writeable = False
    rows = make_rows(X, 0.0, 1.0, CPU)
    assert rows.tensor.data_ptr() == X.ctypes.data


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_streamed_rows_equal_rows_on_the_device(rng, dtype):
    X = rng.integers(0, 9, (50, 3)).astype(dtype)
    mean, scale = X.mean(0), X.std(0)
    resident = make_rows(X, mean, scale, CPU)
    streamed = make_rows(X, mean, scale, CPU, stream=True)
    index = torch.tensor([3, 9, 20])
    torch.testing.assert_close(streamed.take(index), resident.take(index))
    double = streamed.map(lambda x: 2 * x).map(lambda x: x + 1)
    torch.testing.assert_close(double.take(index), 2 * resident.take(index) + 1)
    subset = np.arange(10, 40)
    part = make_rows(X, mean, scale, CPU, subset=subset, stream=True)
    assert len(part) == 30
    torch.testing.assert_close(
        part.take(index), make_rows(X, mean, scale, CPU, subset=subset).take(index)
    )
    order = streamed.order(torch.Generator().manual_seed(0))
    assert sorted(order.tolist()) == list(range(50))


def test_reversed_views_of_one_row_are_rows(rng):
    X = rng.random((1, 3)).astype(np.float32)
    for view in (X[::-1], X[:, ::-1]):
        np.testing.assert_array_equal(make_rows(view, 0.0, 1.0, CPU).tensor, view)


def test_seeded_blocks_are_reproducible_and_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    draws = []
    for _ in range(2):
        with seeded(torch_generator(np.random.RandomState(3))), own_draws():
            draws.append(torch.rand(4))
    assert torch.equal(*draws)
    assert torch.equal(before, torch.get_rng_state())


def test_sparse_rows_become_dense_batch_by_batch(rng):
    X = scipy.sparse.random(20, 5, density=0.3, format="csr", random_state=0)
    rows = make_rows(X, 0.0, 1.0, torch.device("cpu"))
    order = rows.order(torch.Generator().manual_seed(0))
    assert sorted(order.tolist()) == list(range(20))
    batch = rows.take(order[:7])
    assert batch.dtype == torch.float32
    np.testing.assert_allclose(batch, X.toarray()[order[:7].numpy()], rtol=1e-6)
    some = make_rows(X, 0.0, 1.0, torch.device("cpu"), subset=np.array([3, 5]))
    assert len(some) == 2


def growth_of(function):
    """Bytes that a call allocates at most."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("weighted", [False, True])
def test_wide_rows_are_measured_a_few_at_a_time(weighted):
    X = np.ones((4000, 2000), np.float32)
    weight = np.linspace(1, 2, len(X)) if weighted else None

    def measure():
        columns = Columns(X, weight)
        columns.moments(), columns.kurtosis(), columns.fraction_at_ends()

    # All rows in float64 would be 64 MB.
    assert growth_of(measure) < 25e6


def test_rows_at_once_by_the_widest_layer():
    narrow, wide = torch.nn.Linear(3, 5), torch.nn.Linear(3, 2**13)
    assert rows_at_once(narrow, 3) == N_VALUES // 5
    assert rows_at_once(narrow, 2**12) == N_VALUES // 2**12
    assert rows_at_once(wide, 3) == LEAST_BLOCK
