"""What errors about an argument say."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_array

from skgen import VAE, FullyVisibleBeliefNetwork, OutlierDetector, ProbabilisticPCA
from skgen.base.wording import counted, naming, naming_what_takes_holes
from skgen.exceptions import DivergenceError


def raised(error, *names):
    """What comes of an error in a block that names arguments."""
    with pytest.raises(BaseException) as caught, naming(*names):
        raise error
    return caught.value


def test_counts_have_their_plurals():
    assert [counted(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


@pytest.mark.parametrize("kind", [ValueError, TypeError])
def test_an_error_begins_with_the_argument(kind):
    error = kind("Found array with 0 sample(s)")
    named = raised(error, "groups")
    assert type(named) is kind
    assert str(named) == "groups: Found array with 0 sample(s)"
    assert named.__cause__ is error


@pytest.mark.parametrize("said", ["X has 3 columns", "Input X contains NaN.", "about X"])
def test_an_error_that_names_the_argument_stays_as_it_is(said):
    error = ValueError(said)
    assert raised(error, "X") is error


def test_only_the_whole_word_names_the_argument():
    assert str(raised(ValueError("Xs are odd"), "X")) == "X: Xs are odd"
    assert str(raised(ValueError("X1 is odd"), "X")) == "X: X1 is odd"
    assert str(raised(ValueError("yes"), "y")) == "y: yes"


def test_an_error_about_another_argument_stays_as_it_is():
    error = ValueError("sample_weight is all zero")
    assert raised(error, "X", "y", "sample_weight") is error
    assert str(raised(error, "X", "y")) == "X: sample_weight is all zero"


@pytest.mark.parametrize(
    "error",
    [
        KeyError("columns"),
        MemoryError("too much"),
        RuntimeError("lost"),
        KeyboardInterrupt(),
        NotFittedError("call fit first"),
        DivergenceError("The loss is nan"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_about_something_else_pass(error):
    assert raised(error, "y") is error


def test_a_kind_of_value_error_is_a_value_error_with_a_name():
    named = raised(np.linalg.LinAlgError("singular"), "X")
    assert (type(named), str(named)) == (ValueError, "X: singular")


def test_a_function_may_name_its_argument_each_time_it_is_called():
    @naming("times")
    def checked(times):
        return check_array(times, ensure_2d=False)

    assert checked([1.0, 2.0]).tolist() == [1, 2]
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^times: .*inf"):
            checked([np.inf])


@pytest.mark.parametrize(("estimator", "fills"), [(VAE(), True), (object(), False)])
def test_an_error_about_nan_says_who_takes_it(estimator, fills):
    with pytest.raises(ValueError) as caught, naming_what_takes_holes(estimator):
        check_array([[np.nan]])
    first, second = str(caught.value).split("\n")
    assert first == "Input contains NaN."
    name = type(estimator).__name__
    assert second.startswith(f"{name} does not accept missing values")
    assert "ProbabilisticPCA().fit(X).impute(X)" in second
    assert (f"A fitted {name} fills new rows by impute" in second) is fills


def test_other_errors_do_not_speak_of_nan():
    with pytest.raises(ValueError) as caught, naming_what_takes_holes(VAE()):
        check_array([[np.inf]])
    assert "impute" not in str(caught.value)


def test_what_is_advised_about_nan_works():
    X = np.random.default_rng(0).normal(size=(30, 3))
    X[::4, 1] = np.nan
    assert np.isfinite(ProbabilisticPCA().fit(X).impute(X)).all()


def mixed(**columns):
    """A frame of numbers, bits, and other columns."""
    numbers = np.random.default_rng(0).normal(size=(20, 2))
    return pd.DataFrame(numbers, columns=["a", "b"]).assign(yes=numbers[:, 0] > 0, **columns)


@pytest.mark.parametrize(
    "model", [ProbabilisticPCA(1), VAE(1, max_iter=1), FullyVisibleBeliefNetwork(max_iter=1)]
)
def test_dates_are_refused_by_the_name_of_their_column(model):
    days = pd.Series(pd.date_range("2020-02-27", periods=20))
    hours = days - days[3]
    for column in (days, hours, days.dt.tz_localize("UTC"), days.dt.to_period("D")):
        for X in (mixed(when=column), pd.DataFrame({"when": column})):
            with pytest.raises(TypeError, match="Column 'when' of X holds dates or times"):
                model.fit(X)
    with pytest.raises(TypeError, match="Column 'when' of X holds .*Timestamp"):
        model.fit(mixed(when=days.astype(object)))


def test_dates_may_be_categories():
    days = pd.Series(pd.to_datetime(["2020-02-28", "2020-02-29"] * 10))
    model = FullyVisibleBeliefNetwork(hidden_layer_sizes=(4,), max_iter=1)
    model.set_params(categorical_features=["yes", "when"]).fit(mixed(when=days))
    assert set(model.sample(20, random_state=0)["when"]) == set(days)


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_what_is_no_number_is_told_with_its_column(kind):
    X = mixed(size=pd.Series([*["3"] * 19, "large"]).astype(kind))
    for model in (ProbabilisticPCA(1), OutlierDetector(ProbabilisticPCA(1))):
        with pytest.raises(
            ValueError, match="Column 'size' of X holds 'large', which is no number"
        ):
            model.fit(X)
    model = ProbabilisticPCA(1).fit(X[["a", "b"]])
    with pytest.raises(ValueError, match="feature names should match"):
        model.transform(X)


def test_columns_of_one_name_are_refused():
    X = mixed(size="large").set_axis(["a", "b", "b", "size"], axis=1)
    with pytest.raises(ValueError, match="X has several columns called 'b'"):
        FullyVisibleBeliefNetwork(max_iter=1).fit(X)
