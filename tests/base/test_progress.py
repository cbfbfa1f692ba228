"""What a fit logs, and what callbacks hear of its length."""

import logging
import re

import numpy as np
import pytest
from sklearn.base import clone

from skgen import (
    GAN,
    ICA,
    VAE,
    DeepBeliefNetwork,
    FactorAnalysis,
    MixtureOfFactorAnalyzers,
    ProbabilisticPCA,
    SparseCoder,
    StackedAE,
)
from skgen.base.progress.lines import progress_line
from skgen.base.run import epoch_reporter
from skgen.training import History

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
]
rng = np.random.default_rng(0)
X = rng.standard_normal((90, 3)) @ rng.standard_normal((3, 7)) + 0.5 * rng.standard_normal((90, 7))
HOLES = np.where(rng.random(X.shape) < 0.2, np.nan, X)
MASK = np.arange(14).reshape(2, 7) % 3 > 0
LIKELIHOODS = {
    "factors": (FactorAnalysis(2, tol=1e-8, max_iter=4), X),
    "of few rows": (FactorAnalysis(2, tol=1e-8, max_iter=4), X[:6]),
    "em": (FactorAnalysis(2, solver="em", max_iter=4), X),
    "restricted": (FactorAnalysis(2, loadings_mask=MASK, max_iter=4), X),
    "factors with gaps": (FactorAnalysis(2, max_iter=9), HOLES),
    "components with gaps": (ProbabilisticPCA(2, max_iter=9), HOLES),
    "mixture": (MixtureOfFactorAnalyzers(3, 1, max_iter=4, random_state=0), X),
    "mixture with gaps": (MixtureOfFactorAnalyzers(2, 1, max_iter=4, random_state=0), HOLES),
}


def lines_of(model, X, caplog):
    with caplog.at_level(logging.INFO, "skgen"):
        clone(model).set_params(verbose=True).fit(X)
    return [record.getMessage() for record in caplog.records]


def test_a_line():
    line = progress_line("epoch", 2, 10, {"error": 2.0, "validation": 2.25}, "1.50 s")
    assert line == "epoch 2/10  error 2  validation 2.25  1.50 s"
    assert progress_line("iteration", 2, None, {}, "0.1 s") == "iteration 2  0.1 s"


def test_a_line_says_how_long_the_rest_of_the_epochs_takes(caplog):
    history = History({"error": [3.0, 2.0]}, validation=[2.5, 2.25])
    report = epoch_reporter((0, 1), 10, True, lambda history, save: False)
    with caplog.at_level(logging.INFO, "skgen"):
        report(History({"error": [3.0]}), 2.5, None)
        report(history, 1.5, None)
    line = caplog.records[-1].getMessage()
    assert line == "epoch 2/10  error 2  validation 2.25  1.50 s, 16 s left"


def test_stages_are_counted_where_there_are_several(caplog):
    bits = np.random.default_rng(0).integers(0, 2, (40, 6)).astype(float)
    model = DeepBeliefNetwork((4, 3), visible="binary", max_iter=1, random_state=0)
    lines = lines_of(model, bits, caplog)
    assert [line.split("  ")[0] for line in lines] == ["stage 1 of 2", "stage 2 of 2"]
    assert "minus_pseudo_likelihood" in caplog.text


@pytest.mark.parametrize("pretraining", ["denoising", "rbm"])
def test_the_layers_of_a_stack_are_told_before_it(pretraining, caplog):
    model = StackedAE(2, hidden_layer_sizes=(3,), pretraining=pretraining, n_pretraining_iter=2)
    lines = lines_of(model.set_params(max_iter=1, random_state=0), X, caplog)
    heads = [line.split("  ")[0] for line in lines]
    assert heads == 2 * ["epoch 1/2", "epoch 2/2"] + ["epoch 1/1"]


@pytest.mark.parametrize(("model", "X"), LIKELIHOODS.values(), ids=LIKELIHOODS)
def test_each_iteration_has_a_line_with_its_likelihood(model, X, caplog):
    fitted = clone(model).fit(X)
    lines = lines_of(model, X, caplog)
    assert len(lines) == fitted.n_iter_ == len(fitted.loglike_)
    for number, (line, value) in enumerate(zip(lines, fitted.loglike_), start=1):
        assert line.startswith(f"iteration {number}/{model.max_iter}  log-likelihood {value:.6g}  ")
        assert re.search(r"  \d+\.\d\d s$", line)
    assert fitted.loglike_[-1] == pytest.approx(fitted.score_samples(X).sum())


def test_the_gradient_of_components_is_told(caplog):
    lines = lines_of(ICA(3, max_iter=3), X, caplog)
    assert [line.split("  ")[0] for line in lines] == [f"iteration {i}/3" for i in (1, 2, 3)]
    # The gradient before the last step of a fit is that of a fit without it.
    before = ICA(3, max_iter=2).fit(X).gradient_norm_
    assert f"gradient {before:.6g}" in lines[-1]


@pytest.mark.parametrize("early_stopping", [False, True])
def test_the_objective_of_a_dictionary_is_told(early_stopping, caplog):
    model = SparseCoder(
        4, alpha=0.1, max_iter=3, tol=0, early_stopping=early_stopping, random_state=0
    )
    fitted = clone(model).fit(X)
    lines = lines_of(model, X, caplog)
    for number, (line, loss) in enumerate(zip(lines, fitted.loss_curve_, strict=True), start=1):
        assert line.startswith(f"epoch {number}/3  objective {loss:.6g}")
    held_out = [f"validation {-score:.6g}" for score in fitted.validation_scores_]
    assert len(held_out) == 3 * early_stopping
    assert all(word in line for word, line in zip(held_out, lines))


class Length:
    """A callback that notes how many iterations were announced, and how many came."""

    def setup(self, estimator, context):
        self.announced, self.n_done = "nothing", 0

    def on_fit_task_begin(self, estimator, context):
        if context.parent is None:
            self.announced = context.max_subtasks

    def on_fit_task_end(self, estimator, context):
        self.n_done += context.parent is not None

    def teardown(self, estimator, context):
        pass


BITS = (X > 0).astype(float)
LENGTHS = {
    "network": (VAE(2, hidden_layer_sizes=(4,), max_iter=3), X, 3),
    "two stages": (DeepBeliefNetwork((3, 2), visible="binary", max_iter=3), BITS, 6),
    "two players": (GAN(hidden_layer_sizes=(4,), max_iter=4), X, 4),
    "restricted": (FactorAnalysis(2, loadings_mask=MASK, max_iter=3), X, 3),
    "dictionary": (SparseCoder(3, alpha=0.1, tol=0, max_iter=3), X, 3),
}


@pytest.mark.parametrize(("model", "X", "length"), LENGTHS.values(), ids=LENGTHS)
def test_progress_bars_hear_how_long_a_fit_will_be(model, X, length):
    pytest.importorskip("sklearn.callback")
    heard = Length()
    clone(model).set_params(random_state=0).set_callbacks(heard).fit(X)
    assert heard.announced == heard.n_done == length


def test_a_stream_hears_of_one_epoch_for_each_stage():
    pytest.importorskip("sklearn.callback")
    heard = Length()
    model = DeepBeliefNetwork((3, 2), visible="binary", random_state=0)
    model.set_callbacks(heard).partial_fit(BITS)
    assert heard.announced == heard.n_done == 2


def test_a_search_by_splits_has_no_length():
    pytest.importorskip("sklearn.callback")
    heard = Length()
    model = MixtureOfFactorAnalyzers(4, 1, split_merge=True, max_iter=3, random_state=0)
    model.set_callbacks(heard).fit(X)
    assert heard.announced is None
    assert heard.n_done > model.n_iter_
