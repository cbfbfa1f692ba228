"""The game by autograd and the game in closed form: the same draws, losses and gradients."""

import copy

import pytest
import torch
from torch import nn

from skgen import GAN
from skgen.adversarial.calibration import calibration_stage
from skgen.adversarial.objective import adversarial_stage
from skgen.nets.adversarial.gan import GANNet
from skgen.nets.adversarial.gan_build import build_critic, build_generator
from skgen.nets.adversarial.gan_losses import LABELED, LOSSES
from skgen.training import GradientPhase, Phase

FINE = 0.1
SMOOTHED = [(loss, smoothing) for loss in LOSSES for smoothing in (0.0, 0.2)]
LOSSES_AND_LABELS = [pair for pair in SMOOTHED if not pair[1] or pair[0] in LABELED]


def networks(n_coarse, n_fine, *, generator_activation="relu", critic_activation="leaky_relu"):
    shape = {"normalization": None, "image_shape": None, "factory": None}
    generator = build_generator(2, 3, widths=(6, 5), activation=generator_activation, **shape)
    critic = build_critic(
        3,
        widths=(12, 12),
        activation=critic_activation,
        packing=1,
        minibatch_discrimination=0,
        spectral_normalization=False,
        frequencies=(n_coarse, n_fine, FINE, 2.0),
        reference=torch.zeros(4, 3),
        **shape,
    )
    # What begins at zero would hide an error.
    for parameter in critic.parameters():
        nn.init.normal_(parameter, std=0.4)
    return GANNet(generator, critic, 2)


def both_ways(net, make_stage):
    """The stage of a net in closed form, and of a copy for which there is none."""
    twin = copy.deepcopy(net)
    # A critic that compares rows has no closed form; this one says so, and compares none.
    twin.critic.mixes_rows = True
    closed, plain = make_stage(net), make_stage(twin)
    assert all(type(phase) is GradientPhase for phase in closed.phases)
    assert all(type(phase) is Phase for phase in plain.phases)
    return zip((net, twin), (closed, plain))


def run(net, stage, batch):
    """Loss and gradients of each phase, on weights that stay as they are."""
    generator = torch.Generator().manual_seed(3)
    if stage.schedule is not None:
        stage.schedule(0.3)
    stage.prepare()
    found = []
    for phase in stage.phases:
        loss = phase.differentiate(batch, generator, "float32").detach()
        player = net.generator if phase.name == "generator" else net.critic
        gradients = [parameter.grad.clone() for parameter in player.parameters()]
        # The bias of a Wasserstein critic's output has no gradient.
        assert all(gradient.any() for gradient in gradients if gradient.numel() > 1)
        found.append([loss, *gradients])
    return found


def assert_equal_both_ways(net, make_stage):
    batch = torch.randn(11, 3)
    closed, plain = (run(player, stage, batch) for player, stage in both_ways(net, make_stage))
    assert len(closed) == len(plain)
    for own, expected in zip(closed, plain):
        torch.testing.assert_close(own, expected, rtol=1e-9, atol=1e-11)


@pytest.fixture(autouse=True)
def _seeded_and_in_double_precision():
    torch.set_default_dtype(torch.float64)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize(("instance_noise", "n_critic_steps"), [(0.0, 1), (0.3, 3)])
@pytest.mark.parametrize("frequencies", [(0, 0), (3, 4)])
@pytest.mark.parametrize("penalty", [None, "r1", "r1_r2"])
@pytest.mark.parametrize(("loss", "smoothing"), LOSSES_AND_LABELS)
def test_game(loss, smoothing, penalty, frequencies, instance_noise, n_critic_steps):
    params = GAN(
        loss=loss,
        label_smoothing=smoothing,
        gradient_penalty=penalty,
        instance_noise=instance_noise,
        n_critic_steps=n_critic_steps,
    )

    def make_stage(net):
        return adversarial_stage(net, params, (2.0, 0.5), None)

    assert_equal_both_ways(networks(*frequencies), make_stage)


@pytest.mark.parametrize("of_generator", ["leaky_relu", "tanh"])
@pytest.mark.parametrize("of_critic", ["identity", "relu"])
def test_game_of_other_layers(of_generator, of_critic):
    net = networks(3, 4, generator_activation=of_generator, critic_activation=of_critic)
    assert_equal_both_ways(net, lambda net: adversarial_stage(net, GAN(), (2.0, 0.5), None))


@pytest.mark.parametrize("frequencies", [(0, 0), (3, 0), (3, 4)])
def test_calibration(frequencies):
    net = networks(*frequencies)
    net.output_noise.fill_(0.2)

    def make_stage(net):
        return calibration_stage(net, GAN(), 0.3, FINE, 0)

    assert_equal_both_ways(net, make_stage)
    if frequencies[0]:
        assert net.critic.embedding.amplitude.all()
