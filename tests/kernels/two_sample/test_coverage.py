import numpy as np
import pytest

from skgen.kernels.two_sample.coverage import coverage, perfect_coverage
from skgen.kernels.two_sample.distances import length_scales, squared_distances


def copied(rng, n_distinct=40, n_copies=15):
    """Rows of which each occurs several times."""
    return np.repeat(rng.standard_normal((n_distinct, 3)), n_copies, axis=0)


def test_rows_without_copies_are_covered_up_to_their_fifth_neighbor(rng):
    X, Y = rng.standard_normal((2, 300, 3))
    radii = np.sort(squared_distances(X, X), axis=1)[:, 5]
    expected = np.mean(squared_distances(X, Y).min(axis=1) <= radii)
    assert coverage(X, Y) == pytest.approx(expected, abs=1e-12)
    values = [coverage(*rng.standard_normal((2, 300, 3))) for _ in range(30)]
    assert np.mean(values) == pytest.approx(perfect_coverage(300, 300), abs=0.01)


def test_copies_cover_themselves_and_what_is_missing_stays_missing(rng):
    X = copied(rng)
    assert coverage(X, X) == 1
    noise = 1e-3 * rng.standard_normal(X.shape)
    assert coverage(X, X + noise) == 1
    # Half of the rows have no draw near them, however near their copies are.
    assert coverage(X, (X + noise)[:300]) == 0.5
    assert coverage(X, X + 5) == 0
    order = rng.permutation(len(X))
    assert coverage(X[order], X + noise) == 1


def test_a_row_counts_as_often_as_it_occurs():
    X = np.repeat([[0.0, 0], [4, 0], [0, 4]], [10, 20, 30], axis=0)
    for row, share in zip(np.unique(X, axis=0), (10, 30, 20)):
        assert coverage(X, row[None] + 1.9) == 0
        assert coverage(X, row[None] - 0.5) == pytest.approx(share / 60)
    # Fewer copies than neighbors: the fifth neighbor is another row.
    few = np.repeat(np.arange(4.0), 3)[:, None]
    assert coverage(few, np.array([[-1.0]])) == pytest.approx(0.25)


@pytest.mark.parametrize("rate", [0.1, 1, 4])
def test_a_perfect_model_of_counts_covers_them(rate, rng):
    X, Y = rng.poisson(rate, (2, 500, 3)).astype(float)
    assert coverage(X, Y) > 0.96
    assert coverage(X, Y + 0.05 * rng.standard_normal(Y.shape)) > 0.96
    assert coverage(X, Y[Y[:, 0] == 0] - 3) < 0.1


def test_rows_that_are_all_the_same_say_nothing():
    assert np.isnan(coverage(np.ones((5, 2)), np.ones((5, 2))))


def test_copies_have_no_width(rng):
    # The distance of copies is a rounding error, and no length to measure draws by.
    fine, coarse = length_scales(1e3 + copied(rng))
    assert fine == coarse > 1
