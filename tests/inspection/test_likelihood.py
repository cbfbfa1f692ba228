"""LikelihoodDisplay: means, errors and folds of models, the best on top."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline

from skgen import BernoulliRBM, ProbabilisticPCA, SparseCoder
from skgen.inspection import LikelihoodDisplay

X = np.random.default_rng(0).normal(size=(60, 4)) * [1, 2, 3, 4]


def names(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def bars(display):
    """Half lengths of the error bars."""
    segments = display.errorbar_.lines[2][0].get_segments()
    return [(b[0] - a[0]) / 2 for a, b in segments]


def test_models_are_scored_by_cross_validation():
    models = {"mixture": GaussianMixture(3, random_state=0), "ppca": ProbabilisticPCA(1)}
    cv = KFold(4, shuffle=True, random_state=0)
    display = LikelihoodDisplay.from_estimators(models, X, cv=cv)
    scores = {name: cross_val_score(model, X, cv=cv) for name, model in models.items()}
    assert names(display) == sorted(scores, key=lambda name: -scores[name].mean())
    for i, name in enumerate(names(display)):
        assert_allclose(display.errorbar_.lines[0].get_xydata()[i], [scores[name].mean(), i])
        error = scores[name].std(ddof=1) / 2
        assert_allclose(bars(display)[i], error)
        assert_allclose(display.errors_[name], error)
        assert_allclose(display.folds_.get_offsets()[4 * i : 4 * i + 4, 0], scores[name])
    assert display.ax_.get_xlabel() == "held-out log-likelihood a row, nats"
    assert display.ax_.yaxis_inverted()  # the first line is on top


def test_a_search_is_shown_by_its_candidates():
    search = GridSearchCV(ProbabilisticPCA(), {"n_components": [1, 2, 3]}, cv=3).fit(X)
    display = LikelihoodDisplay.from_search(search, max_models=2)
    order = np.argsort(-search.cv_results_["mean_test_score"])[:2]
    assert names(display) == [f"n_components={1 + i}" for i in order]
    assert_allclose(
        list(display.means_.values()), search.cv_results_["mean_test_score"][order], rtol=1e-12
    )


def test_a_search_over_families_and_metrics():
    search = GridSearchCV(
        Pipeline([("model", ProbabilisticPCA())]),
        {"model": [ProbabilisticPCA(1), GaussianMixture()]},
        scoring={"nats": lambda model, X, y=None: model.score(X), "zero": lambda *_: 0.0},
        refit=False,
        cv=3,
    ).fit(X)
    with pytest.raises(ValueError, match=r"'score' is not in the search.*\['nats', 'zero'\]"):
        LikelihoodDisplay.from_search(search)
    display = LikelihoodDisplay.from_search(search, metric="nats")
    assert set(names(display)) == {"model=ProbabilisticPCA", "model=GaussianMixture"}
    assert display.ax_.get_xlabel() == "nats"


def test_candidates_of_one_class_are_told_apart():
    models = [ProbabilisticPCA(1), ProbabilisticPCA(2)]
    search = GridSearchCV(Pipeline([("model", ProbabilisticPCA())]), {"model": models}, cv=3).fit(X)
    display = LikelihoodDisplay.from_search(search)
    assert set(names(display)) == {f"model={model}" for model in models}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores")
def test_fits_that_failed_are_left_out():
    search = GridSearchCV(ProbabilisticPCA(), {"n_components": [1, 99]}, cv=3).fit(X)
    assert names(LikelihoodDisplay.from_search(search)) == ["n_components=1"]


def test_a_single_fold_has_no_bar():
    display = LikelihoodDisplay.from_predictions({"a": -3.0, "b": [-2.0]}, label="bits")
    assert names(display) == ["b", "a"]
    assert bars(display) == [0, 0]
    assert np.isnan(display.errors_["a"])
    assert display.ax_.get_xlabel() == "bits"


@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_compared_is_refused():
    bits = (X > 0).astype("float32")
    with pytest.raises(ValueError, match=r"\['atoms'\] is no density.*leave it out"):
        LikelihoodDisplay.from_estimators({"atoms": SparseCoder(2, max_iter=2)}, X, cv=2)
    models = {"rbm": BernoulliRBM(2, max_iter=2), "ppca": ProbabilisticPCA(1)}
    with pytest.raises(ValueError, match="different measures.*counting.*lebesgue"):
        LikelihoodDisplay.from_estimators(models, bits, cv=2)


def test_errors_say_what_to_do():
    with pytest.raises(NotFittedError):
        LikelihoodDisplay.from_search(GridSearchCV(ProbabilisticPCA(), {}))
    with pytest.raises(ValueError, match="no model with a score"):
        LikelihoodDisplay.from_predictions({})
    with pytest.raises(ValueError, match="scores of 'a' are.*nan"):
        LikelihoodDisplay.from_predictions({"a": [1.0, np.nan]})
