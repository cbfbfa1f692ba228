"""Rows in blocks: each is served as often as it should be, read ahead and no more."""

import numpy as np
import pytest
import torch

from skgen.kernels import row_blocks
from skgen.kernels.row_blocks import RowBlocks
from skgen.training import BlockRows, columns_of
from skgen.training.columns import Columns
from skgen.training.loop import split

SIZES = (40, 0, 25, 60, 35, 40)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def X():
    rows = np.random.default_rng(0).normal(3.0, 2.0, (sum(SIZES), 3))
    rows[:, 0] = np.arange(len(rows))
    rows[:20, 2] = 1.0
    return rows


@pytest.fixture
def two_blocks_held(monkeypatch):
    """Room for about two blocks."""
    monkeypatch.setattr(row_blocks, "HELD", 80 * 3 * 8)


def in_blocks(X, read=lambda number: None):
    ends = np.cumsum([0, *SIZES])

    def block(number):
        read(number)
        return X[ends[number] : ends[number + 1]]

    return RowBlocks(SIZES, block, X.shape[1], X.dtype)


def served(rows, batch_size=16, seed=0, least=1):
    order = rows.order(torch.Generator().manual_seed(seed))
    return [rows.take(batch) for batch in split(order, batch_size, least)]


def test_some_rows_are_read_as_of_an_array(X):
    blocks = in_blocks(X)
    numbers = np.array([199, 0, 40, 64, 65, 40])
    np.testing.assert_array_equal(blocks[numbers], X[numbers])
    np.testing.assert_array_equal(blocks[3:150:7], X[3:150:7])
    np.testing.assert_array_equal(blocks.whole(), X)
    kept = X[:, 1] > 3
    np.testing.assert_array_equal(blocks.only(kept).whole(), X[kept])
    beside = blocks.only(kept).beside(X[kept, :2])
    np.testing.assert_array_equal(beside[60:70], np.hstack([X, X[:, :2]])[kept][60:70])
    assert beside.map(lambda rows: rows[:, :1]).astype("f4").dtype == np.float32
    with pytest.raises(TypeError, match="read as a whole"):
        np.asarray(blocks)


@pytest.mark.parametrize("subset", [None, np.flatnonzero(np.arange(200) % 5)], ids=["all", "some"])
def test_an_epoch_serves_each_row_once(X, subset, two_blocks_held):
    rows = BlockRows(in_blocks(X), 1.0, 2.0, CPU, subset)
    batches = served(rows)
    n = 200 if subset is None else len(subset)
    assert len(rows) == n
    assert {len(batch) for batch in batches[:-1]} == {16}
    found = torch.cat(batches).numpy()
    expected = (X if subset is None else X[subset]).astype(np.float32)
    found = found[np.argsort(found[:, 0])]
    np.testing.assert_allclose(found, (expected - 1) / 2, atol=1e-6)


def test_the_last_batch_is_not_too_small(X, two_blocks_held):
    rows = BlockRows(in_blocks(X), 0.0, 1.0, CPU)
    assert [len(batch) for batch in served(rows, 66, least=3)] == [66, 66, 68]


def test_blocks_and_their_rows_are_shuffled(X, two_blocks_held):
    rows = BlockRows(in_blocks(X), 0.0, 1.0, CPU)
    first, again, other = (torch.cat(served(rows, seed=seed))[:, 0] for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    ends = np.cumsum([0, *SIZES])
    block = np.searchsorted(ends, first.numpy(), side="right")
    # Rows of two blocks are mixed, those of others are not among them.
    assert (np.diff(block) != 0).sum() > 30
    assert len(set(block[:40])) <= 3 < len(set(block))
    firsts = {float(served(rows, 1, seed)[0][0, 0]) // 100 for seed in range(8)}
    assert firsts == {0, 1}


def test_no_more_is_read_ahead_than_is_held(X, two_blocks_held):
    read = []
    rows = BlockRows(in_blocks(X, read.append), 0.0, 1.0, CPU)
    order = rows.order(torch.Generator().manual_seed(0))
    groups = order.groups
    assert len(groups) > 2
    order[:1]
    order.next.result()
    assert read == [*groups[0], *groups[1]]
    with pytest.raises(IndexError, match="Row 9 of an epoch was asked for, but 1 is next"):
        order[9:10]


def test_an_error_of_a_source_is_that_of_the_fit(X, two_blocks_held):
    def read(number):
        if number == 3:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        served(BlockRows(in_blocks(X, read), 0.0, 1.0, CPU))


def test_weights_are_numbers_of_times(X, two_blocks_held):
    weight = np.random.default_rng(1).integers(1, 4, 200).astype(float)
    weight[[7, 150]] = 30.0, 0.05
    rows = BlockRows(in_blocks(X), 0.0, 1.0, CPU, None, weight)
    counts = []
    for seed in range(200):
        numbers = torch.cat(served(rows, seed=seed))[:, 0].long()
        assert len(numbers) == 200
        counts.append(torch.bincount(numbers, minlength=200).numpy())
    expected = 200 * weight / weight.sum()
    assert (np.abs(counts - expected) < 1).all()
    np.testing.assert_allclose(np.mean(counts, axis=0), expected, atol=0.2)


def test_functions_of_batches(X, two_blocks_held):
    rows = BlockRows(in_blocks(X), 0.0, 1.0, CPU).map(lambda x: x[:, :1]).map(lambda x: -x)
    found = torch.cat(served(rows))
    assert found.shape == (200, 1)
    assert torch.equal(found.sort(0).values[:, 0], -torch.arange(199.0, -1, -1))


@pytest.mark.parametrize("weighted", [False, True])
def test_columns_are_measured_as_those_of_an_array(X, weighted):
    # Weights whose scale differs between blocks.
    weight = np.where(np.arange(200) < 90, 5.0, 0.5) if weighted else None
    earlier = Columns(X[:30])
    for name in ("total", "extremes", "fraction_at_ends", "moments", "kurtosis"):
        getattr(earlier, name)()
    for record in (None, earlier.record()):
        by_block, whole = columns_of(in_blocks(X), weight, record), Columns(X, weight, record)
        assert by_block.n_rows == pytest.approx(whole.n_rows)
        for name in ("own_moments", "total", "extremes", "fraction_at_ends", "moments", "kurtosis"):
            found, expected = getattr(by_block, name)(), getattr(whole, name)()
            np.testing.assert_allclose(found, expected, rtol=1e-10, err_msg=name)
        assert by_block.n_vouching() == pytest.approx(whole.n_vouching())
        assert by_block.record().keys() == whole.record().keys()


def test_a_sample_stands_for_all_blocks(X, monkeypatch):
    np.testing.assert_array_equal(columns_of(in_blocks(X)).sample(), X)
    monkeypatch.setattr("skgen.training.block_columns.N_SAMPLE", 50)
    numbers = columns_of(in_blocks(X)).sample()[:, 0]
    assert len(set(numbers)) == 50
    assert np.histogram(numbers, 4, (0, 200))[0].min() > 4
    weight = np.where(np.arange(200) < 100, 3.0, 1.0)
    numbers = columns_of(in_blocks(X), weight).sample()[:, 0]
    assert 33 <= (numbers < 100).sum() <= 43
