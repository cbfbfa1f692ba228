"""Conditions as columns: what is a class, what a number, what is unknown."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skgen.base.conditions import learned_conditions

pd = pytest.importorskip("pandas")

NAN = float("nan")


def code(y, **how):
    return learned_conditions(y, **how).code(y)


@pytest.mark.parametrize(
    "y",
    [
        np.array([2, 0, 2, 1]),
        np.array([2.0, 0.0, 2.0, 1.0]),
        np.array(["c", "a", "c", "b"]),
        np.array(["c", "a", "c", "b"], dtype=object),
        pd.Series(["c", "a", "c", "b"], dtype="category"),
        pd.Series(["c", "a", "c", "b"], dtype="string"),
        ["c", "a", "c", "b"],
    ],
)
def test_classes_have_a_column_each_and_a_flag(y):
    np.testing.assert_array_equal(code(y), [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]])


def test_booleans_are_classes():
    known = learned_conditions([True, False, True])
    np.testing.assert_array_equal(known.code([True, False]), [[0, 1, 0], [1, 0, 0]])


@pytest.mark.parametrize(
    "y",
    [
        np.array([1, 0, -1]),
        np.array([1.0, 0.0, NAN]),
        np.array([1.0, 0.0, -1.0]),
        np.array(["b", "a", None], dtype=object),
        np.array(["b", "a", NAN], dtype=object),
        np.array(["b", "a", -1], dtype=object),
        pd.Series(["b", "a", None], dtype="string"),
        pd.Series([1, 0, None], dtype="Int64"),
    ],
)
def test_unknown_classes_have_only_the_flag(y):
    np.testing.assert_array_equal(code(y), [[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    assert learned_conditions(y).is_unknown(code(y)).tolist() == [False, False, True]


def test_reals_are_standardized_by_weight():
    y, weight = np.array([0.5, 2.5, NAN, -1.0]), np.array([1.0, 3.0, 5.0, 0.5])
    given = code(y, weight=weight)
    assert given[2].tolist() == [0, 1]
    known = np.array([0, 1, 3])
    mean = np.average(given[known, 0], weights=weight[known])
    assert abs(mean) < 1e-6
    assert np.average(given[known, 0] ** 2, weights=weight[known]) == pytest.approx(1, abs=1e-6)


def test_many_integral_floats_are_numbers_and_many_integers_are_classes():
    many = np.arange(21)
    assert learned_conditions(many.astype(float)).widths == [2]
    assert learned_conditions(many).widths == [22]
    assert learned_conditions(many[:20].astype(float)).widths == [21]


def test_columns_of_all_kinds_stand_side_by_side():
    y = pd.DataFrame({"kind": ["b", "a", None], "size": [1.5, NAN, 3.25], "there": [True] * 3})
    known = learned_conditions(y)
    assert known.widths == [3, 2, 2]
    given = known.code(y)
    np.testing.assert_array_equal(given[:, [0, 1, 2]], [[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(given[:, 4], [0, 1, 0])
    rows = [["b", 1.5, True], ["a", NAN, True], [None, 3.25, True]]
    np.testing.assert_array_equal(learned_conditions(rows).code(rows), given)
    assert known.classes is None


def test_polars_frames_are_taken():
    pl = pytest.importorskip("polars")
    y = pl.DataFrame({"kind": ["b", "a", None], "size": [1.5, None, 3.25]})
    np.testing.assert_array_equal(
        code(y)[:, [0, 1, 2, 4]], [[0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]]
    )


@pytest.mark.parametrize(
    ("y", "draws", "which"),
    [
        (["a", "b", "c"], "b", [1, 1, 1]),
        (["a", "b", "c"], ["b"], [1, 1, 1]),
        (["a", "b", "c"], ["c", "a", "b"], [2, 0, 1]),
        ([["a"], ["b"], ["c"]], "b", [1, 1, 1]),
        ([[0, "a"], [1, "b"], [2, "c"]], [1, "b"], [1, 1, 1]),
        ([[0, "a"], [1, "b"], [2, "c"]], [[2, "c"], [0, "a"], [1, "b"]], [2, 0, 1]),
    ],
)
def test_one_condition_serves_all_draws_or_each_has_its_own(y, draws, which):
    known = learned_conditions(y)
    np.testing.assert_array_equal(known.code_of_draws(draws, 3), known.code(y)[which])


def test_the_number_of_conditions_is_that_of_the_draws():
    with pytest.raises(ValueError, match="y holds 2 conditions, but n_samples=3"):
        learned_conditions([0, 1]).code_of_draws([0, 1], 3)


def test_an_unseen_class_is_named_beside_the_known_ones():
    known = learned_conditions(pd.DataFrame({"kind": ["a", "b"], "n": [0, 1]}))
    with pytest.raises(ValueError, match=r"Column 'kind' of y has the class 'z'.*\['a' 'b'\]"):
        known.code_of_draws(["z", 0], 1)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([-1, -1], "no known value in its 2 rows"),
        ([None, None], "no known value"),
        ([-1, 1, -1], "one class, 1, beside -1"),
        (np.array(["a", "-1"]), "holds the text '-1'"),
        (np.array(["a", 1], dtype=object), "mixes kinds of values"),
        ([0.5, np.inf], "infinity"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "dtype datetime64"),
        (np.zeros((2, 2, 2)), "shape"),
        (3, "shape"),
    ],
)
def test_what_is_no_condition_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        learned_conditions(y)


def test_other_columns_than_in_fit_are_refused():
    known = learned_conditions([[0, 0.5], [1, 0.25]])
    with pytest.raises(ValueError, match="y has 1 column, but the y of fit had 2"):
        known.code([0, 1])
    with pytest.raises(ValueError, match="held numbers in fit"):
        known.code([[0, "much"]])


def test_classes_may_be_announced():
    known = learned_conditions(np.array([1, 1]), classes=[0, 1, 2])
    assert known.classes.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="y has 2 columns; leave classes out"):
        learned_conditions([[1, 2]], classes=[0, 1])


def test_an_encoder_codes_texts_and_rows_of_several_columns():
    texts = np.array(["a thick seven", "thin seven", None], dtype=object)
    encoder = CountVectorizer()
    known = learned_conditions(texts, encoder=encoder)
    assert not hasattr(encoder, "vocabulary_")
    words = known.transformer.transform(texts[:2]).toarray()
    given = known.code(texts)
    scale = np.sqrt(np.square(words).mean())
    np.testing.assert_allclose(given[:2], np.c_[words / scale, [0, 0]], rtol=1e-6)
    assert given[2].tolist() == [0] * words.shape[1] + [1]
    np.testing.assert_array_equal(known.code_of_draws("thin seven", 2), given[[1, 1]])
    y = pd.DataFrame({"u": ["a", "b", None], "v": [0, 1, 1]})
    known = learned_conditions(y, encoder=OneHotEncoder())
    assert known.widths == [5]
    np.testing.assert_array_equal(known.is_unknown(known.code(y)), [False, False, True])
    np.testing.assert_array_equal(known.code_of_draws(["b", 1], 2), known.code(y)[[1, 1]])


def test_an_encoder_of_tables_reads_one_column_as_a_table_and_one_of_texts_as_texts():
    y = np.array(["b", "a", "b"])
    expected = [[0, 2**0.5, 0], [2**0.5, 0, 0], [0, 2**0.5, 0]]
    np.testing.assert_allclose(code(y, encoder=OneHotEncoder()), expected, rtol=1e-6)
    words = make_pipeline(CountVectorizer(token_pattern=r"\w"), StandardScaler(with_mean=False))
    assert learned_conditions(y, encoder=words).widths == [3]
