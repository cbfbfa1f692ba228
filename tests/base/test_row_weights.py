"""Weights of the rows in fits by the training loop: repeats, absent rows, and no scale."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from skgen import (
    VAE,
    Autoencoder,
    BernoulliRBM,
    DeepBeliefNetwork,
    DenoisingAE,
    FineTunedClassifier,
    GaussianBernoulliRBM,
    SigmoidBeliefNetwork,
)
from skgen.base.training_rows import weighted_rows_and_labels
from skgen.testing import announced, deterministic_verb, labels, toy
from skgen.training.rows import representatives, weighted_order
from tests.instances import having, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]

# In sequences rows have places, and no weights.
WEIGHED = [e for e in having("_build") if has_fit_parameter(e, "sample_weight")]
every_model = pytest.mark.parametrize("model", WEIGHED, ids=label)


def outcome(model, X, y, weight):
    fitted = clone(model).set_params(random_state=0).fit(X, y, sample_weight=weight)
    return getattr(fitted, deterministic_verb(fitted))(toy())


@every_model
def test_rows_of_weight_zero_are_absent(model, rng):
    X, y = toy(), labels()
    kept = np.ones(90, bool)
    kept[::7] = False
    wild = np.where(kept[:, None], X, 50.0)
    absent = outcome(model, X[kept], y[kept], None)
    np.testing.assert_array_equal(outcome(model, wild, y, 2.0 * kept), absent)


@every_model
def test_the_scale_of_the_weights_is_immaterial(model, rng):
    weight = rng.random(90) + 0.1
    one, other = (outcome(model, toy(), labels(), w) for w in (weight, 2.0**20 * weight))
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, outcome(model, toy(), labels(), None))


@every_model
def test_streams_take_weights_too(model, rng):
    if not hasattr(model, "partial_fit"):
        return
    weight, known = rng.random(90) + 0.1, announced(model)
    fitted = clone(model).partial_fit(toy(), labels(), sample_weight=weight, **known)
    assert fitted.partial_fit(toy(), labels(), sample_weight=weight) is fitted


BITS = [
    BernoulliRBM(4, max_iter=60, n_burn_in=100, random_state=0),
    DeepBeliefNetwork((4, 4), max_iter=40, n_burn_in=100, random_state=0),
    SigmoidBeliefNetwork((4, 4), max_iter=40, random_state=0),
    VAE(2, hidden_layer_sizes=(16,), likelihood="bernoulli", max_iter=60, random_state=0),
    DenoisingAE(4, hidden_layer_sizes=(16,), max_iter=60, random_state=0),
]
NUMBERS = [
    GaussianBernoulliRBM(4, init_scale=0.3, max_iter=200, n_burn_in=100, random_state=0),
    VAE(2, hidden_layer_sizes=(16,), likelihood="gaussian", max_iter=60, random_state=0),
    Autoencoder(2, hidden_layer_sizes=(16,), max_iter=60, random_state=0),
]


@pytest.mark.parametrize("model", BITS + NUMBERS, ids=lambda m: type(m).__name__)
def test_draws_follow_the_weights_as_they_follow_repeats(model, rng):
    """Two kinds of rows in equal numbers, of which one weighs four times the other."""
    kind = np.arange(300) % 2
    if model in BITS:
        X = (rng.random((300, 6)) < np.where(kind, 0.95, 0.05)[:, None]).astype(float)
    else:
        X = 3.0 * kind[:, None] + 0.3 * rng.standard_normal((300, 2))
    weight = np.where(kind, 4, 1)
    weighted = clone(model).fit(X, sample_weight=0.3 * weight)
    repeated = clone(model).fit(np.repeat(X, weight, axis=0))
    fractions = [
        (m.sample(1000, random_state=0).mean(axis=1) > X.max() / 2).mean()
        for m in (weighted, repeated)
    ]
    np.testing.assert_allclose(fractions, 0.8, atol=0.12)
    np.testing.assert_allclose(weighted._center, repeated._center)
    np.testing.assert_allclose(weighted._scale, repeated._scale)


def test_a_classifier_learns_from_rows_by_their_weight(rng):
    X, y = rng.random((200, 3)).round(), np.arange(200) % 2
    machine = BernoulliRBM(3, max_iter=2, random_state=0)
    model = FineTunedClassifier(machine, max_iter=100, random_state=0)
    model.fit(X, y, sample_weight=np.where(y, 4, 1))
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 0.8, atol=0.12)


def test_an_epoch_holds_each_row_as_often_as_its_weight_says():
    weight = np.array([0.5, 1.0, 2.5, 4.0, 2.0])
    expected = weight / weight.mean()
    generator = torch.Generator().manual_seed(0)
    counts = np.array(
        [np.bincount(weighted_order(weight, generator), minlength=5) for _ in range(2000)]
    )
    assert (counts.sum(1) == 5).all()
    assert (np.abs(counts - expected) < 1).all()
    np.testing.assert_allclose(counts.mean(0), expected, atol=0.05)
    first = np.array([weighted_order(weight, generator)[0] for _ in range(2000)])
    np.testing.assert_allclose(np.bincount(first) / 2000, weight / weight.sum(), atol=0.04)


def test_validation_rows_count_by_weight(rng):
    X = np.repeat([[0.0], [10.0]], 50, axis=0) + rng.standard_normal((100, 1))
    common = {"hidden_layer_sizes": (4,), "early_stopping": True, "max_iter": 3, "random_state": 0}
    model = VAE(1, **common)
    scores = [
        clone(model).fit(X, sample_weight=w).validation_scores_
        for w in (np.ones(100), np.where(X[:, 0] > 5, 1e-3, 1))
    ]
    # Of the second, one narrow cluster is left: higher densities.
    assert min(scores[1]) > max(scores[0])


def test_equal_weights_are_none(rng):
    X = rng.random((6, 2))
    assert weighted_rows_and_labels(X, None, np.full(6, 0.3), False)[2] is None
    kept, y, weight = weighted_rows_and_labels(X, list("abcdef"), [0, 1, 1, 0, 1, 1], False)
    np.testing.assert_array_equal(kept, X[[1, 2, 4, 5]])
    assert list(y) == ["b", "c", "e", "f"]
    assert weight is None


def test_a_memory_map_is_never_copied_for_weights(tmp_path, rng):
    X = np.memmap(tmp_path / "X", dtype=np.float32, mode="w+", shape=(40, 3))
    X[:] = rng.random((40, 3))
    model = VAE(2, hidden_layer_sizes=(4,), max_iter=1, random_state=0)
    weight = rng.random(40) + 0.1
    streamed, held = (
        clone(model).fit(X, sample_weight=weight),
        clone(model).fit(np.array(X), sample_weight=weight),
    )
    np.testing.assert_allclose(streamed._center, held._center)
    weight[3] = 0
    with pytest.raises(ValueError, match="0 for 1 row of a memory map"):
        model.fit(X, sample_weight=weight)


def test_weights_of_a_frame_are_read_without_a_word():
    """Columns of pandas are read-only, of which torch would warn."""
    weight = pd.Series(np.linspace(0.5, 2, 30)).to_numpy()
    weight.flags.writeable = False
    torch.set_warn_always(True)
    try:
        assert len(weighted_order(weight, torch.Generator().manual_seed(0))) == 30
        assert representatives(weight, 5).tolist() == sorted(representatives(weight, 5).tolist())
    finally:
        torch.set_warn_always(False)
