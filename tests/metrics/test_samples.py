"""Arrays and frames of two samples, as numbers in the same columns."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from skgen.metrics.samples import two_samples


def test_two_categories_that_differ_are_at_distance_one():
    X = pd.DataFrame({"kind": ["a", "b", "a"], "size": [1.0, 2, 3]})
    Y = np.array([["c", 1.0], ["a", 5.0]], dtype=object)
    pair = two_samples(X, Y, center=False)
    assert pair.X.shape == (3, 4)
    np.testing.assert_allclose(np.linalg.norm(pair.X[0] - pair.Y[0]), 1)
    np.testing.assert_allclose(np.linalg.norm(pair.X[0] - pair.Y[1]), 4)
    assert [list(group) for group in pair.groups] == [[0, 1, 2], [3]]


def test_categories_of_a_categorical_type_are_no_numbers():
    X = pd.DataFrame({"code": pd.Categorical([1, 2, 30])})
    pair = two_samples(X, np.array([[30], [2]]), least=1)
    np.testing.assert_allclose(np.linalg.norm(pair.X - pair.Y[0], axis=1), [1, 1, 0], atol=1e-12)


def test_columns_of_frames_are_put_in_order():
    X = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 5]})
    pair = two_samples(X, X[["b", "a"]])
    np.testing.assert_array_equal(pair.X, pair.Y)
    with pytest.raises(ValueError, match="columns of different names, such as 'b'"):
        two_samples(X, X.rename(columns={"b": "c"}))


def test_standard_deviations_are_those_of_data_and_leave_categories_alone():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"size": 1e3 * rng.standard_normal(50), "kind": ["a", "b"] * 25, "same": 4.0})
    pair = two_samples(X, X.head(10), standardize=True)
    assert pair.X[:, 0].std() == pytest.approx(1)
    np.testing.assert_allclose(np.ptp(pair.X[:, 1]), np.sqrt(0.5))
    np.testing.assert_array_equal(pair.X[:, 3], 0)
    np.testing.assert_array_equal(pair.Y, pair.X[:10])


def test_float32_is_centered_in_float64():
    X = np.array([[2**24], [2**24 + 2]], dtype=np.float32)
    pair = two_samples(X, X)
    assert pair.X.dtype == np.float64
    np.testing.assert_array_equal(pair.X, [[-1], [1]])


def test_gaps_in_whole_numbers_are_no_category():
    X = pd.DataFrame({"n": pd.array([1, 2, None], dtype="Int64"), "m": [1, 2, 3]})
    with pytest.raises(ValueError, match="Input X contains NaN"):
        two_samples(X, X)


def test_sparse_rows_are_refused():
    with pytest.raises(TypeError, match="Sparse data was passed"):
        two_samples(csr_matrix(np.eye(3)), np.eye(3))


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        ([[1.0, 2]] * 3, [[1.0]] * 3, "Y has 1 column, but X has 2"),
        ([[1.0, np.nan]] * 3, [[1.0, 2]] * 3, "Input X contains NaN"),
        ([[1.0, "a"]] * 3, [[np.nan, "a"]] * 3, "Input Y contains NaN"),
        ([1.0, 2], [[1.0]], "Expected 2D array"),
        ([[1.0]], [[1.0]] * 2, "minimum of 2 is required"),
    ],
)
def test_what_is_refused(X, Y, message):
    with pytest.raises(ValueError, match=message):
        two_samples(X, Y)
