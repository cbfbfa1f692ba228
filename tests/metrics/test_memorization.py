"""Nearest records and copies of training rows."""

import numpy as np
import pytest
from scipy.stats import kstest

from skgen.kernels.two_sample.record_test import near_p_value
from skgen.metrics import copies, nearest_record_distance


def test_nearest_distances_by_their_definition(rng):
    X, Y = rng.standard_normal((40, 3)), rng.standard_normal((25, 3))
    expected = np.linalg.norm(Y[:, None] - X, axis=2).min(axis=1)
    np.testing.assert_allclose(nearest_record_distance(X, Y), expected)


def test_copies_are_at_distance_zero_in_many_columns(rng):
    X = rng.standard_normal((50, 300)) + 1e4
    np.testing.assert_array_equal(nearest_record_distance(X, X[::-1]), 0)


def test_p_values_are_uniform_where_nothing_is_memorized():
    rng = np.random.default_rng(2)
    values = []
    for _ in range(300):
        X, Y, held_out = (rng.standard_normal((n, 2)) for n in (60, 80, 70))
        values.append(copies(X, Y, held_out, level=0.3).p_value)
    values = np.array(values)
    # Counts are whole: at most p with probability at most p, and not far less.
    for p in (0.05, 0.2, 0.5, 0.8):
        assert np.mean(values <= p) < p + 3 * np.sqrt(p * (1 - p) / 300)
    assert kstest(values, "uniform").statistic < 0.15


def test_the_p_value_by_counting_all_orders():
    """Two draws and two held-out rows: six orders, and the threshold is the first held-out row."""
    held_out, threshold = np.array([2.0, 5.0]), 2.0
    both, one = np.array([0.0, 1.0]), np.array([1.0, 4.0])
    assert near_p_value(both, held_out, threshold) == pytest.approx(1 / 6)
    assert near_p_value(one, held_out, threshold) == pytest.approx(3 / 6)
    assert near_p_value(one + 5, held_out, threshold) == 1


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_memorized_rows_are_found(share, rng):
    X, fresh, held_out = rng.standard_normal((3, 400, 4))
    n_copied = int(share * 400)
    Y = np.concatenate([X[:n_copied] + 1e-3, fresh[n_copied:]])
    result = copies(X, Y, held_out)
    assert result.expected == 0.05
    assert result.is_copy[:n_copied].all()
    assert result.fraction == pytest.approx(share + 0.05 * (1 - share), abs=0.035)
    assert (result.p_value < 1e-3) == (share > 0)
    np.testing.assert_array_equal(result.is_copy, result.distances <= result.threshold)


def test_equal_rows_of_few_categories_are_no_copies(rng):
    X, Y, held_out = rng.choice(["a", "b", "c"], (3, 200, 2))
    result = copies(X, Y, held_out)
    assert result.threshold == 0
    assert result.fraction == result.expected == 1
    assert result.p_value > 0.3


def test_what_it_refuses(rng):
    X = rng.standard_normal((5, 2))
    with pytest.raises(ValueError, match="level == 1"):
        copies(X, X, X, level=1.0)
    with pytest.raises(ValueError, match="X_held_out has 3 columns, but X has 2"):
        copies(X, X, np.ones((4, 3)))
