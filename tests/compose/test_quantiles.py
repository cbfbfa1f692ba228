"""A quantile map with tails: a bijection of the line, whose density integrates to one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import integrate, sparse, stats
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_wine
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, QuantileTransformer, StandardScaler

from skgen import ProbabilisticPCA, make_generative_pipeline
from skgen.compose.quantiles import TailedQuantileTransformer, fit_map

RNG = np.random.default_rng(0)
COLUMNS = {
    "normal": RNG.normal(size=200),
    "heavy": RNG.standard_t(2, 200),
    "counts": RNG.poisson(2.0, 200).astype(float),
    "mostly zero": np.where(RNG.random(200) < 0.6, 0, RNG.gamma(2, size=200)),
    "two values": RNG.integers(0, 2, 50) * 3.0,
    "constant": np.full(30, 7.0),
    "tiny unit": RNG.normal(size=200) * 1e-12,
    "far off": 1e6 + RNG.normal(size=200),
    "few": np.array([1.0, 2.0, 4.0, 7.0]),
    "one": np.array([5.0]),
    "holes": np.r_[RNG.normal(size=50), np.full(10, np.nan)],
}


def fitted(x, n_quantiles=50, output="normal"):
    n_quantiles = min(n_quantiles, len(x))
    return TailedQuantileTransformer(n_quantiles=n_quantiles, output_distribution=output).fit(
        x[:, None]
    )


def wide_grid(quantile_map, times=(2, 5, 10, 20, 40)):
    """Knots, and points that many widths of the tails beyond."""
    times = np.array(times)
    left = quantile_map.values[0] - times[::-1] * quantile_map.lower
    return np.r_[left, quantile_map.values, quantile_map.values[-1] + times * quantile_map.upper]


@pytest.mark.parametrize("n_quantiles", [5, 200])
@pytest.mark.parametrize("name", COLUMNS)
def test_the_slope_is_a_density_on_the_whole_line(name, n_quantiles):
    quantile_map = fitted(COLUMNS[name], n_quantiles).maps_[0]
    assert (np.diff(quantile_map.values) > 0).all()
    assert (np.diff(quantile_map.levels) > 0).all()
    grid = wide_grid(quantile_map)
    total = sum(
        integrate.fixed_quad(lambda x: np.exp(quantile_map.log_density(x)), a, b, n=30)[0]
        for a, b in zip(grid[:-1], grid[1:])
    )
    assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("output", ["normal", "uniform"])
@pytest.mark.parametrize("name", COLUMNS)
def test_values_come_back(name, output):
    step = fitted(COLUMNS[name], output=output)
    quantile_map = step.maps_[0]
    # Uniform outputs close to 0 and 1 are all one number; normal scores are not.
    x = wide_grid(quantile_map, (1, 3, 30) if output == "normal" else (1, 3))[:, None]
    back = step.inverse_transform(step.transform(x))
    width = max(quantile_map.lower, quantile_map.upper)
    assert_allclose(back, x, rtol=1e-9, atol=1e-9 * width)
    assert (np.diff(step.transform(x).ravel()) > 0).all()


@pytest.mark.parametrize("output", ["normal", "uniform"])
def test_between_the_tails_it_is_the_map_of_scikit_learn(output):
    x = COLUMNS["normal"][:, None]
    theirs = QuantileTransformer(n_quantiles=50, output_distribution=output).fit(x)
    ours = fitted(x.ravel(), output=output)
    inner = np.linspace(*np.quantile(x, [0.1, 0.9]), 99)[:, None]
    assert_allclose(ours.transform(inner), theirs.transform(inner), atol=1e-9)
    assert_array_equal(ours.quantiles_, theirs.quantiles_)


def test_log_slopes_are_those_of_differences():
    step = fitted(COLUMNS["normal"])
    grid = wide_grid(step.maps_[0], (1, 5))
    x = ((grid[1:] + grid[:-1]) / 2)[:, None]
    h = 1e-6
    slopes = (step.transform(x + h) - step.transform(x - h)) / (2 * h)
    assert_allclose(step.log_slopes(x, step.transform(x)), np.log(slopes), atol=1e-5)


def test_the_tail_of_a_known_law_is_found():
    x = np.random.default_rng(1).exponential(3.0, 5000)
    quantile_map = fit_map(x, np.quantile(x, np.linspace(0, 1, 21)), np.linspace(0, 1, 21))
    assert quantile_map.upper == pytest.approx(3.0, rel=0.15)
    assert quantile_map.levels[-1] == pytest.approx(0.95)
    far = np.array([30.0, 60.0])
    assert_allclose(quantile_map.log_density(far), stats.expon(scale=3).logpdf(far), rtol=0.15)


def test_density_of_a_gaussian_copula_integrates_to_one_beyond_the_data():
    x = np.random.default_rng(0).gamma(3.0, size=(400, 1))
    step = QuantileTransformer(n_quantiles=20, output_distribution="normal")
    pipeline = make_generative_pipeline(step, GaussianMixture(random_state=0)).fit(x)
    grid = wide_grid(pipeline[0].maps_[0])
    total = sum(
        integrate.fixed_quad(lambda t: np.exp(pipeline.score_samples(t[:, None])), a, b, n=40)[0]
        for a, b in zip(grid[:-1], grid[1:])
    )
    assert total == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("n_quantiles", [5, 50, 140])
def test_held_out_scores_are_finite_and_no_better_than_those_of_other_steps_by_luck(n_quantiles):
    X = load_wine().data
    step = QuantileTransformer(n_quantiles=n_quantiles, output_distribution="normal")
    scores = cross_val_score(make_generative_pipeline(step, ProbabilisticPCA(3)), X)
    scaled = cross_val_score(make_generative_pipeline(StandardScaler(), ProbabilisticPCA(3)), X)
    assert np.isfinite(scores).all()
    # Values with two decimals repeat: a density that rose at each of them would win by far.
    assert abs(scores.mean() - scaled.mean()) < 2.5


def test_a_gaussian_copula_wins_the_search_where_it_is_the_truth():
    rng = np.random.default_rng(0)
    normal = rng.multivariate_normal(np.zeros(3), 0.6 + 0.4 * np.eye(3), 800)
    halves = np.where(normal < 0, -4.0, 4.0) + normal
    steps = [
        StandardScaler(),
        PowerTransformer(),
        QuantileTransformer(n_quantiles=20, output_distribution="normal"),
    ]
    pipeline = make_generative_pipeline(StandardScaler(), ProbabilisticPCA(1))
    found = GridSearchCV(pipeline, {"standardscaler": steps}).fit(halves)
    best = found.best_estimator_
    assert isinstance(best[0], QuantileTransformer)
    truth = stats.multivariate_normal(np.zeros(3), 0.6 + 0.4 * np.eye(3)).logpdf(normal).mean()
    assert found.cv_results_["mean_test_score"][0] < found.best_score_ - 1
    assert truth - 1 < found.best_score_ < truth
    draws = best.sample(4000, random_state=0)
    assert stats.ks_2samp(draws[:, 0], halves[:, 0]).statistic < 0.06
    assert draws.max() > halves.max() or draws.min() < halves.min()


def test_every_quantile_step_of_a_pipeline_gets_tails_and_the_given_ones_stay():
    X = COLUMNS["normal"].reshape(50, 4)
    given = QuantileTransformer(n_quantiles=10, output_distribution="normal")
    nested = make_column_transformer(
        (make_pipeline(StandardScaler(), clone(given)), [0, 1]), remainder="passthrough"
    )
    pipeline = make_generative_pipeline(given, nested, ProbabilisticPCA(1)).fit(X)
    assert type(given) is type(pipeline.get_params()["quantiletransformer"]) is QuantileTransformer
    assert np.isfinite(pipeline.score_samples(10 * X)).all()
    assert_allclose(pipeline[:-1].transform(X)[:, 2:], pipeline[0].transform(X)[:, 2:])


def test_float32_and_sparse_rows():
    x = COLUMNS["normal"][:, None]
    assert fitted(x.ravel()).transform(x.astype(np.float32)).dtype == np.float32
    ours = TailedQuantileTransformer(n_quantiles=10).fit(sparse.csc_array(np.abs(np.eye(10))))
    theirs = QuantileTransformer(n_quantiles=10).fit(sparse.csc_array(np.abs(np.eye(10))))
    rows = sparse.csc_array(np.eye(10))
    assert_allclose(ours.transform(rows).toarray(), theirs.transform(rows).toarray())
