"""A monitor sees what a fit that stops there would be, and stops it where it should."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from skgen import (
    ICA,
    VAE,
    Checkpoint,
    DeepBeliefNetwork,
    FactorAnalysis,
    LikelihoodMonitor,
    MixtureOfFactorAnalyzers,
    ProbabilisticPCA,
    SparseCoder,
)

pytest.importorskip("sklearn.callback")
pytestmark = pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
rng = np.random.default_rng(0)
X = rng.standard_normal((90, 3)) @ rng.standard_normal((3, 7)) + 0.5 * rng.standard_normal((90, 7))
HOLES = np.where(rng.random(X.shape) < 0.2, np.nan, X)
SKEWED = rng.standard_exponential((90, 3)) @ rng.standard_normal((3, 7))
SKEWED += 0.1 * rng.standard_normal((90, 7))
ROWS = rng.standard_normal((30, 3)) @ rng.standard_normal((3, 7)) + rng.standard_normal((30, 7))
MASK = np.arange(14).reshape(2, 7) % 3 > 0
ITERATED = {
    "factors": (FactorAnalysis(2, tol=1e-8), X),
    "em": (FactorAnalysis(2, tol=0, solver="em"), X),
    "restricted": (FactorAnalysis(2, tol=1e-8, loadings_mask=MASK), X),
    "factors with gaps": (FactorAnalysis(2, tol=0), HOLES),
    "components with gaps": (ProbabilisticPCA(2, tol=0), HOLES),
    "mixture": (MixtureOfFactorAnalyzers(3, 1, tol=0, random_state=0), X),
    "mixture with gaps": (
        MixtureOfFactorAnalyzers(2, 1, prior_weight=0, tol=0, random_state=0),
        HOLES,
    ),
    "independent": (ICA(3, tol=1e-12), SKEWED),
    "unconstrained": (ICA(3, tol=1e-12, orthogonal=False), SKEWED),
}
WELL = "ignore::sklearn.exceptions.ConvergenceWarning"


@pytest.mark.filterwarnings(WELL)
@pytest.mark.parametrize(("model", "X"), ITERATED.values(), ids=ITERATED)
def test_a_score_is_that_of_a_fit_of_as_many_iterations(model, X):
    monitor = LikelihoodMonitor(ROWS)
    clone(model).set_params(max_iter=5).set_callbacks(monitor).fit(X)
    refits = [clone(model).set_params(max_iter=i + 1).fit(X).score(ROWS) for i in range(5)]
    assert_allclose(monitor.scores_, list(enumerate(refits, start=1)), rtol=1e-9)


def stopping_iteration(scores, n_iter_no_change, tol):
    """Where a fit ends that has not gained ``tol`` for so many iterations."""
    for end in range(n_iter_no_change, len(scores)):
        # Nothing since has beaten the best of all before by tol.
        steps = range(end - n_iter_no_change + 1, end + 1)
        if all(scores[i] <= max(scores[:i]) + tol for i in steps):
            return end + 1
    raise AssertionError("the fit never ends")


@pytest.mark.parametrize("name", ["em", "components with gaps", "mixture", "mixture with gaps"])
@pytest.mark.parametrize("tol", [2e-3, 1e-2])
def test_it_stops_where_held_out_rows_have_not_gained(name, tol):
    model, X = ITERATED[name]
    free = LikelihoodMonitor(ROWS)
    with pytest.warns(match="max_iter"):
        clone(model).set_params(max_iter=60).set_callbacks(free).fit(X)
    scores = [score for _, score in free.scores_]
    expected = stopping_iteration(scores, 3, tol)
    assert expected < 60
    monitor = LikelihoodMonitor(ROWS, n_iter_no_change=3, tol=tol)
    # A fit that was asked to stop does not complain that it has: a warning is an error.
    stopped = clone(model).set_params(max_iter=60).set_callbacks(monitor).fit(X)
    assert stopped.n_iter_ == len(monitor.scores_) == expected
    assert_allclose([score for _, score in monitor.scores_], scores[:expected])
    assert stopped.score(ROWS) == pytest.approx(scores[expected - 1])
    best = monitor.best_estimator_
    assert best.score(ROWS) == pytest.approx(max(scores[:expected]))
    assert best.n_iter_ == 1 + int(np.argmax(scores[:expected]))
    assert best.loglike_ == stopped.loglike_[: best.n_iter_]


def test_it_stops_networks():
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=60, learning_rate=0.05, random_state=0)
    free = LikelihoodMonitor(ROWS)
    clone(model).set_callbacks(free).fit(X)
    expected = stopping_iteration([score for _, score in free.scores_], 4, 0.0)
    monitor = LikelihoodMonitor(ROWS, n_iter_no_change=4, tol=0.0)
    stopped = clone(model).set_callbacks(monitor).fit(X)
    assert stopped.n_iter_ == len(stopped.loss_curve_) == expected < 60
    twin = pickle.loads(pickle.dumps(monitor.best_estimator_))
    assert twin.score(ROWS) == max(monitor.scores_, key=lambda pair: pair[1])[1]
    assert not [name for name in vars(twin) if "callback" in name]


def test_it_looks_now_and_then():
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=60, learning_rate=0.05, random_state=0)
    monitor = LikelihoodMonitor(ROWS, every=3, n_iter_no_change=1, tol=100.0)
    stopped = model.set_callbacks(monitor).fit(X)
    assert [epoch for epoch, _ in monitor.scores_] == [3, 6]
    assert stopped.n_iter_ == 6
    assert monitor.best_estimator_.n_iter_ == max(monitor.scores_, key=lambda pair: pair[1])[0]


def test_each_stage_has_its_time():
    bits = (X > 0).astype(float)
    monitor = LikelihoodMonitor(bits, n_iter_no_change=2, tol=1e9)
    model = DeepBeliefNetwork((3, 2), visible="binary", max_iter=10, random_state=0)
    model.set_callbacks(monitor).fit(bits)
    # The first score counts as a rise over none.
    assert np.isfinite(model.loss_curves_["minus_pseudo_likelihood of stage 1"]).sum() == 3
    assert np.isfinite(model.loss_curves_["minus_pseudo_likelihood of stage 2"]).sum() == 2
    assert model.n_iter_ == 5


def test_a_dictionary_is_followed_by_copies():
    monitor = LikelihoodMonitor(ROWS, n_iter_no_change=2, tol=1e9)
    coder = SparseCoder(4, alpha=0.1, tol=0, max_iter=9, random_state=0)
    coder.set_callbacks(monitor).fit(X)
    assert coder.n_iter_ == 3
    best = monitor.best_estimator_
    scores = dict(monitor.scores_)
    assert best.score(ROWS) == scores[best.n_iter_] == max(scores.values())
    assert best.loss_curve_ == coder.loss_curve_[: best.n_iter_]
    assert np.isfinite(best.sample(3)).all()


@pytest.mark.filterwarnings(WELL)
def test_em_can_be_saved_on_its_way(tmp_path):
    model = FactorAnalysis(2, tol=0, max_iter=6)
    model.set_callbacks(Checkpoint(tmp_path / "model", every=4)).fit(HOLES)
    with open(tmp_path / "model", "rb") as file:
        rescued = pickle.load(file)
    assert rescued.n_iter_ == 4
    assert rescued.loglike_ == model.loglike_[:4]
    assert rescued.loglike_[-1] == pytest.approx(rescued.score_samples(HOLES).sum())


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"every": 0}, ValueError),
        ({"n_iter_no_change": 0}, ValueError),
        ({"n_iter_no_change": 2.5}, TypeError),
        ({"tol": -1.0}, ValueError),
    ],
)
def test_what_it_cannot_be_asked_is_refused_at_the_start(parameters, error):
    (name,) = parameters
    with pytest.raises(error, match=name):
        FactorAnalysis(2).set_callbacks(LikelihoodMonitor(ROWS, **parameters)).fit(X)
