"""Units of the data change a density by their Jacobian alone; extremes are finite or refused."""

import warnings

import numpy as np
import pytest
from sklearn.utils import get_tags

from skgen import ICA, ConvolutionalRBM, PixelCNN, PixelRNN, ProbabilisticPCA
from tests.instances import instances, label

N_FEATURES = 4


def of_one_unit(estimator):
    """Whether one noise of all columns makes another model of another unit of one of them."""
    isotropic = estimator.get_params().get("covariance") == "isotropic"
    # Fewer sources leave even noise.
    has_rest = isinstance(estimator, ICA) and estimator.n_components is not None
    # Images have one contrast everywhere.
    of_images = isinstance(estimator, (ConvolutionalRBM, PixelCNN, PixelRNN))
    return isotropic or has_rest or of_images or isinstance(estimator, ProbabilisticPCA)


# These divide by the largest value before they square.
OF_RELATIVE_SCALES = {"FullyVisibleBeliefNetwork"}


def rows(rng):
    X = rng.standard_normal((60, 2)) @ rng.standard_normal((2, N_FEATURES))
    return X + rng.uniform(0.6, 1.2, N_FEATURES) * rng.standard_normal(X.shape)


def fitted(estimator, X):
    """The estimator fitted to X, and to labels where it needs them."""
    if "random_state" in estimator.get_params():
        estimator.set_params(random_state=0)
    y = np.arange(len(X)) % 2 if get_tags(estimator).target_tags.required else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return estimator.fit(X, y) if y is not None else estimator.fit(X)


def has_a_density(estimator, X):
    return getattr(fitted(estimator, X), "measure_", None) == "lebesgue"


X = rows(np.random.default_rng(0))
DENSITIES = [e for e in instances() if has_a_density(e, X)]


def test_every_family_with_a_density_is_here():
    names = {type(estimator).__name__ for estimator in DENSITIES}
    assert names >= {
        "ConvolutionalRBM",
        "DeepBeliefNetwork",
        "EnergyBasedModel",
        "FactorAnalysis",
        "FullyVisibleBeliefNetwork",
        "GaussianBernoulliRBM",
        "GenerativePipeline",
        "ICA",
        "MeanCovarianceRBM",
        "PixelCNN",
        "PixelRNN",
        "ProbabilisticPCA",
        "ProductOfExperts",
        "ProductOfStudentT",
        "SpikeSlabRBM",
        "VAE",
    }


def check_jacobian(estimator, scale, shift=0.0):
    expected = fitted(estimator, X + shift).score(X + shift)
    Y = scale * (X + shift)
    model = fitted(estimator, Y)
    jacobian = np.sum(np.log(np.broadcast_to(scale, N_FEATURES)))
    assert model.score(Y) + jacobian == pytest.approx(expected, abs=1e-4)
    draws = model.sample(200, random_state=0) / scale - shift
    assert np.all(draws.std(axis=0) < 3 * X.std(axis=0))
    assert np.all(draws.std(axis=0) > 0.3 * X.std(axis=0))


@pytest.mark.parametrize("c", [1e-15, 1e-6, 1e6, 1e15])
@pytest.mark.parametrize("estimator", DENSITIES, ids=label)
def test_one_unit_for_all_columns(estimator, c):
    check_jacobian(estimator, c, shift=3.0)


@pytest.mark.parametrize("c", [1e-15, 1e-6, 1e6, 1e15])
@pytest.mark.parametrize("estimator", [e for e in DENSITIES if not of_one_unit(e)], ids=label)
def test_a_unit_for_each_column(estimator, c):
    check_jacobian(estimator, np.where(np.arange(N_FEATURES) == 1, c, 1.0))


@pytest.mark.parametrize(
    ("c", "dtype"), [(1e300, float), (1e-300, float), (1e37, np.float32), (1e-37, np.float32)]
)
@pytest.mark.parametrize("estimator", instances(), ids=label)
def test_extremes_are_finite_or_refused(estimator, c, dtype):
    Y = (c * X).astype(dtype)
    refusal = None
    try:
        model = fitted(estimator, Y)
    except ValueError as error:
        refusal = str(error)
    if refusal is not None:
        assert any(remedy in refusal for remedy in ("scale", "divide", "multiply", "drop"))
        return
    labels = np.arange(len(Y)) % 2
    if hasattr(model, "score"):
        with_labels = hasattr(model, "predict") or get_tags(model).target_tags.required
        score = model.score(Y, labels) if with_labels else model.score(Y)
        assert np.isfinite(score)
    for verb in ("transform", "sample"):
        if hasattr(model, verb):
            given = model.sample(20, random_state=0) if verb == "sample" else model.transform(Y)
            assert np.isfinite(given).all()


def test_relative_scales_know_no_smallest_spread():
    for estimator in DENSITIES:
        if type(estimator).__name__ in OF_RELATIVE_SCALES:
            check_jacobian(estimator, 1e-300)


@pytest.mark.parametrize(
    "estimator",
    [e for e in DENSITIES if type(e).__name__ not in OF_RELATIVE_SCALES],
    ids=label,
)
def test_a_spread_whose_square_underflows_is_refused(estimator):
    with pytest.raises(ValueError, match="varies by less than .* multiply"):
        fitted(estimator, 1e-300 * X)
