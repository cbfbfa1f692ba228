"""Mixed tables whose last step learns them given conditions: a condition for each row."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skgen import GAN, VAE, make_generative_pipeline

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
REGIONS = np.array(["north", "south"])


def table(n=600):
    """Numbers and a category that depend on the region of a row."""
    rng = np.random.default_rng(0)
    region = rng.choice(REGIONS, n)
    is_north = region == "north"
    crop = np.where(rng.random(n) < np.where(is_north, 0.9, 0.1), "rye", "rice")
    warmth = np.where(is_north, 8.0, 20.0) + rng.standard_normal(n)
    return pd.DataFrame({"warmth": warmth, "crop": crop, "rain": rng.gamma(3, size=n)}), region


def steps():
    return ColumnTransformer(
        [("numbers", StandardScaler(), ["warmth", "rain"]), ("names", OneHotEncoder(), ["crop"])]
    )


SMALL = {"conditional": True, "hidden_layer_sizes": (32,), "batch_size": 50, "random_state": 0}
MODELS = [VAE(2, max_iter=40, **SMALL), GAN(2, max_iter=40, calibration=0, **SMALL)]


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: type(model).__name__)
def pipeline(request):
    return make_generative_pipeline(steps(), request.param).fit(*table())


def test_each_draw_obeys_its_own_condition(pipeline):
    asked = np.resize(REGIONS, 600)
    warmth, crop, _ = pipeline.sample(600, random_state=0, y=asked).T
    is_north = asked == "north"
    assert ((warmth < 14) == is_north).mean() > 0.95
    assert (crop == "rye")[is_north].mean() > (crop == "rye")[~is_north].mean() + 0.2
    assert set(crop) <= {"rye", "rice"}
    alone = pipeline.sample(300, random_state=0, y="south")
    assert (alone[:, 0] > 14).mean() > 0.95
    # Without a condition regions are as frequent as in training.
    assert 0.35 < (pipeline.sample(600, random_state=0)[:, 0] < 14).mean() < 0.65


def test_an_unseen_class_is_named(pipeline):
    asked = np.array(["north", "east", "south"])
    message = "y has the class 'east', which fit has not seen among"
    with pytest.raises(ValueError, match=message):
        pipeline.sample(3, y=asked)
    with pytest.raises(ValueError, match=message):
        pipeline.sample(3, y="east")
    if isinstance(pipeline[-1], GAN):
        with pytest.raises(ValueError, match=message):
            pipeline.score_samples(table(3)[0], asked)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_categories_have_the_probabilities_of_each_condition(likelihood):
    rng = np.random.default_rng(0)
    region = rng.choice(REGIONS, 600)
    is_rye = rng.random(600) < np.where(region == "north", 0.9, 0.1)
    X = np.where(is_rye, "rye", "rice")[:, None]
    model = VAE(1, likelihood=likelihood, max_iter=20, **SMALL)
    model = make_generative_pipeline(OneHotEncoder(drop="first"), model).fit(X, region)
    each = np.resize(REGIONS, 1000)
    rye, rice = (np.exp(model.score_samples([[crop]] * 2, REGIONS)) for crop in ("rye", "rice"))
    assert rye + rice == pytest.approx([1, 1])
    drawn = model.sample(1000, random_state=0, y=each)[:, 0] == "rye"
    alone = model.sample(1000, random_state=0, y="north")[:, 0] == "rye"
    assert alone.mean() == pytest.approx(rye[0], abs=0.05)
    for place, probability in zip(REGIONS, rye):
        assert drawn[each == place].mean() == pytest.approx(probability, abs=0.06)
    assert rye[0] > 0.7 > 0.3 > rye[1]
    with pytest.raises(ValueError, match="y has the class 'east', which fit has not seen among"):
        model.score(X[:2], ["north", "east"])


def test_what_knows_no_probabilities_is_named():
    X, region = table(60)
    model = make_generative_pipeline(steps(), VAE(2, max_iter=1, **SMALL)).fit(X, region)
    with pytest.raises(ValueError, match="VAE cannot tell the density of some columns alone"):
        model.score(X, region)
