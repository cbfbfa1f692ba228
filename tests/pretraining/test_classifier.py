import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from torch import nn

from skgen import (
    Autoencoder,
    BernoulliRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    FineTunedClassifier,
    GaussianBernoulliRBM,
    ProbabilisticPCA,
)

SMALL = {"max_iter": 10, "random_state": 0}
MODELS = [
    BernoulliRBM(16, **SMALL),
    DeepBeliefNetwork((16, 8), **SMALL),
    DeepBeliefNetwork((16, 8), n_finetune_iter=2, **SMALL),
    GaussianBernoulliRBM(8, **SMALL),
    Autoencoder(4, hidden_layer_sizes=(16,), **SMALL),
]
# Where tanh is zero, dropout was there.
CONVOLUTIONAL = Autoencoder(
    4, hidden_layer_sizes=(8,), activation="tanh", image_shape=(8, 8), **SMALL
)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return train_test_split(X / 16, y, test_size=600, random_state=0)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_learning_starts_at_the_features_of_the_model(digits, model):
    X, _, y, _ = digits
    untouched = FineTunedClassifier(model, max_iter=1, learning_rate=1e-12, weight_decay=0)
    untouched.fit(X, y)
    encoder = untouched.module_[0]
    start = untouched._apply(lambda net, x: net[0](x), untouched._standardize(X))
    assert encoder is not None
    np.testing.assert_allclose(start, untouched.estimator_.transform(X), atol=1e-5)


def test_a_deep_machine_starts_with_one_pass_upwards(digits):
    X, _, y, _ = digits
    model = DeepBoltzmannMachine((16, 8), **SMALL)
    untouched = FineTunedClassifier(model, max_iter=1, learning_rate=1e-12).fit(X, y)
    net = untouched.estimator_.module_.averaged_net
    x = net.first_pass(0, torch.tensor(X).float())[0][:, -8:].numpy()
    start = untouched._apply(lambda net, x: net[0](x), X)
    np.testing.assert_allclose(start, x, atol=1e-5)


def test_a_random_start_has_the_same_architecture(digits):
    X, X_test, y, y_test = digits
    model = BernoulliRBM(32, **SMALL)
    first = FineTunedClassifier(model, learning_rate=1e-2, max_iter=30, random_state=0).fit(X, y)
    second = clone(first).set_params(pretrain=False).fit(X, y)
    shapes = [[w.shape for w in m.module_.state_dict().values()] for m in (first, second)]
    assert shapes[0] == shapes[1]
    assert not hasattr(second.estimator_, "module_")
    assert min(first.score(X_test, y_test), second.score(X_test, y_test)) > 0.85


def passes(model, rows, train):
    """(inputs, outputs) of each linear layer of a fitted model in one pass, the lowest first."""
    seen = []
    module = copy.deepcopy(model.module_).train(train)
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            layer.register_forward_hook(lambda _, args, out: seen.append((args[0], out)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module(torch.as_tensor(model._standardize(rows)).float())
    return [[tensor.numpy() for tensor in pair] for pair in seen]


@pytest.mark.parametrize("fraction", [0.0, 0.25])
@pytest.mark.parametrize(
    ("model", "lowest"),
    [
        (DeepBeliefNetwork((16, 8), **SMALL), None),
        (CONVOLUTIONAL, 0.4),
    ],
    ids=["dense", "convolutional"],
)
def test_dropout_reaches_inputs_and_every_hidden_layer(digits, model, lowest, fraction):
    X, _, y, _ = digits
    model = FineTunedClassifier(
        model, max_iter=1, input_dropout=fraction, dropout=0.4, random_state=0
    ).fit(X, y)
    rows = np.tile(X[:1], (4000, 1))
    without, dropped = (passes(model, rows, train) for train in (False, True))
    assert len(without) == len(dropped) == 3
    for number, ((given, _), (entered, _)) in enumerate(zip(without, dropped)):
        expected = 0.4 if number else lowest or fraction
        left_out = (entered == 0)[:, given[0] != 0].mean()
        assert abs(left_out - expected) < 0.02


def test_dropout_is_right_on_average(digits):
    X, _, y, _ = digits
    machine = BernoulliRBM(16, **SMALL)
    model = FineTunedClassifier(machine, max_iter=1, input_dropout=0.25, random_state=0).fit(X, y)
    rows = np.tile(X[:1], (4000, 1))
    (given, answer), (entered, draws) = (passes(model, rows, train)[0] for train in (False, True))
    kept = entered != 0
    np.testing.assert_allclose(entered[kept], given[kept] / 0.75, rtol=1e-6)
    spread = draws.std(axis=0) / np.sqrt(len(rows))
    assert (np.abs(draws.mean(axis=0) - answer[0]) < 5 * spread).all()


def test_unlabeled_rows_teach_the_encoder_alone(digits):
    X, X_test, y, y_test = digits
    known = y.copy()
    known[150:] = -1
    model = FineTunedClassifier(BernoulliRBM(64, max_iter=60), max_iter=200, random_state=0)
    model.fit(X, known)
    assert list(model.classes_) == list(range(10))
    assert model.n_iter_ == 200
    assert model.score(X_test, y_test) > 0.85
    few = clone(model).fit(X[:150], y[:150])
    # The same labels, and nothing else to learn from.
    assert not np.allclose(few.estimator_.components_, model.estimator_.components_)
    stopped = clone(model).set_params(early_stopping=True, max_iter=20).fit(X, known)
    assert len(stopped.validation_scores_) <= 20


def test_labels_may_be_strings():
    X, y = load_wine(return_X_y=True)
    names = np.array(["Barolo", "Grignolino", "Barbera"])[y]
    model = FineTunedClassifier(GaussianBernoulliRBM(16, max_iter=50), random_state=0)
    assert model.fit(X, names).score(X, names) > 0.95
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, atol=1e-5)


SMALL_CLASSIFIER = FineTunedClassifier(BernoulliRBM(4, max_iter=2), max_iter=5, random_state=0)


def two_clouds(rng, n=60):
    """Rows in [0, 1] of two classes, one after the other."""
    y = np.arange(n) // (n // 2)
    return 0.4 * rng.random((n, 4)) + 0.6 * y[:, None], y


@pytest.mark.parametrize("minus_one", [-1, -1.0, np.int8(-1)], ids=repr)
def test_minus_one_is_never_a_class(minus_one, rng):
    X, y = two_clouds(rng)
    partly = np.where(np.arange(len(y)) % 3, y, minus_one)
    model = clone(SMALL_CLASSIFIER).fit(X, partly)
    assert list(model.classes_) == [0, 1]
    assert set(model.predict(X)) <= {0, 1}
    with pytest.raises(ValueError, match=r"one class, 1(\.0)?, in its 30 labeled rows.*by 0 and 1"):
        clone(SMALL_CLASSIFIER).fit(X, np.where(y == 0, minus_one, 1))


def test_a_fold_with_one_labeled_class_is_an_error_and_no_perfect_score(rng):
    X, y = two_clouds(rng)
    few = np.where(np.arange(len(y)) % 10, -1, y)
    with pytest.raises(ValueError, match="one class, 1, in its 3 labeled rows.*StratifiedKFold"):
        cross_val_score(SMALL_CLASSIFIER, X, few, cv=KFold(2), error_score="raise")
    assert np.isfinite(cross_val_score(SMALL_CLASSIFIER, X, few, cv=StratifiedKFold(2))).all()
    with pytest.raises(ValueError, match="one class, 0, in its 1 labeled row,"):
        clone(SMALL_CLASSIFIER).fit(X[:1], y[:1])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT], ids=["None", "NaN", "NA", "NaT"])
def test_labels_that_are_missing_are_explained(missing, rng):
    X, y = two_clouds(rng)
    y = np.array(["low", "high"], dtype=object)[y]
    model = clone(SMALL_CLASSIFIER).fit(X, y)
    y[[3, 8]] = missing
    message = "NaN or None in 2 of 60 rows, first in row 3.*mark rows without a label by the number"
    for verb in (clone(model).fit, model.score):
        with pytest.raises(ValueError, match=message):
            verb(X, y)
    network = DeepBeliefNetwork((4, 3), use_labels=True, max_iter=1)
    with pytest.raises(ValueError, match=r"first in row 3.*label every row, or use use_labels"):
        network.fit(X, y)


def test_minus_one_among_strings_is_no_name(rng):
    X, y = two_clouds(rng)
    names = np.array(["low", "high", "-1"])[np.where(np.arange(len(y)) % 3, y, -1)]
    with pytest.raises(ValueError, match="holds the text '-1'.*dtype object"):
        clone(SMALL_CLASSIFIER).fit(X, names)


def test_going_on_refuses_a_label_that_the_network_has_no_output_for(rng):
    X, y = two_clouds(rng)
    model = clone(SMALL_CLASSIFIER).set_params(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="label 2, which the earlier fit had not"):
        model.fit(X, 2 * y)
    # One class is enough where the network knows of the others.
    assert list(model.fit(X, 0 * y).classes_) == [0, 1]


def test_parameters_of_the_model_are_searched(digits):
    X, _, y, _ = digits
    model = FineTunedClassifier(BernoulliRBM(8, max_iter=2), max_iter=5, random_state=0)
    grid = {"estimator__n_components": [4, 8], "pretrain": [True, False]}
    search = GridSearchCV(model, grid, cv=2).fit(X[:300], y[:300])
    assert search.best_score_ > 0.1


def test_errors_say_what_to_do(digits):
    X, _, y, _ = digits
    model = FineTunedClassifier(BernoulliRBM(8, max_iter=2))
    with pytest.raises(ValueError, match="requires y to be passed"):
        model.fit(X)
    with pytest.raises(ValueError, match="marks all of its"):
        model.fit(X, np.full(len(X), -1))
    with pytest.raises(TypeError, match="has no encoder to fine-tune"):
        FineTunedClassifier(ProbabilisticPCA()).fit(X, y)
    with pytest.raises(AttributeError, match="has no partial_fit"):
        _ = model.partial_fit


def test_the_score_counts_known_labels_alone():
    X, y = load_digits(return_X_y=True)
    partly = y.copy()
    partly[100:] = -1
    model = FineTunedClassifier(BernoulliRBM(16, max_iter=2), max_iter=20, random_state=0)
    model.fit(X / 16, partly)
    assert model.score(X / 16, partly) == np.mean(model.predict(X[:100] / 16) == y[:100])


def test_names_may_stand_beside_rows_without_a_label(rng):
    X = np.concatenate([rng.random((60, 4)) * 0.4, 0.6 + rng.random((60, 4)) * 0.4])
    names = np.array(["low"] * 60 + ["high"] * 60, dtype=object)
    partly = names.copy()
    partly[::2] = -1
    model = FineTunedClassifier(BernoulliRBM(4, max_iter=20), max_iter=100, random_state=0)
    assert set(model.fit(X, partly).classes_) == {"low", "high"}
    assert model.score(X, names) > 0.95
    assert model.score(X, partly) == np.mean(model.predict(X[1::2]) == names[1::2])
    with pytest.raises(ValueError, match="label some"):
        model.score(X, np.full(len(X), -1))


def test_an_estimator_that_wants_labels_itself_is_refused(rng):
    network = DeepBeliefNetwork((4, 3), use_labels=True)
    with pytest.raises(ValueError, match="use use_labels=False"):
        FineTunedClassifier(network).fit(rng.random((20, 3)), np.arange(20) % 2)


def test_pickles_by_the_earlier_name_of_the_module_find_the_class():
    by_name = b"cskgen.fine_tuning.classifier\nFineTunedClassifier\n."
    assert pickle.loads(by_name) is FineTunedClassifier
