"""TrainingDisplay: the curves that a fit left, at their epochs."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError

from skgen import (
    GAN,
    ICA,
    VAE,
    BernoulliRBM,
    FactorAnalysis,
    GenerativePipeline,
    LikelihoodMonitor,
    SparseCoder,
)
from skgen.inspection import TrainingDisplay

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
]
X = np.random.default_rng(0).random((60, 6))


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_losses_and_the_best_epoch():
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=4, early_stopping=True, random_state=0).fit(X)
    display = TrainingDisplay.from_estimator(model)
    (ax,) = display.axes_
    epochs = np.arange(1, 5)
    assert_allclose(display.lines_["training"].get_xydata().T, [epochs, model.loss_curve_])
    held_out = -np.array(model.validation_scores_)
    assert_allclose(display.lines_["validation"].get_xydata().T, [epochs, held_out])
    mark = ax.lines[-1]
    assert_allclose(mark.get_xydata(), [[1 + held_out.argmin(), model.best_loss_]])
    assert mark.get_color() == display.lines_["validation"].get_color()
    assert legend(ax) == ["training", "validation"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert display.figure_ is ax.figure


@pytest.mark.parametrize("model", [SparseCoder(2, max_iter=3), BernoulliRBM(2, max_iter=3)])
def test_without_held_out_rows(model):
    display = TrainingDisplay.from_estimator(model.fit(X))
    assert list(display.lines_) == ["training"]
    assert_allclose(display.lines_["training"].get_ydata(), model.loss_curve_)


def test_the_likelihood_of_em():
    model = FactorAnalysis(1).fit(X)
    display = TrainingDisplay.from_estimator(model)
    (ax,) = display.axes_
    assert_allclose(display.lines_["log-likelihood"].get_ydata(), model.loglike_)
    assert ax.get_ylabel() == "log-likelihood of all rows, nats"


def test_two_players_and_late_validation():
    display = TrainingDisplay.from_predictions(
        {"critic": [3.0, 2.0, 1.0], "generator": [1.0, 1.5, 2.0]},
        validation=[0.5, 0.7],
        log_likelihood=[-9.0],
        linewidth=3,
    )
    losses, likelihood = display.axes_
    assert legend(losses) == ["critic", "generator", "validation"]
    assert display.lines_["validation"].get_xdata().tolist() == [2, 3]
    assert_allclose(losses.lines[-1].get_xydata(), [[2, 0.5]])
    assert display.lines_["generator"].get_linewidth() == 3
    assert likelihood.lines[0].get_marker() == "."  # one value is no line


def test_both_players_of_a_game_are_drawn_by_name():
    model = GAN(hidden_layer_sizes=(4,), calibration=0.5, max_iter=4, random_state=0).fit(X)
    display = TrainingDisplay.from_estimator(model)
    (ax,) = display.axes_
    assert legend(ax) == ["critic", "generator", "calibration"]
    for name, curve in model.loss_curves_.items():
        x, y = display.lines_[name].get_data()
        assert x.tolist() == list(range(1, model.n_iter_ + 1))
        assert_allclose(y, curve)
    # The game is over where the calibration begins: a gap, and a curve at its place.
    assert np.isnan(display.lines_["critic"].get_ydata()[4:]).all()
    assert np.isfinite(display.lines_["calibration"].get_ydata()[4:]).all()


@pytest.mark.parametrize(
    ("model", "before", "unit"),
    [
        (ICA(2, max_iter=4), 0, "iteration"),
        (FactorAnalysis(1, tol=0, max_iter=4), 1, "iteration"),
        (VAE(2, hidden_layer_sizes=(8,), max_iter=4, random_state=0), 1, "epoch"),
    ],
)
def test_what_a_monitor_saw(model, before, unit):
    pytest.importorskip("sklearn.callback")
    monitor = LikelihoodMonitor(X[:20], every=2)
    display = TrainingDisplay.from_estimator(model.set_callbacks(monitor).fit(X), monitor=monitor)
    assert len(display.axes_) == before + 1
    ax = display.axes_[-1]
    assert_allclose(display.lines_["monitored"].get_xydata(), monitor.scores_)
    assert display.lines_["monitored"].get_xdata().tolist() == [2, 4]
    best = max(monitor.scores_, key=lambda pair: pair[1])
    assert_allclose(ax.lines[-1].get_xydata(), [best])
    assert (ax.get_xlabel(), ax.get_ylabel()) == (unit, "score of the monitored rows")


def test_errors_say_what_to_do():
    with pytest.raises(NotFittedError):
        TrainingDisplay.from_estimator(VAE(2))
    pipeline = GenerativePipeline([("model", FactorAnalysis(1))]).fit(X)
    with pytest.raises(TypeError, match="GenerativePipeline has neither loss_curve_ nor loglike_"):
        TrainingDisplay.from_estimator(pipeline)
    with pytest.raises(ValueError, match="nothing to draw"):
        TrainingDisplay.from_predictions({})
    with pytest.raises(ValueError, match="validation needs the losses"):
        TrainingDisplay.from_predictions({}, validation=[1.0], log_likelihood=[1.0])
    with pytest.raises(ValueError, match=r"scores have the shape \(0,\).*followed a fit"):
        TrainingDisplay.from_estimator(FactorAnalysis(1).fit(X), monitor=LikelihoodMonitor())
    with pytest.raises(ValueError, match=r"curve 'critic' has the shape \(0,\)"):
        TrainingDisplay.from_predictions({"critic": []})
