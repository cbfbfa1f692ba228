"""Penalties, norms, unrolling, packing and comparisons of adversarial networks."""

import numpy as np
import pytest
import torch
from torch import nn

from skgen.nets.adversarial.critics.critic import Critic
from skgen.nets.adversarial.critics.minibatch_discrimination import MinibatchDiscrimination
from skgen.nets.adversarial.dcgan import conv_critic, conv_generator
from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.gan_mlp import mlp_critic, output_layer, spectrally_normalized
from skgen.nets.adversarial.gan_penalties import PENALTIES
from skgen.nets.adversarial.reference_norm import BesideReference, norm_factory
from skgen.nets.adversarial.unrolling import adam_step_sizes, unrolled
from skgen.nets.averaging import averager


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def penalty_of(name, critic, d=4, n=6):
    x_real = torch.randn(n, d, dtype=torch.float64).requires_grad_()
    x_fake = torch.randn(n, d, dtype=torch.float64).requires_grad_()
    generator = torch.Generator().manual_seed(0)
    return PENALTIES[name](critic(x_real), x_real, critic(x_fake), x_fake, critic, generator)


def test_penalties_of_a_linear_critic_are_functions_of_its_weight():
    w = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)
    square = w.square().sum()

    def critic(x):
        return x @ w

    torch.testing.assert_close(penalty_of("r1", critic), square / 2)
    torch.testing.assert_close(penalty_of("r1_r2", critic), square)
    torch.testing.assert_close(penalty_of("wgan_gp", critic), (square.sqrt() - 1).square())


@pytest.mark.parametrize("name", PENALTIES)
def test_gradient_of_a_penalty_against_differences(name):
    first, second = torch.randn(4, 3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)

    def value(weight):
        return penalty_of_seeded(name, lambda x: torch.tanh(x @ weight) @ second)

    assert torch.autograd.gradcheck(value, first.requires_grad_(), atol=1e-6)


def penalty_of_seeded(name, critic):
    torch.manual_seed(1)
    return penalty_of(name, critic)


def test_spectral_norm_is_the_largest_singular_value():
    network = spectrally_normalized(nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Conv2d(3, 4, 2)))
    raw = {
        name.partition(".parametrizations")[0]: weight.detach().clone()
        for name, weight in network.named_parameters()
        if name.endswith("original")
    }
    assert set(raw) == {"0", "2"}
    network.train()
    for _ in range(200):
        network[0].weight, network[2].weight
    network.eval()
    for name, weight in raw.items():
        largest = torch.linalg.matrix_norm(weight.flatten(1), ord=2)
        own = network[int(name)].weight.detach()
        torch.testing.assert_close(own, weight / largest, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("normalization", ["virtual_batch", "reference_batch"])
@pytest.mark.parametrize("images", [False, True])
def test_reference_norms_see_a_row_alone(normalization, images):
    shape = (6, 3, 4, 4) if images else (6, 3)
    norm = norm_factory(normalization, 6, images=images)(3)
    nn.init.normal_(norm.weight)
    network = BesideReference(norm, torch.randn(shape)).train()
    x = torch.randn(5, *shape[1:])
    alone = torch.cat([network(row[None]) for row in x])
    torch.testing.assert_close(network(x), alone)
    x[1:] += 100
    torch.testing.assert_close(network(x)[0], alone[0])


def test_virtual_batch_norm_is_batch_norm_of_the_reference_and_the_row():
    reference, row = torch.randn(6, 3), torch.randn(1, 3)
    network = BesideReference(norm_factory("virtual_batch", 6, images=False)(3), reference)
    whole = nn.BatchNorm1d(3).train()(torch.cat([reference, row]))
    torch.testing.assert_close(network(row), whole[-1:], rtol=1e-4, atol=1e-5)


def test_reference_batch_norm_uses_the_moments_of_the_reference():
    reference, row = torch.randn(6, 3), torch.randn(1, 3)
    network = BesideReference(norm_factory("reference_batch", 6, images=False)(3), reference)
    expected = (row - reference.mean(0)) / (reference.var(0, unbiased=False) + 1e-5).sqrt()
    torch.testing.assert_close(network(row), expected)


def test_batch_norm_is_torchs():
    assert norm_factory("batch", 6, images=True) is nn.BatchNorm2d
    assert norm_factory(None, 6, images=True) is None


def test_unrolled_gradient_against_explicit_differentiation():
    # min_c c^2 a / 2 - c t  by steps of size s, then the outer loss c_k^2.
    a, s, k = 0.7, 0.3, 4
    t = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    start = {"c": torch.tensor(0.2, dtype=torch.float64, requires_grad=True)}
    end = unrolled(lambda p: 0.5 * a * p["c"] ** 2 - p["c"] * t, start, {"c": s}, k)
    (gradient,) = torch.autograd.grad(end["c"] ** 2, t)
    # c_k = r^k c_0 + s t (1 + r + ... + r^(k-1)),  r = 1 - s a
    r = 1 - s * a
    slope = s * sum(r**i for i in range(k))
    value = r**k * 0.2 + slope * 1.5
    assert float(end["c"].detach()) == pytest.approx(value)
    assert float(gradient) == pytest.approx(2 * value * slope)


def test_no_unrolling_leaves_the_parameters():
    start = {"c": torch.ones(2)}
    assert unrolled(None, start, {"c": 1.0}, 0) is start


def test_unrolled_steps_are_those_of_adam():
    weight = nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = torch.optim.Adam([weight], lr=0.1, betas=(0.0, 0.99))
    assert adam_step_sizes(optimizer, ["w"]) == {"w": 0.1}
    for _ in range(3):
        weight.grad = torch.tensor([3.0, 0.5])
        optimizer.step()
    before = weight.detach().clone()
    sizes = adam_step_sizes(optimizer, ["w"])
    weight.grad = torch.tensor([3.0, 0.5])
    optimizer.step()
    # Without momentum and with equal gradients the next step is the same.
    torch.testing.assert_close(before - sizes["w"] * weight.grad, weight.detach())


def small_critic(**options):
    packing = options.get("packing", 1)
    body = mlp_critic(packing * 3, (5,), "leaky_relu", None)
    width = 5
    if options.get("minibatch"):
        options["minibatch"] = MinibatchDiscrimination(5, 2)
        width += 2
    return Critic(body, output_layer(width, 1), embedding=nn.Identity(), **options)


def test_packed_critic_judges_pairs():
    critic = small_critic(packing=2, reference=torch.randn(8, 3))
    x = torch.randn(7, 3)
    out = critic(x)
    assert out.shape == (3,)
    swapped = x.clone()
    swapped[2:4] += 1
    assert torch.equal(critic(swapped)[[0, 2]], out[[0, 2]])
    assert critic(swapped)[1] != out[1]
    assert critic(x[:1]).shape == (1,)


@pytest.mark.parametrize("option", [{"packing": 3}, {"minibatch": True}, {}])
def test_rows_are_scored_alone(option):
    critic = small_critic(reference=torch.randn(8, 3), **dict(option))
    x = torch.randn(6, 3)
    alone = torch.cat([critic.score(row[None]) for row in x])
    torch.testing.assert_close(critic.score(x), alone)
    assert critic.score(x).shape == (6,)


def test_minibatch_discrimination_against_its_formula():
    layer = MinibatchDiscrimination(4, 3)
    h = torch.randn(5, 4)
    T = layer.project.weight.detach().numpy().reshape(3, 5, 4)
    M = np.einsum("bck,nk->nbc", T, h.numpy())
    expected = np.exp(-np.abs(M[:, None] - M[None]).sum(-1)).mean(1)
    np.testing.assert_allclose(layer(h, h).detach(), expected, rtol=1e-5)
    # Rows that are all alike are as close as can be.
    same = layer(h[:1].repeat(5, 1), h[:1].repeat(5, 1))
    torch.testing.assert_close(same.detach(), torch.ones(5, 3))


def test_fourier_features_span_the_scales():
    layer = FourierFeatures(2, 5, 4, fine=0.01, coarse=1.0)
    lengths = 1 / layer.weight.norm(dim=0)
    expected = torch.tensor([1.0, 0.1, 0.1, 0.01])
    torch.testing.assert_close(lengths[[0, 4, 5, 8]], expected, rtol=1e-4, atol=0)
    x = torch.randn(4, 2)
    assert layer(x).shape == (4, layer.n_outputs) == (4, 20)
    torch.testing.assert_close(layer(x)[:, :2], x)
    torch.testing.assert_close(layer(x)[:, 2:7], torch.sin(x @ layer.weight[:, :5]))
    assert not layer(x)[:, 7:11].any()
    layer.enable_fine(True)
    torch.testing.assert_close(layer(x)[:, 16:], torch.cos(x @ layer.weight[:, 5:]))


def test_fine_frequencies_come_in_smoothly():
    layer = FourierFeatures(2, 3, 4, fine=0.01, coarse=1.0)
    linear = nn.Linear(2 * layer.n_outputs, 5)
    layer.zero_fine_weights(linear.weight)
    x = torch.randn(6, 2)
    before = linear(layer(x).view(3, -1))
    layer.enable_fine(True)
    assert layer(x)[:, 5:9].all()
    torch.testing.assert_close(linear(layer(x).view(3, -1)), before)


def test_moving_average():
    network, average = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    average.load_state_dict(network.state_dict())
    count = torch.zeros(())
    after = averager(average, network, count, 0.5)
    expected = float(network.weight.detach())
    for t in range(1, 30):
        with torch.no_grad():
            network.weight.fill_(t)
        after()
        decay = min(0.5, t / (9 + t))
        expected = decay * expected + (1 - decay) * t
    assert float(average.weight.detach()) == pytest.approx(expected, rel=1e-5)
    assert count == 29


@pytest.mark.parametrize("image_shape", [(8, 8), (28, 28), (3, 9, 11)])
def test_images_keep_their_shape(image_shape):
    d = int(np.prod(image_shape))
    generator = conv_generator(5, image_shape, (8, 4), "relu", nn.BatchNorm2d)
    assert generator(torch.randn(3, 5)).shape == (3, d)
    critic, width = conv_critic(image_shape, 2, (4, 8), "leaky_relu", nn.BatchNorm2d)
    assert critic(torch.randn(3, 2 * d)).shape == (3, width)
