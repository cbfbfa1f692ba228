"""Gradients that the GAN writes in closed form against those that autograd derives."""

import copy
import warnings

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import nn

from skgen import GAN
from skgen.training import GradientPhase

LOSSES = ["non_saturating", "minimax", "least_squares", "wasserstein", "hinge"]
N = 12
X = np.random.default_rng(0).standard_normal((N, 3))

pytestmark = pytest.mark.usefixtures("_float64")


class Leaky(nn.LeakyReLU):
    """The same function as another type, of which the closed form knows nothing."""


@pytest.fixture
def _float64():
    """Draws in float64, so that the steps of Adam do not magnify rounding."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def fitted(**parameters):
    """A GAN after a single update."""
    shape = {"hidden_layer_sizes": (6, 5), "critic_layer_sizes": (7, 6)}
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        gan = GAN(2, **shape, max_iter=1, random_state=0, **parameters).fit(X)
    torch.set_default_dtype(default)
    return gan


def play(gan, *, written, n_updates=3):
    """Losses and gradients of all phases in a few updates, and the networks after them."""
    module = copy.deepcopy(gan.module_).double().requires_grad_(True).train()
    if not written:
        for layer in module.critic.modules():
            if type(layer) is nn.LeakyReLU:
                layer.__class__ = Leaky
    rows, generator = torch.tensor(X), torch.Generator().manual_seed(0)
    seen = []
    for stage in gan._stages(module):
        if stage.prepare is not None:
            stage.prepare()
        for step in range(n_updates):
            if stage.schedule is not None:
                stage.schedule(step / n_updates)
            for phase in stage.phases:
                assert isinstance(phase, GradientPhase) == written
                seen.append(take(phase, rows, generator))
    return seen, module.state_dict()


def take(phase, rows, generator):
    """One update of a phase: its loss, and the gradients of what it moves."""
    moved = [p for group in phase.optimizer.param_groups for p in group["params"]]
    loss = phase.differentiate(rows, generator, "float32")
    gradients = [p.grad.clone() for p in moved]
    phase.optimizer.step()
    if phase.after is not None:
        phase.after()
    return [loss.detach(), *gradients]


def agree(**parameters):
    """Compare a GAN with a twin whose critic differs in nothing but the type of its units."""
    gan = fitted(**parameters)
    (own, end), (derived, end_derived) = (play(gan, written=written) for written in (True, False))
    assert len(own) == len(derived)
    for one, other in zip(own, derived):
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-12)
    torch.testing.assert_close(end, end_derived, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("n_frequencies", [0, 3])
@pytest.mark.parametrize("gradient_penalty", [None, "r1", "r1_r2"])
@pytest.mark.parametrize("loss", LOSSES)
def test_both_ways_agree(loss, gradient_penalty, n_frequencies):
    agree(
        loss=loss,
        gradient_penalty=gradient_penalty,
        n_frequencies=n_frequencies,
        penalty_weight=(3.0, 1.0),
    )


@pytest.mark.parametrize(
    "option",
    [
        {"label_smoothing": 0.2},
        {"label_smoothing": 0.2, "loss": "minimax"},
        {"label_smoothing": 0.2, "loss": "least_squares"},
        {"instance_noise": 0.5},
        {"n_critic_steps": 3},
        {"n_critic_steps": 3, "instance_noise": 0.5, "loss": "hinge"},
        {"weight_decay": 0.1, "critic_learning_rate": 1e-2},
        {"activation": "tanh"},
        {"calibration": 0.0},
    ],
    ids=str,
)
def test_both_ways_agree_with(option):
    agree(penalty_weight=(3.0, 1.0), **option)


@pytest.mark.parametrize("n_frequencies", [0, 3])
def test_each_penalty_has_gradients_of_its_own(n_frequencies):
    # Two ways that leave the same part out would agree.
    gan, gradients = fitted(n_frequencies=n_frequencies, penalty_weight=3.0), []
    for penalty in (None, "r1", "r1_r2"):
        first = play(gan.set_params(gradient_penalty=penalty), written=True)[0][0]
        gradients.append(torch.cat([g.flatten() for g in first[1:]]))
    none, r1, both = gradients
    assert torch.dist(none, r1) > 0.01 < torch.dist(r1, both)
