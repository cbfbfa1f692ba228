"""GenerativePipeline: honest scores, samples, conditionals, and a Pipeline in all else."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import NotFittedError
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skgen import GenerativePipeline, ProbabilisticPCA, make_generative_pipeline


def iris():
    return load_iris().data


def equivalent_mixture(X, scaler=None, k=3):
    """The same unfitted mixture of X, stated in the units behind a scaler."""
    rng = np.random.default_rng(0)
    means, scale = X[rng.choice(len(X), k, replace=False)], np.ones(X.shape[1])
    if scaler is not None:
        scaler.fit(X)
        means, scale = scaler.transform(means), scaler.scale_
    covariance = np.cov(X.T) / np.outer(scale, scale)
    return GaussianMixture(
        k, reg_covar=0.0, tol=1e-10, max_iter=300, weights_init=np.full(k, 1 / k),
        means_init=means, precisions_init=np.repeat(np.linalg.inv(covariance)[None], k, axis=0),
    )  # fmt: skip


@pytest.mark.parametrize("load", [load_iris, load_wine])
@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler()], ids=repr)
def test_an_equivariant_model_scores_the_same_with_and_without_scaling(load, scaler):
    X = load().data[:, :6]
    raw = equivalent_mixture(X).fit(X)
    scaled = make_generative_pipeline(scaler, equivalent_mixture(X, clone(scaler))).fit(X)
    assert_allclose(scaled.score_samples(X), raw.score_samples(X), atol=1e-6)
    assert scaled.score(X) == pytest.approx(raw.score(X), abs=1e-8)
    plain = make_pipeline(clone(scaler), equivalent_mixture(X, clone(scaler))).fit(X)
    assert abs(plain.score(X) - raw.score(X)) > 0.5


@pytest.mark.parametrize(
    "steps",
    [
        [StandardScaler(), PCA(whiten=True)],
        [make_pipeline(MinMaxScaler(), None, PCA()), RobustScaler()],
        ["passthrough", make_generative_pipeline(PCA(), StandardScaler())],
    ],
    ids=str,
)
def test_chains_of_affine_steps_keep_a_gaussian_as_it_is(steps):
    X = iris()
    model = GaussianMixture(reg_covar=0.0)
    expected = clone(model).fit(X).score_samples(X)
    pipeline = make_generative_pipeline(*steps, model).fit(X)
    assert_allclose(pipeline.score_samples(X), expected, atol=1e-7)
    # The same chain inside of a plain pipeline at the end.
    nested = make_generative_pipeline(steps[0], make_pipeline(*steps[1:], model)).fit(X)
    assert_allclose(nested.score_samples(X), expected, atol=1e-7)
    assert nested.sample(5, random_state=0).shape == (5, 4)


def test_log_normal_is_recovered_behind_box_cox():
    x = np.exp(np.random.default_rng(0).normal(1.0, 0.5, size=(4000, 1)))
    pipeline = make_generative_pipeline(PowerTransformer("box-cox"), GaussianMixture()).fit(x)
    truth = stats.lognorm(0.5, scale=np.e).logpdf(x).mean()
    assert pipeline.score(x) == pytest.approx(truth, abs=0.002)


def test_grid_search_compares_preprocessing_in_one_currency():
    rng = np.random.default_rng(0)
    X = np.exp(rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=400))
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture(random_state=0))
    grid = {
        "standardscaler": [
            "passthrough",
            StandardScaler(),
            MinMaxScaler((0, 1e-3)),
            PowerTransformer("box-cox"),
        ]
    }
    search = GridSearchCV(pipeline, grid, error_score="raise").fit(X)
    scores = search.cv_results_["mean_test_score"]
    assert isinstance(search.best_params_["standardscaler"], PowerTransformer)
    assert_allclose(scores[0], scores[1], atol=1e-4)
    # A shrunk cube gains nothing by itself; reg_covar=1e-6 there costs a good deal.
    assert scores[2] < scores[0]
    assert scores[3] > scores[0] + 0.5
    assert_allclose(cross_val_score(search.best_estimator_, X).mean(), scores[3], atol=1e-9)


def test_score_is_the_float_mean_and_takes_weights():
    X = iris()
    pipeline = make_generative_pipeline(StandardScaler(), KernelDensity(bandwidth=0.3)).fit(X)
    rows = pipeline.score_samples(X)
    assert type(pipeline.score(X)) is float
    assert pipeline.score(X) == pytest.approx(rows.mean())
    weights = np.arange(len(X))
    assert pipeline.score(X, sample_weight=weights) == pytest.approx(rows @ weights / weights.sum())
    with pytest.raises(TypeError, match=r"score got \['groups'\]"):
        pipeline.score(X, groups=1)


def test_models_without_a_density_score_as_in_scikit_learn():
    X, y = load_iris(return_X_y=True)
    forest = IsolationForest(random_state=0)
    ours = make_generative_pipeline(Normalizer(), clone(forest)).fit(X)
    theirs = make_pipeline(Normalizer(), forest).fit(X)
    assert_array_equal(ours.score_samples(X), theirs.score_samples(X))
    ours = make_generative_pipeline(Normalizer(), LogisticRegression(solver="newton-cg")).fit(X, y)
    theirs = make_pipeline(Normalizer(), LogisticRegression(solver="newton-cg")).fit(X, y)
    assert ours.score(X, y) == theirs.score(X, y)
    assert_array_equal(ours.predict(X), theirs.predict(X))

    class Reconstruction(KernelDensity):
        likelihood_kind_ = "error"

    ours = make_generative_pipeline(StandardScaler(), Reconstruction()).fit(X)
    theirs = make_pipeline(StandardScaler(), KernelDensity()).fit(X)
    assert ours.likelihood_kind_ == "error"
    assert_allclose(ours.score_samples(X), theirs.score_samples(X))
    assert_allclose(ours.score(X), theirs.score(X))


def test_sample_moments():
    rng = np.random.default_rng(0)
    X = rng.multivariate_normal([5.0, -2.0], [[4.0, 1.0], [1.0, 0.5]], size=2000)
    for steps in ([StandardScaler()], [MinMaxScaler(), PCA(whiten=True)]):
        draws = make_generative_pipeline(*steps, GaussianMixture()).fit(X).sample(40000, 0)
        assert type(draws) is np.ndarray
        assert_allclose(draws.mean(axis=0), X.mean(axis=0), atol=4 * 2 / 200)
        assert_allclose(np.cov(draws.T), np.cov(X.T), rtol=0.05)


@pytest.mark.parametrize(
    "transformer",
    [PowerTransformer(), QuantileTransformer(n_quantiles=100, output_distribution="normal")],
    ids=repr,
)
def test_samples_follow_the_density(transformer):
    x = np.random.default_rng(0).gamma(2.0, size=(3000, 1))
    pipeline = make_generative_pipeline(transformer, GaussianMixture(random_state=0)).fit(x)
    draws = pipeline.sample(20000, random_state=1).ravel()
    edges = np.quantile(x, np.linspace(0.02, 0.98, 13))
    mass = [
        np.trapezoid(np.exp(pipeline.score_samples(t[:, None])), t)
        for t in (np.linspace(a, b, 2001) for a, b in zip(edges[:-1], edges[1:]))
    ]
    counts = np.histogram(draws, edges)[0] / len(draws)
    assert_allclose(counts, mass, atol=4 * np.sqrt(0.1 / len(draws)))


def test_random_state_of_sample():
    X = iris()
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture(2, random_state=3)).fit(X)
    own = pipeline.sample(5)
    assert_array_equal(own, pipeline.sample(5))
    assert_array_equal(own, pipeline.sample(5, random_state=3))
    other = pipeline.sample(5, random_state=4)
    assert not np.array_equal(own, other)
    assert_array_equal(other, pipeline.sample(5, random_state=np.random.RandomState(4)))
    assert pipeline[-1].random_state == 3
    density = make_generative_pipeline(StandardScaler(), KernelDensity()).fit(X)
    assert_array_equal(density.sample(5, random_state=1), density.sample(5, random_state=1))
    assert_array_equal(before, np.random.get_state()[1])
    with pytest.raises(ValueError, match="n_samples == 0, must be >= 1"):
        pipeline.sample(0)


def test_random_state_for_a_model_that_takes_none():
    class Constant(BaseEstimator):
        def fit(self, X, y=None):
            self.mean_ = X.mean(axis=0)
            return self

        def sample(self, n_samples):
            return np.tile(self.mean_, (n_samples, 1))

    pipeline = make_generative_pipeline(StandardScaler(), Constant()).fit(iris())
    assert_allclose(pipeline.sample(2), [iris().mean(axis=0)] * 2)
    with pytest.raises(ValueError, match=r"random_state=1 was given, but neither Constant"):
        pipeline.sample(2, random_state=1)


def test_draws_that_have_no_inverse_are_drawn_again():
    x = np.random.default_rng(0).pareto(1.0, size=(500, 1)) + 1.0
    pipeline = make_generative_pipeline(PowerTransformer("box-cox"), GaussianMixture()).fit(x)
    assert pipeline[0].lambdas_[0] < 0
    Z = pipeline[-1].sample(5000)[0]
    assert not np.isfinite(pipeline[0].inverse_transform(Z)).all()
    draws = pipeline.sample(5000, random_state=0)
    assert np.isfinite(draws).all()
    assert_array_equal(draws, pipeline.sample(5000, random_state=0))
    pipeline[-1].means_ += 100.0
    with pytest.raises(ValueError, match="5 of 5 draws of GaussianMixture"):
        pipeline.sample(5)


def test_sample_through_a_reduction_lies_in_its_plane():
    X = iris()
    pipeline = make_generative_pipeline(PCA(2), GaussianMixture(random_state=0)).fit(X)
    draws = pipeline.sample(100)
    assert np.linalg.matrix_rank(draws - pipeline[0].mean_, tol=1e-8) == 2


def test_function_transformers_need_an_inverse():
    X = iris()
    model = GaussianMixture(random_state=0)
    one_way = make_generative_pipeline(FunctionTransformer(np.log), model).fit(X)
    with pytest.raises(ValueError, match=r"Step 'functiontransformer'.*inverse_func"):
        one_way.sample(2)
    both = make_generative_pipeline(FunctionTransformer(np.log, np.exp), model).fit(X)
    assert (both.sample(50) > 0).all()


def test_verbs_exist_only_where_the_steps_have_them():
    def verbs(*steps):
        pipeline = make_generative_pipeline(*steps)
        names = ["sample", "score_samples", "score", "impute", "sample_conditional"]
        return {name for name in names if hasattr(pipeline, name)}

    scored = {"score_samples", "score"}
    assert verbs(StandardScaler(), GaussianMixture()) == {"sample"} | scored
    assert verbs(Normalizer(), GaussianMixture()) == scored
    everything = {"sample", "impute", "sample_conditional"} | scored
    assert verbs(StandardScaler(), ProbabilisticPCA()) == everything
    assert verbs(StandardScaler(), LogisticRegression()) == {"score"}
    assert verbs(StandardScaler()) == set()
    assert verbs(PCA(), "passthrough") == set()
    assert verbs(StandardScaler(), make_pipeline(PCA(), GaussianMixture())) == {"sample"} | scored
    broken = GenerativePipeline([1, 2])
    assert not hasattr(broken, "sample")
    assert not hasattr(make_generative_pipeline(GaussianMixture()), "likelihood_kind_")
    with pytest.raises(AttributeError, match="has no attribute 'sample'") as error:
        make_generative_pipeline(Normalizer(), GaussianMixture()).sample()
    assert "step 'normalizer', Normalizer(), has no inverse_transform" in str(error.value.__cause__)


@pytest.mark.parametrize(
    "imputer", [SimpleImputer(), SimpleImputer(add_indicator=True), KNNImputer()]
)
def test_imputers_are_no_maps(imputer):
    X = load_iris().data
    pipeline = make_generative_pipeline(imputer, ProbabilisticPCA(1)).fit(X)
    remedy = "fills holes.*leave it out, since a model that takes NaN"
    with pytest.raises(ValueError, match=remedy):
        pipeline.score_samples(X)
    with pytest.raises(AttributeError, match="has no attribute 'sample'") as error:
        pipeline.sample()
    assert re.search(remedy, str(error.value.__cause__))


def test_unfitted_pipeline():
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture())
    for call in (pipeline.score_samples, pipeline.score):
        with pytest.raises(NotFittedError):
            call(iris())
    with pytest.raises(NotFittedError):
        pipeline.sample()


def test_pandas_output_and_feature_names():
    frame = load_iris(as_frame=True).data
    pipeline = make_generative_pipeline(StandardScaler(), PCA(), GaussianMixture(random_state=0))
    plain = clone(pipeline).fit(iris())
    pipeline.set_output(transform="pandas").fit(frame)
    assert list(pipeline.feature_names_in_) == list(frame.columns)
    assert pipeline.n_features_in_ == 4
    assert list(pipeline[-1].feature_names_in_) == [f"pca{i}" for i in range(4)]
    assert_allclose(pipeline.score_samples(frame), plain.score_samples(iris()))
    assert_allclose(pipeline.sample(3), plain.sample(3))
    transforms = make_generative_pipeline(StandardScaler()).fit(frame)
    assert isinstance(transforms.set_output(transform="pandas").transform(frame), pd.DataFrame)
    assert isinstance(transforms.fit(frame).transform(frame), pd.DataFrame)


def test_copies_and_representations():
    X = iris()
    pipeline = make_generative_pipeline(StandardScaler(), GaussianMixture(2, random_state=0)).fit(X)
    restored = pickle.loads(pickle.dumps(pipeline))
    assert_array_equal(restored.score_samples(X), pipeline.score_samples(X))
    assert_array_equal(restored.sample(3), pipeline.sample(3))
    assert_array_equal(clone(pipeline).fit(X).score_samples(X), pipeline.score_samples(X))
    assert "GenerativePipeline" in repr(pipeline)
    assert "GaussianMixture" in pipeline._repr_html_()
    assert isinstance(pipeline[:-1], GenerativePipeline)
    assert_allclose(pipeline[:-1].transform(X), StandardScaler().fit_transform(X))
    with config_context(enable_metadata_routing=True):
        assert pipeline.fit(X).score(X) == pytest.approx(restored.score(X))
        pipeline.get_metadata_routing()


def test_memory_caches_the_transformers(tmp_path):
    X = iris()
    plain = make_generative_pipeline(StandardScaler(), GaussianMixture(random_state=0)).fit(X)
    cached = make_generative_pipeline(
        StandardScaler(), GaussianMixture(random_state=0), memory=str(tmp_path)
    )
    for _ in range(2):
        assert_array_equal(cached.fit(X).score_samples(X), plain.score_samples(X))


def test_is_a_pipeline_named_by_types():
    pipeline = make_generative_pipeline(PCA(), PCA(), GaussianMixture(), verbose=True)
    assert isinstance(pipeline, Pipeline)
    assert [name for name, _ in pipeline.steps] == ["pca-1", "pca-2", "gaussianmixture"]
    assert pipeline.verbose
