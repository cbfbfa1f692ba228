"""Densities of images pixel by pixel, against enumeration."""

import itertools

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skgen import PixelCNN, PixelRNN
from skgen.exceptions import DataRangeWarning

QUICK = {"n_layers": 2, "max_iter": 12, "learning_rate": 0.02, "random_state": 0}
MODELS = {
    "cnn": PixelCNN(6, **QUICK),
    "row": PixelRNN(6, recurrence="row", **QUICK),
    "diagonal": PixelRNN(6, **QUICK),
}
every_model = pytest.mark.parametrize("kind", MODELS)


def fresh(kind, **how):
    model = MODELS[kind]
    return type(model)(**{**model.get_params(), **how})


def strokes(n, n_levels=2, side=3, seed=0):
    """Images of a bright row or column, with noise."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n, side, side))
    where = rng.integers(0, side, n)
    upright = rng.random(n) < 0.5
    X[np.arange(n)[upright], :, where[upright]] = n_levels - 1
    X[np.arange(n)[~upright], where[~upright], :] = n_levels - 1
    noise = rng.random(X.shape) < 0.1
    return np.where(noise, rng.integers(0, n_levels, X.shape), X).reshape(n, -1)


def every_image(n_levels, n_pixels):
    return np.array(list(itertools.product(range(n_levels), repeat=n_pixels)), dtype=float)


@pytest.fixture(scope="module")
def fitted():
    return {kind: fresh(kind).fit(strokes(400)) for kind in MODELS}


@every_model
def test_probabilities_of_all_images_of_bits_sum_to_one(kind, fitted):
    model = fitted[kind]
    p = np.exp(model.score_samples(every_image(2, 9)))
    assert p.sum() == pytest.approx(1, abs=1e-9)
    assert (model.distribution_, model.measure_, model.n_levels_) == ("bernoulli", "counting", 2)
    # What is learned is nearer to the truth than independent pixels.
    X, test = strokes(400), strokes(2000, seed=1)
    ones = X.mean(axis=0)
    apart = np.mean(np.log(np.where(test > 0, ones, 1 - ones)).sum(axis=1))
    assert model.score(test) > apart + 1


@every_model
@pytest.mark.parametrize("distribution", ["auto", "logistic"])
def test_probabilities_of_all_levels_sum_to_one(kind, distribution):
    X = 5 + 0.25 * strokes(300, n_levels=3, side=2)
    model = fresh(kind, distribution=distribution, max_iter=5).fit(X)
    p = np.exp(model.score_samples(5 + 0.25 * every_image(3, 4)))
    assert p.sum() == pytest.approx(1, abs=1e-6)
    assert model.distribution_ == ("categorical" if distribution == "auto" else "logistic")
    assert set(np.unique(model.sample(50, random_state=0))) <= {5.0, 5.25, 5.5}


@every_model
def test_many_levels_have_masses_that_sum_to_one(kind):
    rng = np.random.default_rng(0)
    X = np.rint(100 * rng.standard_normal((300, 1)))
    model = fresh(kind, max_iter=3).fit(X)
    assert (model.distribution_, model.measure_) == ("logistic", "counting")
    low, high = int(X.min()), int(X.max())
    # There may be others beyond those of the fit.
    levels = np.arange(low - 5000, high + 5000.0)[:, None]
    assert np.exp(model.score_samples(levels)).sum() == pytest.approx(1, abs=1e-5)
    with pytest.warns(DataRangeWarning, match="none of the levels"):
        assert model.score_samples([[0.5]])[0] == -np.inf


@every_model
def test_a_density_integrates_to_one(kind):
    rng = np.random.default_rng(0)
    X = 3 + 2 * rng.standard_normal((300, 2)) @ [[1, 0.8], [0, 0.6]]
    model = fresh(kind, max_iter=5).fit(X)
    axis = np.linspace(-30, 36, 200)
    grid = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    total = np.exp(model.score_samples(grid)).sum() * (axis[1] - axis[0]) ** 2
    assert total == pytest.approx(1, abs=1e-3)
    assert model.measure_ == "lebesgue"


@every_model
def test_draws_have_the_entropy_of_their_density(kind, fitted):
    model = fitted[kind]
    log_p = model.score_samples(every_image(2, 9))
    entropy = -np.exp(log_p) @ log_p
    scores = model.score_samples(model.sample(1500, random_state=0))
    assert -scores.mean() == pytest.approx(entropy, abs=4 * scores.std() / np.sqrt(1500))


@every_model
@pytest.mark.parametrize("hole", [[6, 7, 8], [4, 5, 6, 7, 8], [0, 4], [1, 3, 5]], ids=str)
def test_completions_follow_the_conditional(kind, hole, fitted):
    model, row = fitted[kind], strokes(1, seed=3)
    fills = np.tile(row, (2 ** len(hole), 1))
    fills[:, hole] = every_image(2, len(hole))
    log_p = model.score_samples(fills)
    truth = np.exp(log_p - np.logaddexp.reduce(log_p))
    gaps = row.copy()
    gaps[:, hole] = np.nan
    draws = model.sample_conditional(gaps, n_draws=1500, random_state=0)[:, 0]
    known = np.setdiff1d(np.arange(9), hole)
    np.testing.assert_array_equal(draws[:, known], np.tile(row[:, known], (1500, 1)))
    number = draws[:, hole] @ 2 ** np.arange(len(hole))[::-1]
    found = np.bincount(number.astype(int), minlength=len(truth)) / 1500
    error = np.sqrt(truth * (1 - truth) / 1500) + 1e-3
    assert (np.abs(found - truth) < 4.5 * error).all()
    mean = truth @ fills
    np.testing.assert_allclose(model.impute(gaps)[0], mean, atol=4 * 0.5 / np.sqrt(64))


def means_by_enumeration(model, gaps, n_levels=2, **given):
    """Means of what is missing in one row, over all its fillings."""
    hole = np.flatnonzero(np.isnan(gaps))
    fills = np.tile(gaps, (n_levels ** len(hole), 1))
    fills[:, hole] = every_image(n_levels, len(hole))
    given = {name: np.full(len(fills), value) for name, value in given.items()}
    log_p = model.score_samples(fills, **given)
    return np.exp(log_p - np.logaddexp.reduce(log_p)) @ fills


@every_model
def test_rows_of_all_kinds_of_holes_are_filled_side_by_side(kind, fitted):
    model, X = fitted[kind], strokes(5, seed=4)
    holes = [[0, 4], [], [7, 8], [1, 2, 5, 6], [8]]
    for row, hole in enumerate(holes):
        X[row, hole] = np.nan
    means, draws = model.impute(X), model.sample_conditional(X, 400, random_state=0)
    for row in range(len(X)):
        truth = means_by_enumeration(model, X[row])
        # Exact but where nothing that is known follows the first hole.
        atol = 4 * 0.5 / 64**0.5 if row in (2, 4) else 1e-5
        np.testing.assert_allclose(means[row], truth, atol=atol)
        np.testing.assert_allclose(draws[:, row].mean(axis=0), truth, atol=4 * 0.5 / 400**0.5)


@every_model
@pytest.mark.parametrize("order", [None, (2, 0, 1)])
def test_holes_in_channels_are_filled_in_any_order(kind, order):
    X = (np.random.default_rng(0).random((200, 12)) < 0.4).astype(float)
    X[:, 4:8] = X[:, :4]
    model = fresh(kind, image_shape=(3, 2, 2), channel_order=order, max_iter=4).fit(X)
    # The second kind of hole is the end of the row, and not of the image.
    for hole in ([0, 2, 5, 9, 10], [8, 9, 10, 11]):
        gaps = X[:1].copy()
        gaps[0, hole] = np.nan
        truth = means_by_enumeration(model, gaps[0])
        np.testing.assert_allclose(model.impute(gaps)[0], truth, atol=1e-5)


@every_model
def test_continuous_holes_have_the_mean_of_an_integral(kind):
    rng = np.random.default_rng(0)
    X = 3 + 2 * rng.standard_normal((300, 2)) @ [[1, 0.8], [0, 0.6]]
    model = fresh(kind, max_iter=8).fit(X)
    axis = np.linspace(-20, 26, 2000)
    known = 5.5
    p = np.exp(model.score_samples(np.stack([axis, np.full(2000, known)], 1)))
    truth = p @ axis / p.sum()
    filled = model.impute(np.tile([np.nan, known], (20, 1)))
    error = filled[:, 0].std() / np.sqrt(20)
    assert error < 0.05
    assert filled[:, 0].mean() == pytest.approx(truth, abs=4 * error)
    np.testing.assert_array_equal(filled[:, 1], known)


def test_many_levels_are_drawn_and_not_enumerated():
    rng = np.random.default_rng(0)
    first = rng.integers(0, 60, 600)
    X = np.stack([first, np.clip(first + rng.integers(-3, 4, 600), 0, 59)], 1).astype(float)
    model = fresh("cnn", max_iter=8).fit(X)
    assert (model.distribution_, model.n_levels_) == ("categorical", 60)
    # What is beyond the levels of the fit is taken for the nearest.
    for known, nearest in ((30.0, 30.0), (400.0, 59.0)):
        truth = means_by_enumeration(model, np.array([np.nan, nearest]), 60)[0]
        filled = model.impute(np.tile([np.nan, known], (20, 1)))
        error = filled[:, 0].std() / np.sqrt(20)
        assert error < 0.5
        assert filled[:, 0].mean() == pytest.approx(truth, abs=4 * error)
        assert (filled[:, 1] == known).all()


@pytest.mark.parametrize("order", [None, (2, 0, 1)])
@every_model
def test_channels_in_any_order_have_probabilities_that_sum_to_one(kind, order):
    rng = np.random.default_rng(0)
    X = (rng.random((200, 12)) < 0.4).astype(float)
    X[:, 4:8] = X[:, :4]
    how = {"image_shape": (3, 2, 2), "channel_order": order}
    model = fresh(kind, **how).fit(X)
    states = every_image(2, 12)
    p = np.exp(model.score_samples(states))
    assert p.sum() == pytest.approx(1, abs=1e-9)
    # Equal channels are told apart by few.
    assert p[(states[:, 4:8] == states[:, :4]).all(axis=1)].sum() > 0.5


def test_features_are_pooled_maps():
    X = load_digits().data[:100]
    model = PixelCNN(4, n_layers=1, max_iter=1, random_state=0).fit(X)
    Z = model.transform(X)
    assert Z.shape == (100, 4 * 16)
    assert model.n_levels_ == 17
    assert Z.std(axis=0).max() > 0


def test_the_verbs_use_the_average_of_the_weights(fitted):
    module = fitted["cnn"].module_
    last, averaged = (next(net.parameters()) for net in (module.net, module.averaged_net))
    assert not np.allclose(last, averaged)


def test_streams_of_levels_go_on_and_others_are_refused():
    X = strokes(100, n_levels=3)
    model = fresh("cnn").partial_fit(X)
    model.partial_fit(X[:50])
    with pytest.raises(ValueError, match="none of the levels from 0 to 2 by 1"):
        model.partial_fit(X + 1)
    with pytest.raises(ValueError, match="none of the levels"):
        model.set_params(warm_start=True).fit(X / 2)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"image_shape": (2, 4)}, "has 8 pixels, but X has 9 features"),
        ({"kernel_size": 2}, "kernel_size=2 is even .* use 3"),
        ({"channel_order": (0, 1)}, "does not name each of the 1 channels"),
        ({"distribution": "bernoulli"}, "describes two values, but X has 4 levels"),
    ],
)
def test_what_does_not_fit_is_refused(how, message):
    with pytest.raises(ValueError, match=message):
        fresh("cnn", **how).fit(strokes(50, n_levels=4))


def test_continuous_values_have_no_categories():
    X = np.random.default_rng(0).standard_normal((50, 9))
    with pytest.raises(ValueError, match="2 to 256 evenly spaced levels, but X has continuous"):
        fresh("cnn", distribution="categorical").fit(X)


@pytest.fixture(scope="module")
def conditioned():
    """Models of rows or columns of bright pixels, given which of the two."""
    X = strokes(600, seed=2)
    images = X.reshape(-1, 3, 3)
    y = np.where(images.sum(1).max(1) > images.sum(2).max(1), "upright", "flat")
    return X, y, {kind: fresh(kind, conditional=True).fit(X, y) for kind in MODELS}


@every_model
def test_classes_follow_by_bayes(kind, conditioned):
    X, y, models = conditioned
    model, images = models[kind], every_image(2, 9)
    given = np.stack([model.score_samples(images, np.full(512, c)) for c in model.classes_])
    np.testing.assert_allclose(np.exp(given).sum(axis=1), 1, atol=1e-9)
    joint = np.exp(given) * np.array([np.mean(y == c) for c in model.classes_])[:, None]
    np.testing.assert_allclose(np.exp(model.score_samples(images)), joint.sum(axis=0), rtol=1e-5)
    np.testing.assert_allclose(
        model.predict_proba(images), (joint / joint.sum(axis=0)).T, rtol=1e-5
    )
    assert np.mean(model.predict(X) == y) > 0.8


@every_model
def test_draws_given_a_class_follow_its_density(kind, conditioned):
    _, _, models = conditioned
    model, images = models[kind], every_image(2, 9)
    log_p = model.score_samples(images, np.full(512, "flat"))
    draws = model.sample(1500, random_state=0, y="flat")
    found = np.bincount((draws @ 2 ** np.arange(9)[::-1]).astype(int), minlength=512) / 1500
    p = np.exp(log_p)
    likely = p > 0.005
    error = np.sqrt(p * (1 - p) / 1500)
    assert (np.abs(found - p)[likely] < 4.5 * error[likely]).all()
    assert found[~likely].sum() == pytest.approx(p[~likely].sum(), abs=0.06)


@every_model
def test_holes_are_filled_given_a_class(kind, conditioned):
    X, _, models = conditioned
    model, gaps = models[kind], X[:4].copy()
    gaps[1:, [1, 3, 4]] = np.nan
    classes = np.array(["upright", "flat", "upright", "upright"])
    for row, filled in enumerate(model.impute(gaps, classes)):
        truth = means_by_enumeration(model, gaps[row], y=classes[row])
        np.testing.assert_allclose(filled, truth, atol=1e-5)


def test_halves_are_completed_given_a_class(conditioned):
    _, _, models = conditioned
    model = models["cnn"]
    rows = np.full((1, 9), np.nan)
    rows[0, :3] = 0.0, 1.0, 0.0
    upright, flat = (model.impute(rows, [c])[0] for c in ("upright", "flat"))
    assert upright[[4, 7]].mean() > flat[[4, 7]].mean()
