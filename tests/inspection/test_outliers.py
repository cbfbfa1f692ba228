"""OutlierDisplay: counts of scores, the threshold, and the columns that give rows away."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.ensemble import IsolationForest

from skgen import FactorAnalysis, OutlierDetector
from skgen.inspection import OutlierDisplay

RNG = np.random.default_rng(0)
X = pd.DataFrame(
    RNG.normal(size=(80, 2)) @ RNG.normal(size=(2, 8)) + 0.3 * RNG.normal(size=(80, 8)),
    columns=list("abcdefgh"),
)
ODD = X.iloc[:3].copy()
ODD.iloc[1, 5] += 9
DETECTOR = OutlierDetector(FactorAnalysis(2)).fit(X)


def counts(bars):
    return np.array([bar.get_height() for bar in bars])


def test_scores_beside_the_threshold():
    display = OutlierDisplay.from_estimator(DETECTOR, X)
    (bars,) = display.bars_
    scores = DETECTOR.score_samples(X)
    edges = np.linspace(bars[0].get_x(), scores.max(), len(bars) + 1)
    scores = np.maximum(scores, edges[0])
    assert_allclose(counts(bars), np.histogram(scores, edges)[0])
    assert_allclose(display.threshold_.get_xdata(), DETECTOR.offset_)
    assert display.axes_[0].get_ylabel() == "rows"
    texts = [text.get_text() for text in display.axes_[0].get_legend().get_texts()]
    assert sorted(texts) == ["rows", "threshold"]
    assert display.figure_ is display.axes_[0].figure


def test_it_draws_where_it_is_told():
    figure = plt.figure()
    ax = figure.add_axes([0, 0, 1, 1])
    display = OutlierDisplay.from_estimator(DETECTOR, ODD, ax=ax)
    assert display.axes_.tolist() == [ax]
    whole = plt.subplots()[1]
    display = OutlierDisplay.from_estimator(DETECTOR, ODD, kind="features", ax=whole)
    assert len(display.axes_) == 3
    assert display.figure_ is whole.figure
    assert not whole.axison


def test_classes_have_a_color_each():
    rows = pd.concat([X, ODD])
    y = np.where(np.arange(83) < 80, "ordinary", "odd")
    display = OutlierDisplay.from_estimator(DETECTOR, rows, y)
    assert [bars[0].get_label() for bars in display.bars_] == ["odd", "ordinary"]
    assert [counts(bars).sum() for bars in display.bars_] == [3, 80]
    assert len({bars[0].get_facecolor() for bars in display.bars_}) == 2


def test_far_outliers_are_counted_in_the_lowest_bin():
    display = OutlierDisplay.from_predictions([1, 0.5, -1000, -np.inf], 0)
    (bars,) = display.bars_
    assert bars[0].get_x() == -3  # three times as far from the threshold as the best row
    assert counts(bars)[0] == 2
    assert display.axes_[0].get_xlabel() == "score, nats, -3 or less at the left"
    whole = OutlierDisplay.from_predictions([1, 0.5, -2], 0)
    assert whole.bars_[0][0].get_x() == -2
    assert whole.axes_[0].get_xlabel() == "score, nats"


@pytest.mark.parametrize("scores", [[1.0, 1.0], [-4.0, -4.5], [-np.inf, -np.inf], [0.0]])
def test_the_threshold_is_always_within_the_axes(scores):
    display = OutlierDisplay.from_predictions(scores, 0.0)
    low, high = display.axes_[0].get_xlim()
    assert low < 0 < high
    assert counts(display.bars_[0]).sum() == len(scores)


def test_columns_that_give_a_row_away():
    display = OutlierDisplay.from_estimator(DETECTOR, ODD, kind="features", max_features=3)
    surprise = DETECTOR.feature_scores(ODD)
    for i, (ax, bars) in enumerate(zip(display.axes_, display.bars_, strict=True)):
        most = np.argsort(-surprise[i])[:3]
        assert [tick.get_text() for tick in ax.get_yticklabels()] == list(X.columns[most])
        assert_allclose([bar.get_width() for bar in bars], surprise[i, most])
        assert ax.get_title() == f"row {i}, score {DETECTOR.score_samples(ODD)[i]:.4g}"
        low, high = ax.get_ylim()
        assert low > high  # the most surprising on top
    assert display.axes_[1].get_yticklabels()[0].get_text() == "f"
    assert display.axes_[0].get_xlabel() == "surprise above the usual, nats"
    assert display.threshold_ is None
    assert display.plot(kind="scores") is display
    assert display.threshold_ is not None


def test_the_rows_of_the_lowest_scores_are_drawn():
    scores = [5, -3, -9, 4, -1, -2]
    display = OutlierDisplay.from_predictions(
        scores, 0, feature_scores=np.eye(6), kind="features", row_names=list("uvwxyz")
    )
    assert [ax.get_title()[:5] for ax in display.axes_] == ["row v", "row w", "row y", "row z"]


def test_detectors_of_others_have_scores_without_a_unit():
    forest = IsolationForest(random_state=0).fit(X.to_numpy())
    display = OutlierDisplay.from_estimator(forest, X.to_numpy())
    assert display.axes_[0].get_xlabel() == "score"
    with pytest.raises(TypeError, match="needs feature_scores, which IsolationForest"):
        OutlierDisplay.from_estimator(forest, X.to_numpy(), kind="features")


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"kind='rows' is none of \['scores', 'features'\]"):
        OutlierDisplay.from_estimator(DETECTOR, X, kind="rows")
    with pytest.raises(TypeError, match="needs score_samples and offset_"):
        OutlierDisplay.from_estimator(scaler(), X)
    with pytest.raises(ValueError, match="needs feature_scores, which are not given"):
        OutlierDisplay.from_predictions([1.0], 0, kind="features")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        OutlierDisplay.from_predictions([1.0, 2.0], 0, [1])
    with pytest.raises(ValueError, match="NaN"):
        OutlierDisplay.from_predictions([np.nan], 0)
    with pytest.raises(ValueError, match="threshold=-inf is not finite"):
        OutlierDisplay.from_predictions([1.0], -np.inf)


def scaler():
    """A fitted estimator that finds no outliers."""
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit(X)
