import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from torch import nn

from skgen import (
    GAN,
    VAE,
    Autoencoder,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    DenoisingAE,
    FineTunedClassifier,
    SigmoidBeliefNetwork,
    SparseAE,
    StackedAE,
)
from skgen.testing import labels, toy

SHORT = {"max_iter": 2, "random_state": 0}
STACK = StackedAE(3, hidden_layer_sizes=(8, 6), n_pretraining_iter=2, **SHORT)
IMAGES = {"image_shape": (4, 5), "hidden_layer_sizes": (8,), "activation": "tanh", **SHORT}


def own_encoder(n_features, n_out):
    """Layers of weights with a normalization between; the rest belongs to the layer before it."""
    return nn.Sequential(
        nn.Linear(n_features, 8), nn.LayerNorm(8), nn.SiLU(), nn.Dropout(0.1), nn.Linear(8, n_out)
    )


# Each with the widths of its layers.
MODELS = {
    "autoencoder": (Autoencoder(3, hidden_layer_sizes=(8, 6), **SHORT), [8, 6, 3]),
    "tied": (Autoencoder(3, hidden_layer_sizes=(8,), tied_weights=True, **SHORT), [8, 3]),
    "linear": (DenoisingAE(3, hidden_layer_sizes=(), n_chain_steps=2, **SHORT), [3]),
    "sparse": (SparseAE(7, hidden_layer_sizes=(8,), **SHORT), [8, 7]),
    "images": (Autoencoder(3, **IMAGES), [32 * 4, 64, 8, 3]),
    "own": (Autoencoder(3, encoder=own_encoder, **SHORT), [8, 3]),
    "stack": (STACK, [8, 6, 3]),
    "vae": (VAE(3, hidden_layer_sizes=(8, 6), **SHORT), [8, 6, 3]),
    "vae of images": (VAE(3, **IMAGES), [32 * 4, 64, 8, 3]),
    # The probabilities of two labels stand behind each layer.
    "labeled vae": (VAE(3, hidden_layer_sizes=(8, 6), use_labels=True, **SHORT), [10, 8, 5]),
    "belief": (DeepBeliefNetwork((8, 6, 4), **SHORT), [8, 6, 4]),
    "directed": (SigmoidBeliefNetwork((8, 6, 4), **SHORT), [8, 6, 4]),
    "tuned belief": (DeepBeliefNetwork((8, 6, 4), n_finetune_iter=1, **SHORT), [8, 6, 4]),
    "labeled": (DeepBeliefNetwork((8, 6), use_labels=True, **SHORT), [8, 6]),
    "machine": (DeepBoltzmannMachine((8, 6, 4), **SHORT), [8, 6, 4]),
    "classifier": (FineTunedClassifier(STACK, dropout=0.1, **SHORT), [8, 6, 3]),
    "gan": (GAN(2, critic_layer_sizes=(8, 6), **SHORT), [8, 6]),
    "packed gan": (
        GAN(2, critic_layer_sizes=(8, 6), packing=2, minibatch_discrimination=2, **SHORT),
        [8, 8],
    ),
    "beside reference": (
        GAN(2, critic_layer_sizes=(8, 6), normalization="virtual_batch", **SHORT),
        [8, 6],
    ),
    "linear critic": (GAN(2, critic_layer_sizes=(), n_frequencies=0, **SHORT), [20]),
}
pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]
every_model = pytest.mark.parametrize("name", MODELS)
X = toy(d=20) / 8


@pytest.fixture(scope="module")
def fits():
    found = {}

    def fit(name):
        if name not in found:
            found[name] = clone(MODELS[name][0]).fit(expit(X), labels())
        return found[name]

    return fit


@pytest.fixture
def at(fits):
    """A fitted model whose ``layer`` is set, and set back afterward."""
    changed = []

    def model_at(name, layer):
        model = fits(name).set_params(layer=layer)
        changed.append(model)
        return model

    yield model_at
    for model in changed:
        model.set_params(layer=-1)


@every_model
def test_layers_have_their_widths_and_stand_side_by_side(at, name):
    rows, widths = expit(X), MODELS[name][1]
    last = at(name, -1).transform(rows)
    each = [at(name, number).transform(rows) for number in range(len(widths))]
    assert [Z.shape for Z in each] == [(len(rows), width) for width in widths]
    np.testing.assert_array_equal(each[-1], last)
    for number in range(1, len(widths)):
        np.testing.assert_array_equal(at(name, -number).transform(rows), each[-number])
    np.testing.assert_array_equal(at(name, "all").transform(rows), np.hstack(each))


@every_model
def test_names_follow_the_layer(at, name):
    widths = MODELS[name][1]
    for layer, width in [(0, widths[0]), (-1, widths[-1]), ("all", sum(widths))]:
        model = at(name, layer)
        names = model.get_feature_names_out()
        assert len(names) == width == model.transform(expit(X)).shape[1]
        frame = clone(model).set_output(transform="pandas").fit_transform(expit(X), labels())
        assert list(frame.columns) == list(names)


@every_model
def test_a_layer_that_is_not_there_is_refused(at, name):
    n_layers = len(MODELS[name][1])
    for layer in (n_layers, -n_layers - 1):
        with pytest.raises(ValueError, match=rf"has {n_layers} layers?; use a number from"):
            at(name, layer).transform(expit(X))
        with pytest.raises(ValueError, match=rf"has {n_layers} layers?; use a number from"):
            clone(MODELS[name][0]).set_params(layer=layer).fit(expit(X), labels())


@pytest.mark.parametrize("layer", ["top", 0.5, None])
def test_other_kinds_of_layers_are_refused(layer):
    with pytest.raises(ValueError, match="'layer' parameter"):
        Autoencoder(layer=layer).fit(X)


@pytest.mark.parametrize("name", [n for n in MODELS if hasattr(MODELS[n][0], "inverse_transform")])
def test_rows_are_rebuilt_from_any_layer(at, name):
    rows, n_layers = expit(X), len(MODELS[name][1])
    expected = at(name, -1).inverse_transform(at(name, -1).transform(rows))
    for layer in [*range(n_layers), "all"]:
        model = at(name, layer)
        Z = model.transform(rows)
        rebuilt = model.inverse_transform(Z)
        assert rebuilt.shape == rows.shape
        with pytest.raises(ValueError, match="latent dimension"):
            model.inverse_transform(Z[:, :-1])
        # Units averaged over labels give the code where it is linear in them.
        averaged = name == "labeled vae" and layer == 0
        machine = isinstance(model, DeepBeliefNetwork | DeepBoltzmannMachine | SigmoidBeliefNetwork)
        if not (machine or averaged) or layer == "all":
            # By way of the code.
            np.testing.assert_allclose(rebuilt, expected, atol=1e-6)


@pytest.mark.parametrize("layer", [0, "all"])
@every_model
def test_all_else_is_as_with_the_default(name, layer):
    """The fit itself, its draws and its scores."""
    rows = expit(X)
    one = clone(MODELS[name][0]).fit(rows, labels())
    other = clone(MODELS[name][0]).set_params(layer=layer).fit(rows, labels())
    np.testing.assert_array_equal(other.set_params(layer=-1).transform(rows), one.transform(rows))
    other.set_params(layer=layer)
    if hasattr(one, "sample"):
        draws = [model.sample(5, random_state=0) for model in (one, other)]
        np.testing.assert_array_equal(*draws)
    if hasattr(one, "denoise"):
        np.testing.assert_array_equal(other.denoise(rows), one.denoise(rows))
    if hasattr(one, "score_samples"):
        np.testing.assert_array_equal(other.score_samples(rows[:9]), one.score_samples(rows[:9]))


def linear(layer, x):
    return x @ layer.weight.numpy().T.astype(float) + layer.bias.numpy()


def test_hidden_layers_of_an_encoder_by_hand(at):
    rows = expit(X)
    for name, activation in [("autoencoder", lambda a: a.clip(0)), ("stack", np.tanh)]:
        model = at(name, 1)
        first, _, second = model.module_["encoder"][:3]
        x = (rows - model._center) / model._scale
        expected = activation(linear(second, activation(linear(first, x))))
        np.testing.assert_allclose(model.transform(rows), expected, atol=1e-5)


def test_hidden_layers_of_a_variational_autoencoder_by_hand(at):
    rows, model = expit(X), at("vae", 1)
    first, _, second, _, third = model.module_.encoder[:5]
    x = (rows - model._center) / model._scale
    hidden = linear(second, linear(first, x).clip(0)).clip(0)
    np.testing.assert_allclose(model.transform(rows), hidden, atol=1e-5)
    code = linear(third, hidden)[:, :3]
    np.testing.assert_allclose(at("vae", -1).transform(rows), code, atol=1e-5)
    np.testing.assert_allclose(at("vae", -1).posterior(rows)[0], code, atol=1e-5)


def test_hidden_layers_of_a_belief_network_by_hand(at):
    """The way up; a layer is passed down by the layers below it alone."""
    rows = expit(X)
    model = at("belief", 1)
    lowest, second = model._net.recognition
    x = (rows - model._center) / model._scale
    h = expit(x @ lowest.up_weight().numpy().T.astype(float) + lowest.hidden_bias.numpy())
    first = h
    h = expit(h @ model.components_[1].T.astype(float) + second.hidden_bias.numpy())
    np.testing.assert_allclose(model.transform(rows), h, atol=1e-5)
    down = expit(h @ model.components_[1] + model.intercepts_[1])
    expected = down @ model.components_[0] + model.intercepts_[0]
    np.testing.assert_allclose(model.inverse_transform(h), expected, atol=1e-5)
    expected = first @ model.components_[0] + model.intercepts_[0]
    np.testing.assert_allclose(at("belief", 0).inverse_transform(first), expected, atol=1e-5)


def test_hidden_layers_of_a_boltzmann_machine_are_those_of_mean_field(at):
    rows = expit(X)
    h1, h2, h3 = (at("machine", number).transform(rows) for number in range(3))
    model = at("machine", -1)
    (W1, W2, W3), (_, b1, b2, b3) = model.components_, model.intercepts_
    np.testing.assert_allclose(h1, expit(rows @ W1.T + h2 @ W2 + b1), atol=1e-5)
    np.testing.assert_allclose(h2, expit(h1 @ W2.T + h3 @ W3 + b2), atol=1e-5)
    np.testing.assert_allclose(h3, expit(h2 @ W3.T + b3), atol=1e-5)


def test_hidden_layers_of_a_classifier_lead_to_its_predictions(at):
    """The units of the last layer are what the softmax reads; of the lower ones those below it."""
    rows = expit(X)
    Z = at("classifier", -1).transform(rows)
    model = at("classifier", 1)
    logits = linear(model.module_[2], Z)
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(rows), probabilities, atol=1e-5)
    layers = [part for part in model.module_[0] if isinstance(part, nn.Linear)]
    x = (rows - model._center) / model._scale
    expected = np.tanh(linear(layers[1], np.tanh(linear(layers[0], x))))
    np.testing.assert_allclose(model.transform(rows), expected, atol=1e-5)
    assert not np.allclose(Z, model.estimator_.transform(rows), atol=1e-4)


def test_hidden_layers_of_a_critic_by_hand(at):
    rows = expit(X)
    Z, model = at("gan", 0).transform(rows), at("gan", -1)
    critic = model.module_.critic
    np.testing.assert_allclose(
        linear(critic.head, model.transform(rows))[:, 0], model.score_samples(rows), atol=1e-4
    )
    upper = critic.body[2:](critic.body[0].weight.new_tensor(Z)).numpy()
    np.testing.assert_allclose(upper, model.transform(rows), atol=1e-5)


@pytest.mark.parametrize("name", ["autoencoder", "belief", "vae"])
def test_models_saved_before_there_were_layers_give_the_last(fits, name):
    model = fits(name)
    state = model.__getstate__()
    del state["layer"]
    del state["_built_for"]["params"]["layer"]
    twin = type(model).__new__(type(model))
    twin.__setstate__(state)
    np.testing.assert_array_equal(twin.transform(expit(X)), model.transform(expit(X)))
