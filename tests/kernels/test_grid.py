"""Which columns lie on a grid."""

import numpy as np
import pytest

from skgen.kernels.grid import closed_ends, decimals_of, grid_of, heaps_of, is_on_grid

EPS = np.finfo(float).eps
rng = np.random.default_rng(0)
ON_GRIDS = {
    "integers": (rng.integers(-5, 9, 200).astype(float), 1.0),
    "even integers": (2.0 * rng.integers(0, 30, 200), 2.0),
    "halves": (rng.integers(0, 11, 200) / 2, 0.5),
    "cents": (rng.integers(100, 400, 500) / 100, 0.01),
    "gray levels": (rng.integers(0, 256, 400) / 255, 1 / 255),
    "standardized integers": ((rng.poisson(3, 300) - 3.1) / 1.7, 1 / 1.7),
    "gaps of two and three": (rng.choice([0.0, 2.0, 5.0], 90), 1.0),
    "far from zero": (1e6 + rng.integers(0, 9, 200), 1.0),
}


@pytest.mark.parametrize("name", ON_GRIDS)
def test_the_step_of_a_grid_is_found(name):
    values, step = ON_GRIDS[name]
    origin, found = grid_of(values, EPS)
    assert found == pytest.approx(step, rel=1e-6)
    assert is_on_grid(values, origin, found, EPS).all()
    assert not is_on_grid(values + step / 3, origin, found, EPS).any()


@pytest.mark.parametrize(
    "values",
    [
        rng.standard_normal(500),
        rng.standard_normal(500).astype(np.float32).astype(float),
        np.round(rng.standard_normal(500), 6),
        rng.choice([0.0, 1.0, np.pi], 5),
    ],
    ids=["normal", "float32", "six decimals", "few rows"],
)
def test_measurements_lie_on_none(values):
    assert grid_of(values, EPS) is None


def test_a_constant_column_has_a_cell():
    assert grid_of(np.full(9, 7.0), EPS) == (7.0, 1.0)
    assert grid_of(np.full(9, -0.25), EPS) == (-0.25, 0.25)


def test_an_end_is_closed_where_values_pile_up():
    assert closed_ends(np.repeat([1.0, 2.0, 6.0], 50)) == (True, True)
    assert closed_ends(np.repeat([1.0, 2.0, 3.0, 4.0], [5, 90, 60, 8])) == (False, False)


def test_counts_end_at_zero_and_go_on_above():
    for rate in (0.3, 1.0, 5.0):
        assert closed_ends(rng.poisson(rate, 1000).astype(float)) == (True, False)


def heaped(n=600, multiple=10, spread=0.3, seed=0):
    """Integers of which only a share is not rounded to a multiple."""
    draws = np.random.default_rng(seed)
    values = draws.normal(0, 60, n)
    rounded = multiple * np.rint((values - 3) / multiple).astype(int) + 3
    return np.where(draws.random(n) < spread, np.rint(values).astype(int), rounded)


@pytest.mark.parametrize(("multiple", "spread"), [(2, 0.4), (5, 0.1), (10, 0.3), (20, 0.02)])
def test_heaps_are_found_with_the_share_of_the_rest(multiple, spread):
    found, start, share = heaps_of(heaped(multiple=multiple, spread=spread))
    assert (found, start) == (multiple, 3 % multiple)
    assert share == pytest.approx(spread, abs=0.07)


@pytest.mark.parametrize("seed", range(5))
def test_smooth_counts_and_piles_are_no_heaps(seed):
    draws = np.random.default_rng(seed)
    ages, pixels = draws.integers(0, 90, 500), np.clip(draws.normal(2, 9, 900), 0, 16)
    for places in (ages, draws.poisson(4, 500), np.rint(pixels), draws.poisson(40, 80)):
        assert heaps_of(places) is None


def test_decimals_are_those_that_are_written():
    assert decimals_of(np.array([7.5, 3.0, -1.25]), EPS) == 2
    assert decimals_of(np.array([30.0, 7.0]), EPS) == 0
    assert decimals_of(np.arange(9) / 255, EPS) is None
