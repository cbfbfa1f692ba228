import numpy as np
import pytest
import scipy.sparse
from scipy.stats import kurtosis

from skgen.base.data_range import column_scales, noise_floors, robust_scales
from skgen.training.columns import Columns

MEASURES = ("total", "extremes", "fraction_at_ends", "moments", "kurtosis")


@pytest.fixture
def X(rng):
    X = np.exp(rng.standard_normal((400, 4))) * [1, 1e-9, 1e9, 1] + [0, 0, 1e9, 5]
    X[:, 3] = rng.random(400) < 0.1
    return X


def measured(columns):
    return {name: getattr(columns, name)() for name in MEASURES}


def test_measures_are_those_of_numpy(X):
    found = measured(Columns(X))
    np.testing.assert_allclose(found["moments"], [X.mean(0), X.var(0)], rtol=1e-9)
    np.testing.assert_allclose(found["kurtosis"], kurtosis(X, fisher=False), rtol=1e-9)
    np.testing.assert_array_equal(found["extremes"], [X.min(0), X.max(0)])
    assert found["fraction_at_ends"] == pytest.approx(np.isin(X, [0, 1]).mean())


@pytest.mark.parametrize("n_first", [1, 7, 399])
def test_pieces_of_a_stream_are_known_as_well_as_the_whole(X, n_first):
    first = Columns(X[:n_first])
    measured(first)
    second = Columns(X[n_first:], earlier=first.record())
    assert second.n_rows == 400
    for name, value in measured(Columns(X)).items():
        np.testing.assert_allclose(measured(second)[name], value, rtol=1e-6, err_msg=name)


def test_weights_count_as_repeats_and_their_scale_not_at_all(X, rng):
    weight = rng.integers(1, 5, 400).astype(float)
    repeated = measured(Columns(np.repeat(X, weight.astype(int), axis=0)))
    for scale in (1.0, 1e-3):
        found = measured(Columns(X, scale * weight))
        for name in ("extremes", "fraction_at_ends", "moments", "kurtosis"):
            np.testing.assert_allclose(found[name], repeated[name], rtol=1e-8, err_msg=name)
        n_rows = Columns(X, scale * weight).n_rows
        assert n_rows == pytest.approx(weight.sum() ** 2 / np.square(weight).sum())
        np.testing.assert_allclose(found["total"] / n_rows, repeated["moments"][0], rtol=1e-9)


def test_sums_and_extremes_of_sparse_rows(rng):
    X = (rng.random((50, 6)) < 0.2).astype(float)
    weight = rng.random(50) + 0.1
    for w in (None, weight):
        dense, sparse = Columns(X, w), Columns(scipy.sparse.csr_array(X), w)
        np.testing.assert_allclose(sparse.total(), dense.total())
        np.testing.assert_array_equal(sparse.extremes(), dense.extremes())


def test_a_constant_column_has_the_unit_of_the_others(rng):
    X = 70 * rng.standard_normal((50, 4))
    X[:, 1] = 3e9
    for scales in (column_scales, robust_scales):
        _, scale = scales(Columns(X))
        assert scale[1] == np.median(np.delete(scale, 1))
        assert (scales(Columns(np.ones((9, 2))))[1] == 1).all()


def test_more_rows_of_a_stream_vouch_for_less_noise(rng):
    X = rng.standard_normal((1000, 2))
    columns = Columns(X[:1])
    alone = noise_floors(columns)
    measured(columns)
    together = noise_floors(Columns(X[1:], earlier=columns.record()))
    assert (alone > 0.3).all()
    np.testing.assert_allclose(together, noise_floors(Columns(X)), rtol=1e-6)
