"""Scorers in searches, in other processes, over pipelines and under metadata routing."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skgen import (
    FactorAnalysis,
    GenerativePipeline,
    MixtureOfFactorAnalyzers,
    ProbabilisticPCA,
    make_generative_pipeline,
)
from skgen.metrics import (
    GENERATIVE_SCORERS,
    density_coverage,
    frechet_distance,
    get_generative_scorer,
    make_generative_scorer,
    maximum_mean_discrepancy,
)

pytestmark = pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")


@pytest.fixture
def X(rng):
    """Two clusters of three correlated columns in different units."""
    rows = rng.standard_normal((240, 2)) @ rng.standard_normal((2, 3))
    rows[::2] += [6, -6, 6]
    return (rows + 0.3 * rng.standard_normal(rows.shape)) * [1, 100, 0.01]


@pytest.mark.parametrize("name", GENERATIVE_SCORERS)
def test_every_name_prefers_the_true_family(name, X):
    scorer = get_generative_scorer(name)
    train, test = X[:160], X[160:]
    true = GaussianMixture(2, random_state=0).fit(train)
    # Recall does not see draws in the wrong places, only that a cluster is lost.
    wrong = GaussianMixture(1, random_state=0).fit(train[1::2] if name == "recall" else 1.2 * train)
    value = scorer(true, test)
    assert isinstance(value, float)
    assert value > scorer(wrong, test)
    assert scorer(true, test) == value


def test_the_score_is_the_measure_of_the_draws(X):
    model = ProbabilisticPCA(1).fit(X)
    draws = model.sample(77, random_state=5)
    scorer = make_generative_scorer(
        maximum_mean_discrepancy, statistic="statistic", greater_is_better=False, n_samples=77,
        random_state=5, bandwidth=2.0,
    )  # fmt: skip
    expected = maximum_mean_discrepancy(X, draws, bandwidth=2.0).statistic
    assert scorer(model, X) == -expected
    own = make_generative_scorer(lambda X, Y: len(Y) / len(X), n_samples=480)
    assert own(model, X) == 2
    assert "frechet_distance, statistic=None" in repr(make_generative_scorer(frechet_distance))


def test_a_search_over_families(X):
    pipeline = GenerativePipeline([("scale", StandardScaler()), ("model", ProbabilisticPCA(1))])
    families = [ProbabilisticPCA(1), FactorAnalysis(1), MixtureOfFactorAnalyzers(2, n_components=1)]
    search = GridSearchCV(
        pipeline, {"model": families}, scoring=get_generative_scorer("neg_c2st_auc"), cv=2
    )
    search.fit(X)
    assert isinstance(search.best_params_["model"], MixtureOfFactorAnalyzers)
    assert search.best_score_ > -0.7


def test_several_scorers_in_two_processes(X):
    scoring = {name: get_generative_scorer(name) for name in ("neg_mmd", "coverage")}
    here, there = (
        cross_validate(ProbabilisticPCA(1), X, scoring=scoring, cv=2, n_jobs=n) for n in (1, 2)
    )
    for name in scoring:
        np.testing.assert_array_equal(there[f"test_{name}"], here[f"test_{name}"])
    search = GridSearchCV(
        ProbabilisticPCA(), {"n_components": [1, 2]}, scoring=GENERATIVE_SCORERS,
        refit="neg_mmd", cv=2,
    ).fit(X)  # fmt: skip
    assert {f"mean_test_{name}" for name in GENERATIVE_SCORERS} <= set(search.cv_results_)
    assert np.isfinite(search.cv_results_["mean_test_f1"]).all()


@pytest.mark.parametrize("name", GENERATIVE_SCORERS)
def test_scorers_survive_pickling(name, X):
    model = ProbabilisticPCA(1).fit(X)
    scorer = get_generative_scorer(name)
    again = pickle.loads(pickle.dumps(scorer))
    assert again(model, X) == scorer(model, X)
    assert repr(again) == repr(scorer)


def test_mixed_tables(rng):
    kind = rng.choice(["a", "b", "c"], 150)
    table = pd.DataFrame({"kind": kind, "size": rng.standard_normal(150) + 3 * (kind == "a")})
    encode = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["kind"]), (StandardScaler(), ["size"])
    )
    model = make_generative_pipeline(encode, ProbabilisticPCA(2)).fit(table)
    for name in ("neg_c2st_auc", "coverage", "neg_mmd"):
        assert np.isfinite(get_generative_scorer(name)(model, table))


def test_weights_are_routed(X):
    weight = np.tile([0.0, 0, 1], 80)
    model = ProbabilisticPCA(1)
    scorer = make_generative_scorer(density_coverage, statistic="coverage")
    with config_context(enable_metadata_routing=True):
        asked = get_generative_scorer("coverage").set_score_request(sample_weight=True)
        asked_nothing = get_generative_scorer("neg_mmd").set_score_request(sample_weight=False)
        results = cross_validate(
            clone(model).set_fit_request(sample_weight=False), X, cv=2,
            scoring={"weighted": asked, "plain": asked_nothing}, params={"sample_weight": weight},
            return_estimator=True, return_indices=True,
        )  # fmt: skip
        search = GridSearchCV(
            clone(model).set_fit_request(sample_weight=True), {"n_components": [1, 2]},
            scoring=asked, cv=2,
        ).fit(X[::2], sample_weight=weight[::2] + 1)  # fmt: skip
    test = results["indices"]["test"][1]
    expected = make_generative_scorer(density_coverage, statistic="coverage", standardize=True)(
        results["estimator"][1], X[test], sample_weight=weight[test]
    )
    assert results["test_weighted"][1] == expected
    assert np.isfinite(search.best_score_)
    fitted = model.fit(X)
    assert scorer(fitted, X, sample_weight=weight) != scorer(fitted, X)


def test_weights_without_routing(X):
    search = GridSearchCV(
        ProbabilisticPCA(),
        {"n_components": [1, 2]},
        scoring=get_generative_scorer("coverage"),
        cv=2,
    )
    search.fit(X, sample_weight=np.tile([1.0, 2, 0.5], 80))
    assert np.isfinite(search.best_score_)


def test_weights_that_nobody_asked_for_are_refused(X):
    refused = pytest.raises(ValueError, match="sample_weight")
    with config_context(enable_metadata_routing=True), refused:
        cross_validate(
            ProbabilisticPCA(1).set_fit_request(sample_weight=True), X, cv=2,
            scoring=get_generative_scorer("coverage"), params={"sample_weight": np.ones(240)},
        )  # fmt: skip
    with pytest.raises(ValueError, match="precision_recall_f1 takes no sample_weight"):
        get_generative_scorer("f1").set_score_request(sample_weight=True)


def test_what_they_refuse(X):
    scorer = get_generative_scorer("neg_mmd")
    with pytest.raises(TypeError, match="Pipeline has no sample to compare with X; use Generative"):
        scorer(Pipeline([("scale", StandardScaler()), ("model", PCA())]).fit(X), X)
    with pytest.raises(TypeError, match="LogisticRegression has no sample"):
        scorer(LogisticRegression(), X)
    with pytest.raises(ValueError, match="'mmd' is no generative scorer; there are"):
        get_generative_scorer("mmd")
    with pytest.raises(ValueError, match="n_samples == 0"):
        make_generative_scorer(frechet_distance, n_samples=0)
    with pytest.raises(ValueError, match="not fitted"):
        scorer(ProbabilisticPCA(), X)


def test_ready_scorers_are_not_changed_by_those_made_of_them():
    with config_context(enable_metadata_routing=True):
        get_generative_scorer("coverage").set_score_request(sample_weight=True)
    assert GENERATIVE_SCORERS["coverage"]._request is None
