"""What a fine-tuned network keeps of the model that it starts from, and how fast it leaves it."""

import copy
import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.utils.class_weight import compute_sample_weight
from torch import nn

from skgen import (
    Autoencoder,
    BernoulliRBM,
    DeepBeliefNetwork,
    FineTunedClassifier,
    FineTunedRegressor,
)
from skgen.base.pickles import export_weights
from skgen.pretraining.network import layers_of
from tests.pretraining.test_classifier import CONVOLUTIONAL

KINDS = pytest.mark.parametrize("kind", [FineTunedClassifier, FineTunedRegressor])
NETWORK = DeepBeliefNetwork((12, 6), max_iter=3, random_state=0)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16, y[:300]


@pytest.fixture(scope="module")
def fitted(digits):
    return clone(NETWORK).fit(digits[0][:150])


def weights(model):
    """Parameters of a fine-tuned network, a list of arrays a layer, the lowest first."""
    layers = layers_of(model.module_)
    return [[p.numpy().copy() for p in layer.parameters()] for layer in layers]


def start_of(model):
    """The same of the encoder that it starts from."""
    encoder = model.estimator_._encoder_module(model.estimator_.module_)
    return [[p.detach().numpy() for p in layer.parameters()] for layer in layers_of(encoder)]


def moved(model):
    """Root mean squared change of the weights of each layer of the encoder."""
    pairs = zip(start_of(model), weights(model))
    return [np.sqrt(np.mean((a[0] - b[0]) ** 2)) for a, b in pairs]


@KINDS
def test_a_fitted_model_is_left_as_it_was(kind, fitted, digits):
    X, y = digits
    before = pickle.dumps(export_weights(vars(fitted)))
    model = kind(fitted, prefit=True, max_iter=3, random_state=0).fit(X[150:], y[150:])
    assert pickle.dumps(export_weights(vars(fitted))) == before
    assert model.estimator is fitted
    np.testing.assert_array_equal(model.estimator_.transform(X), fitted.transform(X))
    # It starts where that model is, in the units that it knows.
    assert max(moved(model)) > 0
    still = clone(model).set_params(freeze=True).fit(X[150:], y[150:])
    codes = still._apply(lambda net, x: net[0](x), still._standardize(X))
    np.testing.assert_allclose(codes, fitted.transform(X), atol=1e-5)
    # Another fit of it is none of the fine-tuned network's.
    predicted = model.predict(X)
    fitted_twin = copy.deepcopy(model)
    fitted_twin.estimator.fit(X[:50])
    np.testing.assert_array_equal(fitted_twin.predict(X), predicted)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), predicted)


@KINDS
def test_clones_share_a_fitted_model(kind, fitted, digits):
    X, y = digits
    model = kind(fitted, prefit=True, max_iter=2, random_state=0)
    assert clone(model).estimator is fitted
    assert np.isfinite(cross_val_score(model, X, y, cv=2, error_score="raise")).all()
    assert clone(model.set_params(prefit=False)).estimator is not fitted


def test_units_are_those_of_the_fitted_model(digits):
    X, y = digits
    coder = Autoencoder(4, hidden_layer_sizes=(8,), max_iter=3, random_state=0).fit(7 * X + 3)
    model = FineTunedClassifier(coder, prefit=True, max_iter=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(model._standardize(X), coder._standardize(X))


@KINDS
def test_what_cannot_be_taken_as_fitted_is_explained(kind, fitted, digits):
    X, y = digits
    model = kind(clone(NETWORK), prefit=True)
    with pytest.raises(NotFittedError, match="is not fitted; call its fit, or use prefit=False"):
        model.fit(X, y)
    with pytest.raises(ValueError, match="X has 10 features, but the estimator was fitted to 64"):
        kind(fitted, prefit=True).fit(X[:, :10], y)
    with pytest.raises(ValueError, match="prefit=True starts at.*use one of them"):
        kind(fitted, prefit=True, pretrain=False).fit(X, y)
    with pytest.raises(ValueError, match="freeze=3, but the encoder has 2 layers"):
        kind(fitted, prefit=True, freeze=3).fit(X, y)


def test_a_fitted_model_may_have_learned_labels(digits):
    X, y = digits
    machine = BernoulliRBM(8, use_labels=True, max_iter=2, random_state=0).fit(X, y)
    model = FineTunedClassifier(machine, prefit=True, freeze=True, max_iter=2).fit(X, y % 2)
    assert list(model.classes_) == [0, 1]
    np.testing.assert_array_equal(weights(model)[0][0], machine.components_)


@KINDS
@pytest.mark.parametrize("freeze", [0, 1, 2, True])
def test_frozen_layers_stay_bit_for_bit(kind, freeze, fitted, digits):
    X, y = digits
    how = {"prefit": True, "freeze": freeze, "weight_decay": 0.1, "dropout": 0.2, "max_iter": 3}
    model = kind(fitted, random_state=0, **how).fit(X, y)
    n_frozen = 2 if freeze is True else freeze
    for number, (before, after) in enumerate(zip(start_of(model), weights(model))):
        same = all(np.array_equal(a, b) for a, b in zip(before, after))
        assert same == (number < n_frozen)
    # Going on keeps them, and lets go of them where nothing is frozen any more.
    going_on = model.set_params(warm_start=True).fit(X, y)
    assert (moved(going_on)[0] == 0) == (n_frozen > 0)
    assert min(moved(going_on.set_params(freeze=False).fit(X, y))) > 0


def test_frozen_layers_hold_with_virtual_adversarial_rows(fitted, digits):
    X, y = digits
    known = np.where(np.arange(len(y)) % 3, y, -1)
    model = FineTunedClassifier(
        fitted, prefit=True, freeze=1, adversarial_radius=0.5, max_iter=2, random_state=0
    ).fit(X, known)
    assert moved(model)[0] == 0 < moved(model)[1]


def normalized(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, n_out))


def test_statistics_of_frozen_layers_stay(digits):
    X, y = digits
    coder = Autoencoder(3, encoder=normalized, max_iter=2, random_state=0).fit(X)
    for freeze in (1, False):
        model = FineTunedClassifier(coder, prefit=True, freeze=freeze, max_iter=2).fit(X, y)
        encoder = coder._encoder_module(coder.module_)
        before, after = (layers_of(net)[0] for net in (encoder, model.module_))
        same = [torch.equal(a, b) for a, b in zip(before.buffers(), after.buffers())]
        assert len(same) == 3
        assert all(same) == bool(freeze)


def test_layers_of_convolutions_and_of_own_modules(digits):
    X, y = digits
    coder = clone(CONVOLUTIONAL).fit(X)
    model = FineTunedClassifier(coder, prefit=True, freeze=1, max_iter=1).fit(X, y)
    assert moved(model)[0] == 0 < moved(model)[1]

    class Own(nn.Module):
        def __init__(self, n_in, n_out):
            super().__init__()
            self.layer = nn.Linear(n_in, n_out)

        def forward(self, x):
            return torch.tanh(self.layer(x))

    coder = Autoencoder(3, encoder=Own, max_iter=1).fit(X)
    model = FineTunedClassifier(coder, prefit=True, freeze=1, max_iter=1).fit(X, y)
    assert len(layers_of(model.module_)) == 2
    assert moved(model) == [0]


def test_lower_layers_learn_more_slowly(fitted, digits):
    X, y = digits

    def rates(**parameters):
        model = FineTunedClassifier(fitted, prefit=True, max_iter=1, random_state=0, **parameters)
        model.fit(X, y)
        (stage,) = model._stages(copy.deepcopy(model.module_).requires_grad_(True))
        return [group["initial_lr"] for group in stage.phases[0].optimizer.param_groups], model

    assert rates(learning_rate=0.01)[0] == [0.01] * 3
    slow, model = rates(learning_rate=0.01, layer_decay=0.1)
    np.testing.assert_allclose(slow, [0.01, 0.001, 0.0001])
    # Adam's first steps are as long as its rates.
    assert moved(model)[0] < 0.3 * moved(model)[1]
    assert rates(learning_rate=0.01, layer_decay=0.1, freeze=True)[0] == [0.01]


@pytest.mark.parametrize("pretrain", [True, False])
def test_balanced_classes_are_weights_of_the_rows(pretrain, digits):
    X, y = digits[0], (digits[1] == 3).astype(int)
    y = np.where(np.arange(len(y)) % 5, y, -1)
    known = y != -1
    model = FineTunedClassifier(
        BernoulliRBM(4, max_iter=2), pretrain=pretrain, max_iter=4, random_state=0
    )
    weight = np.ones(len(y))
    weight[known] = compute_sample_weight("balanced", y[known])
    expected = clone(model).fit(X, y, sample_weight=weight).predict_proba(X)
    factors = dict(zip(y[known].tolist(), weight[known]))
    for class_weight in ("balanced", factors):
        balanced = clone(model).set_params(class_weight=class_weight).fit(X, y)
        np.testing.assert_array_equal(balanced.predict_proba(X), expected)
    plain = clone(model).fit(X, y)
    assert balanced.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean() + 0.05
    # Weights of the rows count in the sums that are balanced: as repeats do.
    twice = clone(model).set_params(class_weight="balanced")
    own = 1 + np.arange(len(y)) % 2
    both = own.astype(float)
    both[known] *= both[known].sum() / (2 * np.bincount(y[known], both[known]))[y[known]]
    np.testing.assert_array_equal(
        clone(twice).fit(X, y, sample_weight=own).predict_proba(X),
        clone(model).fit(X, y, sample_weight=both).predict_proba(X),
    )


def test_weights_of_labels_that_are_not_there(digits):
    X, y = digits
    model = FineTunedClassifier(BernoulliRBM(4, max_iter=1), max_iter=1)
    with pytest.raises(ValueError, match="class_weight has the label 17, but y has"):
        model.set_params(class_weight={0: 2.0, 17: 3.0}).fit(X, y)
    # As in scikit-learn a part without one of the classes is no fault.
    few = y < 3
    model.set_params(class_weight={label: 1.0 + label for label in range(10)})
    assert list(model.fit(X[few], y[few]).classes_) == [0, 1, 2]


@KINDS
def test_weights_stand_for_repeats(kind, rng):
    """Equal rows whose targets differ: the prediction is their mean by weight."""
    X, y = np.tile([[0.0, 1.0, 1.0]], (200, 1)), np.arange(200) % 2
    X[:100] = 1 - X[:100]
    weight = np.where(y, 4, 1)
    model = kind(BernoulliRBM(3, max_iter=2), learning_rate=0.02, max_iter=40, random_state=0)

    def mean(fitted):
        verb = "predict_proba" if hasattr(fitted, "predict_proba") else "predict"
        return getattr(fitted, verb)(X).reshape(200, -1)[:, -1]

    weighted = clone(model).fit(X, y, sample_weight=weight)
    repeated = clone(model).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(mean(weighted), 0.8, atol=0.06)
    np.testing.assert_allclose(mean(repeated), 0.8, atol=0.06)
    shown = weighted.score(X, y, sample_weight=weight)
    assert shown == pytest.approx(weighted.score(np.repeat(X, weight, 0), np.repeat(y, weight)))


def test_models_saved_before_start_as_they_did(digits):
    X, y = digits
    model = FineTunedClassifier(BernoulliRBM(4, max_iter=1), max_iter=1, random_state=0).fit(X, y)
    state = model.__getstate__()
    for parameters in (state, state["_built_for"]["params"]):
        for name in ("prefit", "freeze", "layer_decay", "class_weight"):
            parameters.pop(name)
    twin = object.__new__(FineTunedClassifier)
    twin.__setstate__(state)
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
    assert twin.get_params()["layer_decay"] == 1.0
