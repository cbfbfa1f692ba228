"""Conditions of a text and numbers beside it: two stages, coarse to fine, and what takes them."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from skgen import VAE, make_generative_pipeline

NAMES = np.array(["a zero", "a one"])
DIGITS, CLASSES = load_digits(n_class=2, return_X_y=True)
TEXTS = NAMES[CLASSES]
TABLE = ColumnTransformer(
    [("words", CountVectorizer(), 0), ("coarse", "passthrough", slice(1, None))]
)
SMALL = {
    "conditional": True,
    "likelihood": "gaussian",
    "noise_variance": "isotropic",
    "hidden_layer_sizes": (32,),
    "batch_size": 30,
    "beta": 2.0,
    "max_iter": 60,
    "random_state": 0,
}
FIRST = VAE(2, condition_encoder=CountVectorizer(), **SMALL)
SECOND = VAE(2, condition_encoder=TABLE, **SMALL)


def coarse(X):
    return np.reshape(X, (-1, 4, 2, 4, 2)).mean(axis=(2, 4)).reshape(len(X), -1)


def beside(texts, rows):
    return np.column_stack([np.array(texts, dtype=object), rows])


def test_fine_rows_are_of_the_text_and_of_the_coarse_rows():
    first = clone(FIRST).fit(coarse(DIGITS), TEXTS)
    second = clone(SECOND).fit(DIGITS, beside(TEXTS, coarse(DIGITS)))
    means = coarse(np.array([DIGITS[k == CLASSES].mean(axis=0) for k in range(2)]))
    for number, name in enumerate(NAMES):
        sketches = first.sample(200, random_state=0, y=name)
        rows = second.sample(200, random_state=1, y=beside([name] * 200, sketches))
        again = coarse(rows)
        squares = ((again[:, None] - means) ** 2).sum(axis=2)
        assert (squares.argmin(axis=1) == number).mean() > 0.9
        # A sketch is kept: its own picture is nearer to it than another's.
        own, other = (again - sketches) ** 2, (np.roll(again, 1, axis=0) - sketches) ** 2
        assert own.mean() < 0.6 * other.mean()


def test_a_stage_goes_through_searches_and_pipelines():
    y = beside(TEXTS, coarse(DIGITS))
    short = clone(SECOND).set_params(max_iter=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        search = GridSearchCV(short, {"n_components": [1, 2]}, cv=2).fit(DIGITS, y)
        piped = make_pipeline(MaxAbsScaler(), short).fit(DIGITS, y)
        model = make_generative_pipeline(MaxAbsScaler(), short).fit(DIGITS, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert np.isfinite(piped.score(DIGITS, y))
    assert model.sample(3, y=y[:3]).shape == (3, 64)
    assert model.score_samples(DIGITS[:5], y[:5]).shape == (5,)
    with pytest.raises(ValueError, match="y has 16 columns, but the y of fit had 17"):
        model.sample(3, y=y[:3, 1:])
