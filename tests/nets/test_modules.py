import copy

import numpy as np
import pytest
import torch
from torch import nn

from skgen.nets import ACTIVATIONS, TiedDecoder, conv_decoder, conv_encoder, mlp
from skgen.nets.autoencoder.corruption import CORRUPTIONS
from skgen.nets.autoencoder.penalties import bernoulli_kl, layer_jacobian_norm, probed_jacobian_norm
from skgen.nets.coder import build_encoder, tied_decoder


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def frobenius(encode, x):
    """Squared norm of each row's Jacobian, by autograd."""
    jacobian = torch.func.vmap(torch.func.jacrev(encode))(x)
    return jacobian.square().sum((1, 2))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_mlp_applies_the_activation_between_linear_layers(activation):
    net = mlp((3, 4, 2), activation).double()
    x = normal(5, 3)
    expected = net[2](ACTIVATIONS[activation]()(net[0](x)))
    torch.testing.assert_close(net(x), expected)


@pytest.mark.parametrize("image_shape", [(8, 8), (7, 5), (3, 9, 12)])
def test_convolutions_keep_the_shape_of_the_rows(image_shape):
    d = int(np.prod(image_shape))
    z = conv_encoder(image_shape, (10,), 3)(torch.zeros(2, d))
    assert z.shape == (2, 3)
    assert conv_decoder(image_shape, (10,), 3)(z).shape == (2, d)


@pytest.mark.parametrize(
    ("image_shape", "message"),
    [((5, 5), "25 pixels"), ((2, 32), "too small"), ((64,), "64 pixels")],
)
def test_an_impossible_image_shape_is_refused(image_shape, message):
    with pytest.raises(ValueError, match=message):
        build_encoder(64, 2, hidden=(), activation="relu", image_shape=image_shape, factory=None)


def test_tied_decoder_is_the_transpose_and_shares_gradients():
    encoder = mlp((5, 4, 3), "tanh").double()
    decoder = TiedDecoder(encoder, "tanh").double()
    z = normal(6, 3)
    expected = torch.tanh(z @ encoder[2].weight) @ encoder[0].weight
    torch.testing.assert_close(decoder(z), expected)
    names = {name for name, _ in decoder.named_parameters()}
    assert names == {"biases.0", "biases.1"}
    pair = copy.deepcopy(nn.ModuleDict({"encoder": encoder, "decoder": decoder}))
    with torch.no_grad():
        pair["encoder"][0].weight.zero_()
    assert not pair["decoder"](z).any()


def test_tied_weights_need_a_dense_encoder():
    with pytest.raises(ValueError, match="tied_weights=False"):
        tied_decoder(conv_encoder((8, 8), (), 2), "relu")


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "identity"])
def test_closed_form_jacobian_norm_is_that_of_autograd(activation):
    encode = mlp((5, 3), final=activation).double()
    x = normal(7, 5)
    exact = frobenius(encode, x)
    result = layer_jacobian_norm(encode[0].weight, encode(x), activation)
    torch.testing.assert_close(result, exact)


def test_probed_jacobian_norm_is_unbiased():
    encode = mlp((5, 6, 3), "tanh", final="sigmoid").double()
    x = normal(4, 5).requires_grad_()
    exact = frobenius(encode, x.detach())
    codes = encode(x)
    draws = torch.stack(
        [probed_jacobian_norm(x, codes, normal(1, 4, 3, seed=s)) for s in range(3000)]
    )
    error = draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - exact).abs() < 4 * error).all()


def test_bernoulli_kl_against_its_definition():
    p, q = 0.05, np.array([0.01, 0.05, 0.6])
    expected = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    np.testing.assert_allclose(bernoulli_kl(p, torch.tensor(q)), expected, atol=1e-12)


def test_corruptions_do_what_they_say():
    x = normal(100_000, 2) + 5
    low, high = torch.tensor([-9.0, -8.0]).double(), torch.tensor([9.0, 8.0]).double()
    generator = torch.Generator().manual_seed(0)
    masked, noisy, peppered = (
        CORRUPTIONS[name](x, 0.3, generator, low, high)
        for name in ("masking", "gaussian", "salt_and_pepper")
    )
    tolerance = 4 * 0.5 / len(x) ** 0.5
    np.testing.assert_allclose((masked == 0).double().mean(0), 0.3, atol=tolerance)
    np.testing.assert_allclose((noisy - x).std(0), 0.3, rtol=0.02)
    np.testing.assert_allclose((peppered == low).double().mean(0), 0.15, atol=tolerance)
    np.testing.assert_allclose((peppered == high).double().mean(0), 0.15, atol=tolerance)
    np.testing.assert_allclose((peppered == x).double().mean(0), 0.7, atol=tolerance)
