import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skgen import (
    Autoencoder,
    BernoulliRBM,
    ContractiveAE,
    DenoisingAE,
    FineTunedClassifier,
    GaussianBernoulliRBM,
    SparseAE,
    StackedAE,
)

KINDS = ["denoising", "contractive", "sparse", "rbm"]
# Adam's first step is as long as the learning rate: the weights stay where they are.
UNTOUCHED = {"n_pretraining_iter": 3, "max_iter": 1, "learning_rate": 1e-12, "random_state": 0}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def tables():
    """Rows of three kinds: real numbers, gray values of which many are 0, and bits."""
    X = load_digits().data[:200]
    return {"values": X, "gray": X / 16, "bits": (X >= 8).astype(float)}


def through(layers, X):
    """Codes of a stack, and rows that it rebuilds from them, by the layers' own verbs."""
    for layer in layers:
        X = layer.transform(X)
    codes = X
    for layer in reversed(layers):
        X = layer.inverse_transform(X)
    return codes, X


# Three epochs are too few to rebuild well.
@pytest.mark.filterwarnings("ignore:The fit rebuilds rows")
@pytest.mark.parametrize("table", ["values", "gray", "bits"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"code_activation": "sigmoid"},
        {"loss": "squared_error"},
        {"hidden_layer_sizes": ()},
        {"scale_columns": False},
    ],
    ids=str,
)
@every_kind
def test_the_unrolled_network_is_the_stack(tables, kind, options, table):
    X = tables[table]
    shape = {"hidden_layer_sizes": (12, 6), "pretraining": kind, **options}
    model = StackedAE(3, **shape, **UNTOUCHED).fit(X)
    codes, rebuilt = through(model.layers_, X)
    np.testing.assert_allclose(model.transform(X), codes, rtol=0, atol=1e-6)
    # In units of the columns, up to 16; of constant ones a layer or the network knows the value.
    off = np.abs(model.inverse_transform(codes) - rebuilt)[:, np.ptp(X, axis=0) > 0]
    assert off.max() <= 1e-6 * X.max()


@pytest.mark.parametrize(("kind", "table"), [*((k, "values") for k in KINDS[:3]), ("rbm", "bits")])
def test_a_tied_stack_rebuilds_by_transposed_weights(tables, kind, table):
    X = tables[table]
    shape = {"hidden_layer_sizes": (12, 6), "pretraining": kind, "tied_weights": True}
    model = StackedAE(3, **shape, **UNTOUCHED).fit(X)
    codes, rebuilt = through(model.layers_, X)
    np.testing.assert_allclose(model.transform(X), codes, rtol=0, atol=1e-6)
    np.testing.assert_allclose(model.inverse_transform(codes), rebuilt, rtol=0, atol=1e-6 * X.max())
    # As many weights as the encoder has, also after fine-tuning: the decoder adds biases alone.
    tuned = clone(model).set_params(learning_rate=1e-3, max_iter=3).fit(X)
    names = {name for name, _ in tuned.module_["decoder"].named_parameters()}
    assert names == {f"biases.{number}" for number in range(3)}
    weights = [layer.weight for layer in tuned.module_["encoder"][::2]]
    z = torch.from_numpy(tuned.transform(X).astype(np.float32))
    biases = tuned.module_["decoder"].biases
    for weight, bias in zip(weights[:0:-1], biases):
        z = torch.tanh(z @ weight + bias)
    out = z @ weights[0] + biases[2]
    expected = torch.sigmoid(out) if table == "bits" else out
    got = tuned._standardize(tuned.inverse_transform(tuned.transform(X)))
    varies = np.ptp(X, axis=0) > 0
    np.testing.assert_allclose(got[:, varies], expected[:, varies], rtol=0, atol=1e-5)


@pytest.mark.parametrize("table", ["gray", "bits"])
def test_machines_of_bits_are_unrolled_to_transposed_weights(tables, table):
    """Exactly, before the two ways part in fine-tuning."""
    model = StackedAE(3, hidden_layer_sizes=(12, 6), pretraining="rbm", random_state=0)
    model.set_params(n_pretraining_iter=3, max_iter=1).fit(tables[table])
    module = model._build(64)
    up = [layer.weight for layer in module["encoder"][::2]]
    down = [layer.weight for layer in module["decoder"][::2]]
    for one, other in zip(up, reversed(down)):
        assert torch.equal(one, other.T)
    fitted = [layer.weight for layer in model.module_["encoder"][::2]]
    assert not torch.equal(fitted[0], up[0])


def test_machines_of_real_numbers_cannot_be_tied(tables):
    model = StackedAE(2, pretraining="rbm", tied_weights=True)
    with pytest.raises(ValueError, match="use tied_weights=False"):
        model.fit(tables["values"])


def test_each_layer_is_the_model_that_was_asked_for(tables):
    def kinds(table, **parameters):
        model = StackedAE(2, hidden_layer_sizes=(5, 4), **UNTOUCHED).set_params(**parameters)
        return [type(layer) for layer in model.fit(tables[table]).layers_]

    assert kinds("values") == [DenoisingAE] * 3
    assert kinds("bits", pretraining="contractive") == [ContractiveAE] * 3
    assert kinds("values", pretraining="sparse") == [SparseAE, SparseAE, Autoencoder]
    sparse_code = {"pretraining": "sparse", "code_activation": "sigmoid"}
    assert kinds("values", **sparse_code) == [SparseAE] * 3
    assert kinds("bits", pretraining="rbm") == [BernoulliRBM, BernoulliRBM, Autoencoder]
    of_numbers = kinds("values", pretraining="rbm", code_activation="sigmoid")
    assert of_numbers == [GaussianBernoulliRBM, BernoulliRBM, BernoulliRBM]
    assert kinds("values", pretraining=None) == []


def test_without_pretraining_the_start_is_random(tables):
    """Independent of the rows: another table of the same shape starts at the same weights."""
    one, other = (
        StackedAE(3, hidden_layer_sizes=(12,), pretraining=None, **UNTOUCHED).fit(tables[name])
        for name in ("values", "bits")
    )
    weights = one.module_["encoder"][0].weight
    np.testing.assert_allclose(weights, other.module_["encoder"][0].weight, atol=1e-9)
    # Glorot's bound.
    assert 0.9 < float(weights.abs().max()) / np.sqrt(6 / (64 + 12)) <= 1
    assert not one.module_["encoder"][0].bias.abs().max() > 1e-9


@pytest.mark.parametrize("kind", ["denoising", "sparse", "rbm"])
def test_pretraining_is_a_head_start(kind):
    """An epoch after it held-out digits are rebuilt better than an epoch after a random start."""
    X = load_digits().data
    train, test = X[:1200], X[1200:]
    brief = {"hidden_layer_sizes": (128, 64), "max_iter": 1, "random_state": 0}
    start = StackedAE(16, pretraining=kind, **brief).fit(train).score(test)
    assert start > 0.85 * StackedAE(16, pretraining=None, **brief).fit(train).score(test)


def test_a_seed_gives_the_same_stack(tables):
    def codes(seed):
        model = StackedAE(2, hidden_layer_sizes=(8,), n_pretraining_iter=2, max_iter=2)
        return model.set_params(random_state=seed).fit_transform(tables["values"])

    one = codes(0)
    np.testing.assert_array_equal(one, codes(0))
    np.testing.assert_array_equal(codes(np.random.RandomState(0)), codes(np.random.RandomState(0)))
    assert not np.array_equal(one, codes(1))


def test_rows_of_weight_zero_do_not_train_the_layers(tables):
    X = tables["values"]
    weight = np.r_[np.ones(150), np.zeros(50)]
    model = StackedAE(2, hidden_layer_sizes=(8,), n_pretraining_iter=2, max_iter=2, random_state=0)
    alone = clone(model).fit(X[:150]).transform(X)
    weighted = model.fit(np.r_[X[:150], -X[:50]], sample_weight=weight).transform(X)
    np.testing.assert_array_equal(weighted, alone)


def test_warm_start_keeps_the_layers(tables):
    model = StackedAE(2, hidden_layer_sizes=(8,), max_iter=2, warm_start=True, random_state=0)
    layers = model.fit(tables["values"]).layers_
    assert model.fit(tables["values"]).layers_ is layers
    assert model.n_iter_ == 4
    with pytest.raises(ValueError, match="pretraining"):
        model.set_params(pretraining="rbm").fit(tables["values"])


def test_streams_are_refused():
    with pytest.raises(AttributeError, match="warm_start"):
        _ = StackedAE().partial_fit


def test_a_classifier_goes_on_from_the_code(tables):
    X, y = tables["gray"], load_digits().target[:200]
    model = StackedAE(8, hidden_layer_sizes=(32, 16), max_iter=10, random_state=0)
    untouched = FineTunedClassifier(model, max_iter=1, learning_rate=1e-12).fit(X, y)
    start = untouched._apply(lambda net, x: net[0](x), untouched._standardize(X))
    np.testing.assert_allclose(start, untouched.estimator_.transform(X), atol=1e-5)
    tuned = FineTunedClassifier(model, max_iter=100, random_state=0).fit(X[:150], y[:150])
    assert tuned.score(X[150:], y[150:]) > 0.7


@pytest.mark.parametrize(
    ("load", "least"), [(load_wine, 0.93), (load_breast_cancer, 0.92)], ids=["wine", "cancer"]
)
def test_the_defaults_keep_what_classes_need(load, least):
    """Codes of raw columns, in whatever units, tell the classes apart."""
    X, y = load(return_X_y=True)
    model = StackedAE(n_pretraining_iter=5, max_iter=30, random_state=0)
    pipeline = make_pipeline(model, StandardScaler(), LogisticRegression())
    assert cross_val_score(pipeline, X, y, cv=3).mean() > least
