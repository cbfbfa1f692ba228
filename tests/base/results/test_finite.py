"""Answers that are not finite are refused, and counted."""

import warnings

import numpy as np
import pytest

from skgen import PixelCNN, ProbabilisticPCA
from skgen.base.results.finite import finite
from skgen.exceptions import DataRangeWarning


def given(*values):
    return lambda X: np.array(values)


def test_a_finite_answer_is_returned_itself():
    answer = np.ones((2, 3), dtype=np.float32)
    assert finite(lambda X: answer, np.zeros((2, 3))) is answer
    assert finite(lambda X: answer[:0], np.zeros((0, 3))).shape == (0, 3)


def test_further_arguments_reach_the_hook():
    X, y = np.ones((2, 2)), np.arange(2.0)
    np.testing.assert_array_equal(finite(lambda X, y: X.sum(1) + y, X, y), [2, 3])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_not_finite_is_counted(bad, dtype):
    answer = np.array([[1, bad, 2], [bad, 3, 4]], dtype=dtype)
    with pytest.raises(ValueError, match="^Z holds values so far .* in 2 of 6 numbers; scale Z"):
        finite(lambda X: answer, np.zeros((2, 3)), name="Z")


def test_the_rows_are_called_x_unless_told():
    with pytest.raises(ValueError, match="^X holds .* in 1 of 1 numbers; scale X"):
        finite(given(np.nan), np.zeros((1, 1)))


def test_a_row_may_be_impossible_where_that_is_said():
    answer = finite(given(-1.0, -np.inf), np.zeros((2, 1)), impossible=True)
    assert answer.tolist() == [-1, -np.inf]
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="in 1 of 3 numbers"):
            finite(given(-1.0, -np.inf, bad), np.zeros((3, 1)), impossible=True)


def test_large_finite_numbers_are_finite_though_their_sum_is_not():
    answer = np.full((3, 2), np.finfo(np.float32).max)
    assert finite(lambda X: answer, answer) is answer
    answer = np.array([1e308, 1e308, -1e308])
    assert finite(lambda X: answer, answer) is answer


def test_an_overflow_is_told_by_its_outcome_alone():
    X = np.full((2, 2), 1e200)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert finite(lambda X: 1 / X**2, X).tolist() == [[0, 0], [0, 0]]
        with pytest.raises(ValueError, match="in 4 of 4"):
            finite(lambda X: X**2, X)


def test_the_errors_of_numpy_are_as_before():
    with np.errstate(over="raise"):
        before = np.geterr()
        finite(lambda X: X, np.ones(3))
        assert np.geterr() == before
        with pytest.raises(ValueError, match="finite"):
            finite(lambda X: X * np.inf, np.ones(3))
        assert np.geterr() == before


def test_an_error_of_the_hook_passes():
    def broken(X):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        finite(broken, np.ones(3))


def test_verbs_refuse_what_they_cannot_answer():
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = ProbabilisticPCA(1).fit(X)
    far = X.copy()
    far[4] = 1e200
    with pytest.raises(ValueError, match="^X holds .* in 1 of 30 numbers"):
        model.score_samples(far)
    with pytest.raises(ValueError, match="^X holds .* not finite"):
        ProbabilisticPCA(1).fit(100 * X).inverse_transform(np.full((2, 1), 1e308))


def test_only_models_that_know_impossible_rows_score_them():
    X = np.random.default_rng(0).integers(0, 2, (40, 4)) * 2.0
    model = PixelCNN(
        n_layers=1, max_iter=1, image_shape=(2, 2), distribution="categorical", random_state=0
    ).fit(X)
    with pytest.warns(DataRangeWarning, match="probability is 0"):
        scores = model.score_samples(np.array([[0, 2, 0, 2], [0, 1, 0, 2.0]]))
    assert np.isfinite(scores[0])
    assert scores[1] == -np.inf
