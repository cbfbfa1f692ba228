"""ClonedStepsPipeline: fit leaves the parameters alone and keeps an earlier fit if it fails."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from skgen import GenerativePipeline, ProbabilisticPCA, make_generative_pipeline

X, Y = load_iris(return_X_y=True)


def test_given_steps_stay_unfitted_and_the_fitted_ones_are_seen():
    scaler, model = StandardScaler(), GaussianMixture(random_state=0)
    pipeline = GenerativePipeline([("scale", scaler), ("model", model)])
    steps = pipeline.get_params()["steps"]
    pipeline.fit(X)
    assert pipeline.get_params()["steps"] is steps
    assert pipeline.get_params()["scale"] is scaler
    for step in (scaler, model):
        with pytest.raises(NotFittedError):
            check_is_fitted(step)
    assert_allclose(pipeline["scale"].mean_, X.mean(axis=0))
    assert pipeline.named_steps["model"] is pipeline[-1] is pipeline.steps_[-1][1]


def test_set_params_reaches_both_copies():
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture(random_state=0)).fit(X)
    score = pipeline.score(X)
    pipeline.set_params(gaussianmixture__random_state=5)
    assert pipeline[-1].random_state == 5
    assert pipeline.get_params()["gaussianmixture__random_state"] == 5
    assert pipeline.score(X) == score
    pipeline.set_params(gaussianmixture__n_components=2).fit(X)
    assert len(pipeline[-1].means_) == 2
    with pytest.raises(ValueError, match="Invalid parameter 'nothing'"):
        pipeline.set_params(nothing=1)


def test_replacing_a_step_discards_the_fit():
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture(random_state=0)).fit(X)
    pipeline.set_params(standardscaler=MinMaxScaler())
    with pytest.raises(NotFittedError):
        pipeline.score(X)
    assert isinstance(pipeline.fit(X)[0], MinMaxScaler)


def test_a_failed_fit_keeps_the_earlier_one():
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture(3, random_state=0)).fit(X)
    expected = pipeline.score_samples(X)
    with pytest.raises(ValueError, match="minimum of 2 is required|n_components"):
        pipeline.fit(X[:1])
    assert_array_equal(pipeline.score_samples(X), expected)


class Counter(BaseEstimator):
    def __init__(self, warm_start=False):
        self.warm_start = warm_start

    def fit(self, X, y=None):
        self.n_fits_ = getattr(self, "n_fits_", 0) + 1
        return self


def test_warm_start_goes_on_from_the_fitted_step():
    pipeline = make_generative_pipeline(StandardScaler(), Counter(warm_start=True))
    pipeline.fit(X)
    first = pipeline[-1]
    assert pipeline.fit(X)[-1].n_fits_ == 2
    assert first.n_fits_ == 1
    assert pipeline.set_params(counter__warm_start=False).fit(X)[-1].n_fits_ == 1


def test_other_fitting_methods_are_scikit_learns():
    ours, theirs = make_generative_pipeline(StandardScaler(), PCA(2)), make_pipeline(
        StandardScaler(), PCA(2))  # fmt: skip
    assert_allclose(ours.fit_transform(X), theirs.fit_transform(X))
    assert not hasattr(ours, "fit_predict")
    clusters = KMeans(3, n_init=1, random_state=0)
    ours = make_generative_pipeline(StandardScaler(), clusters)
    theirs = make_pipeline(StandardScaler(), clone(clusters))
    assert_array_equal(ours.fit_predict(X), theirs.fit_predict(X))
    assert not hasattr(make_generative_pipeline(LogisticRegression()), "fit_transform")
    weights = np.arange(len(X)) + 1.0
    ours = make_generative_pipeline(StandardScaler(), LogisticRegression(solver="newton-cg"))
    theirs = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cg"))
    for pipeline in (ours, theirs):
        pipeline.fit(X, Y, logisticregression__sample_weight=weights)
    assert_allclose(ours[-1].coef_, theirs[-1].coef_)


@pytest.mark.parametrize("steps", [[], [("a", PCA), ("b", PCA())], [("a", 1), ("b", PCA())]])
def test_malformed_steps_get_scikit_learns_errors(steps):
    with pytest.raises(Exception) as theirs:  # noqa: B017
        Pipeline(steps).fit(X)
    with pytest.raises(type(theirs.value)):
        GenerativePipeline(steps).fit(X)


def test_callbacks_are_called_for_every_fit():
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn has no callbacks")
    seen = []

    class Recorder:
        def setup(self, estimator, context):
            seen.append("setup")

        def on_fit_task_begin(self, *args, **kwargs):
            pass

        def on_fit_task_end(self, estimator, context, **kwargs):
            seen.append(context.task_name)

        def teardown(self, estimator, context):
            seen.append("teardown")

    assert isinstance(Recorder(), callback.FitCallback)
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture(random_state=0))
    pipeline.set_callbacks(Recorder())
    for _ in range(2):
        seen.clear()
        pipeline.fit(X)
        assert seen[0] == "setup"
        assert seen[-2:] == ["fit", "teardown"]
        assert "fit-final-estimator" in seen


@pytest.mark.parametrize("verb", ["score_samples", "fit_predict", "predict"])
def test_the_step_that_lacks_a_verb_is_named_in_the_cause(verb):
    class Bare(BaseEstimator):
        def fit(self, X, y=None):
            return self

    pipeline = GenerativePipeline([("scale", StandardScaler()), ("bare", Bare())])
    with pytest.raises(AttributeError, match=f"'GenerativePipeline' has no .*'{verb}'") as raised:
        getattr(pipeline, verb)
    cause = raised.value.__cause__
    assert isinstance(cause, AttributeError)
    assert "'Bare' object has no attribute" in str(cause)


def test_a_pipeline_without_steps_does_not_promise_to_take_nan():
    assert not get_tags(GenerativePipeline([])).input_tags.allow_nan
    steps = [("scale", StandardScaler()), ("rest", "passthrough")]
    assert get_tags(GenerativePipeline(steps)).input_tags.allow_nan


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_step_that_overflows_is_named():
    model = make_generative_pipeline(StandardScaler(), ProbabilisticPCA())
    with pytest.raises(ValueError, match=r"step 'standardscaler' makes NaN .* divide X so that"):
        model.fit(X * 1e300)
    # A fault of the last step is told as it is.
    with pytest.raises(ValueError, match="n_components=5"):
        model.set_params(probabilisticpca__n_components=5).fit(X)
