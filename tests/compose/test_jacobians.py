"""Log-Jacobians against numerical determinants, and densities that integrate to one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, sparse, stats
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, clone
from sklearn.decomposition import PCA, FastICA, IncrementalPCA
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skgen import GenerativePipeline, make_generative_pipeline, register_log_jacobian
from skgen.compose.jacobians import transform_with_log_jacobian

TRANSFORMERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    MinMaxScaler(),
    MinMaxScaler(feature_range=(-3, 5)),
    MinMaxScaler(clip=True),
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_scaling=False),
    RobustScaler(unit_variance=True, quantile_range=(10, 90)),
    PowerTransformer(),
    PowerTransformer(standardize=False),
    PowerTransformer("box-cox"),
    PowerTransformer("box-cox", standardize=False),
    QuantileTransformer(n_quantiles=20),
    QuantileTransformer(n_quantiles=20, output_distribution="normal"),
]
WHOLE_ROWS = [PCA(), PCA(whiten=True), IncrementalPCA(whiten=True), FastICA(random_state=0)]


def positive_rows(n=200, d=3, seed=0):
    rng = np.random.default_rng(seed)
    return np.exp(rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) * 0.5 + 0.5)


def numerical_log_det(transform, x, h=1e-6):
    """log |det| of the map at one row by central differences."""
    steps = h * np.eye(len(x))
    jacobian = (transform(x + steps) - transform(x - steps)) / (2 * h)
    return np.linalg.slogdet(jacobian)[1]


@pytest.mark.parametrize("transformer", TRANSFORMERS + WHOLE_ROWS, ids=repr)
def test_log_jacobian_is_the_numerical_log_determinant(transformer):
    X = positive_rows()
    step = clone(transformer).fit(X)
    # Off the knots of the quantile map, within the range of the data.
    rows = X[5:25] * 0.999 + 0.001 * X.mean(axis=0)
    _, found = transform_with_log_jacobian("step", step, rows)
    expected = [numerical_log_det(step.transform, row) for row in rows]
    assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_yeo_johnson_on_both_sides_of_zero():
    X = positive_rows() - 2.0
    step = PowerTransformer().fit(X)
    _, found = transform_with_log_jacobian("step", step, X[:30])
    expected = [numerical_log_det(step.transform, row) for row in X[:30]]
    assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=repr)
def test_density_integrates_to_the_mass_that_the_map_reaches(transformer):
    x = np.random.default_rng(0).gamma(3.0, size=(400, 1)) + 0.5
    pipeline = make_generative_pipeline(transformer, GaussianMixture(random_state=0)).fit(x)
    low, high = 1e-9, 60.0
    knots = np.unique(np.r_[low, getattr(pipeline[0], "quantiles_", x[::20]).ravel(), high])
    total = sum(
        integrate.fixed_quad(lambda t: np.exp(pipeline.score_samples(t[:, None])), a, b, n=20)[0]
        for a, b in zip(knots[:-1], knots[1:])
    )
    if getattr(transformer, "clip", False):
        low, high = x.min(), x.max()
    model, ends = pipeline[-1], pipeline[0].transform([[low], [high]]).ravel()
    gaussian = stats.norm(model.means_[0, 0], np.sqrt(model.covariances_[0, 0, 0]))
    reached = gaussian.cdf(ends[1]) - gaussian.cdf(ends[0])
    assert reached > 0.85
    assert total == pytest.approx(reached, abs=2e-4)


@pytest.mark.parametrize("output_distribution", ["uniform", "normal"])
def test_quantile_map_at_knots_and_beyond_its_range(output_distribution):
    x = np.array([[0.0], [1.0], [3.0], [7.0], [12.0]])
    step = QuantileTransformer(n_quantiles=5, output_distribution=output_distribution).fit(x)
    inner = transform_with_log_jacobian("q", step, np.array([[0.5], [2.0], [5.0], [8.0]]))[1]
    z, knots = transform_with_log_jacobian("q", step, x)
    outside = transform_with_log_jacobian("q", step, np.array([[-1e-9], [-5.0], [12.1]]))[1]
    assert np.isneginf(outside).all()
    slopes = 1 / 4 / np.array([1.0, 2.0, 4.0, 5.0])
    at_knots = np.r_[slopes[0], (slopes[:-1] + slopes[1:]) / 2, slopes[-1]]
    if output_distribution == "uniform":
        assert_allclose(np.exp(inner), slopes)
        assert_allclose(np.exp(knots), at_knots)
    else:
        assert_allclose(knots, np.log(at_knots) - stats.norm.logpdf(z.ravel()))


def test_quantile_map_at_repeated_values_has_the_slope_of_its_neighbors():
    x = np.array([0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 3.0, 4.0])[:, None]
    step = QuantileTransformer(n_quantiles=9).fit(x)
    log_slopes = transform_with_log_jacobian("q", step, np.array([[0.0], [2.0]]))[1]
    assert_allclose(np.exp(log_slopes), [1 / 8, 1 / 8])
    constant = QuantileTransformer(n_quantiles=8).fit(np.ones((8, 1)))
    assert np.isneginf(transform_with_log_jacobian("q", constant, np.ones((1, 1)))[1]).all()


@pytest.mark.parametrize("scaler", [MinMaxScaler(clip=True), MinMaxScaler((-1, 2), clip=True)])
def test_clipped_rows_have_no_density_and_training_rows_have(scaler):
    X = positive_rows(d=2)
    step = scaler.fit(X)
    assert np.isfinite(transform_with_log_jacobian("s", step, X)[1]).all()
    beyond = np.vstack([X.max(axis=0) + [1e-6, 0], X.min(axis=0) - [0, 1e-6]])
    assert np.isneginf(transform_with_log_jacobian("s", step, beyond)[1]).all()


def test_clipping_maxabs_scaler():
    if "clip" not in MaxAbsScaler().get_params():
        pytest.skip("MaxAbsScaler has no clip before scikit-learn 1.8")
    X = positive_rows(d=2) - 1
    step = MaxAbsScaler(clip=True).fit(X)
    for layout in (np.asarray, sparse.csr_array):
        found = transform_with_log_jacobian("s", step, layout(np.vstack([X, [[99.0, 0.0]]])))[1]
        assert_allclose(found[:-1], -np.log(step.scale_).sum())
        assert np.isneginf(found[-1])


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=repr)
def test_missing_entries_contribute_nothing(transformer):
    X = positive_rows()
    holes = X.copy()
    holes[:10, 0] = np.nan
    holes[5:15, 2] = np.nan
    step = clone(transformer).fit(X)
    by_column = [
        transform_with_log_jacobian("s", clone(transformer).fit(X[:, [j]]), X[:, [j]])[1]
        for j in range(3)
    ]
    expected = np.where(np.isnan(holes), 0.0, np.stack(by_column, axis=1)).sum(axis=1)
    assert_allclose(transform_with_log_jacobian("s", step, holes)[1], expected, atol=1e-12)


def test_sparse_rows():
    X = sparse.random_array((50, 6), density=0.4, rng=0, format="csr")
    X.data[3] = np.nan
    for scaler in (StandardScaler(with_mean=False), MaxAbsScaler()):
        step = scaler.fit(X)
        dense = transform_with_log_jacobian("s", step, X.toarray())[1]
        assert_allclose(transform_with_log_jacobian("s", step, X)[1], dense)
    step = QuantileTransformer(n_quantiles=10).fit(sparse.csc_array(np.abs(np.eye(10))))
    with pytest.raises(ValueError, match=r"Step 's'.*no log-Jacobian"):
        transform_with_log_jacobian("s", step, sparse.csc_array(np.eye(10)))


@pytest.mark.parametrize(
    "transformer",
    [
        StandardScaler(copy=False),
        PowerTransformer(copy=False),
        QuantileTransformer(n_quantiles=20, copy=False),
    ],
    ids=repr,
)
def test_steps_that_overwrite_their_input(transformer):
    X = positive_rows()
    step = clone(transformer).set_params(copy=True).fit(X)
    expected = transform_with_log_jacobian("s", step, X.copy())[1]
    overwriting = step.set_params(copy=False)
    assert_allclose(transform_with_log_jacobian("s", overwriting, X.copy())[1], expected)


def test_float32_rows_are_scored_in_float64():
    X = positive_rows().astype(np.float32)
    for transformer in (StandardScaler(), PowerTransformer(), MinMaxScaler()):
        step = clone(transformer).fit(X)
        found = transform_with_log_jacobian("s", step, X)[1]
        double = transform_with_log_jacobian("s", step, X.astype(np.float64))[1]
        assert found.dtype == np.float64
        assert_allclose(found, double, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "transformer",
    [PCA(2), PCA(2, whiten=True), IncrementalPCA(2), FastICA(2, random_state=0), Normalizer(),
     FunctionTransformer(np.log)],
    ids=repr,
)  # fmt: skip
def test_steps_without_a_log_jacobian_are_named(transformer):
    X = positive_rows()
    pipeline = GenerativePipeline(
        [("scale", StandardScaler()), ("inner", make_pipeline(MinMaxScaler((1, 2)), transformer)),
         ("model", GaussianMixture())]
    ).fit(X)  # fmt: skip
    with pytest.raises(ValueError, match=r"Step 'inner__.*register_log_jacobian"):
        pipeline.score(X)


class Cube(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return X**3

    def inverse_transform(self, X):
        return np.cbrt(X)


class SignedCube(Cube):
    pass


def test_a_registered_transformer_serves_its_subclasses(monkeypatch):
    monkeypatch.setattr("skgen.compose.jacobians._REGISTRY", {})

    @register_log_jacobian(Cube, columnwise=True)
    def log_slopes(step, X, Z):
        return np.log(3 * X**2)

    X = positive_rows()
    pipeline = make_generative_pipeline(SignedCube(), GaussianMixture(random_state=0)).fit(X)
    expected = pipeline[-1].score_samples(X**3) + np.log(3 * X**2).sum(axis=1)
    assert_allclose(pipeline.score_samples(X), expected)

    register_log_jacobian(Cube)(lambda step, X, Z: np.log(3 * X**2).sum(axis=1))
    assert_allclose(pipeline.score_samples(X), expected)
