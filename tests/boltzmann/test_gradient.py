"""The plain gradient of a binary machine, and the fast ones that take its place on the CPU."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from skgen import BernoulliRBM
from skgen.boltzmann.learning import phases
from skgen.boltzmann.learning.cpu_gradient import BufferedGradient, FusedGradient
from skgen.boltzmann.learning.gradient import LikelihoodGradient
from skgen.boltzmann.learning.layers import BernoulliLayers, BernoulliLayersOnDevice
from skgen.boltzmann.learning.negative_phase import ParallelTempering, PersistentChains
from skgen.kernels.boltzmann.bernoulli_units import lane_states
from tests.boltzmann.machines import random_rbm

D, K, N_CHAINS = 21, 18, 12


class UnwatchedLayers(BernoulliLayers):
    """Layers that draw for the chains alone: their loss to watch takes no random number."""

    def loss_to_watch(self, v, inputs):
        return torch.zeros(())


textbook = partial(LikelihoodGradient, make_layers=UnwatchedLayers)


def reseed(gradient, net, generator, seed):
    """Let the next update take its draws from this seed."""
    if isinstance(gradient, LikelihoodGradient):
        gradient.layers = gradient.make_layers(net, generator)
        gradient.layers.units.states = lane_states(seed)
    else:
        gradient.states = lane_states(seed)


def course(kind, batches, monkeypatch, **parameters):
    """Weights, their means and the chains after each update of a training phase."""
    monkeypatch.setattr(phases, "choose_gradient", lambda net, negative_phase: kind)
    rows = np.concatenate([batch.numpy() for batch in batches])
    model = BernoulliRBM(K, n_chains=N_CHAINS, max_iter=1, random_state=0, **parameters).fit(rows)
    state, net = model.module_.requires_grad_(True), random_rbm(D, K, scale=0.7)
    for copy in (state.net, state.averaged_net):
        copy.load_state_dict(net.state_dict())
    state.averaged_net.requires_grad_(False)
    (stage,) = model._stages(state)
    (phase,) = stage.phases
    generator = torch.Generator().manual_seed(0)
    out = []
    for seed, batch in enumerate(batches):
        reseed(phase.gradient, state.net, generator, seed)
        phase.gradient(batch, generator)
        phase.optimizer.step()
        tensors = [*state.net.parameters(), *state.averaged_net.parameters(), state.chains]
        out.append([tensor.detach().clone() for tensor in tensors])
    return out


@pytest.mark.parametrize("kind", [FusedGradient, BufferedGradient])
@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("sparsity_target", [None, 0.2])
@pytest.mark.parametrize("negative_phase", ["pcd", "cd"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("n_gibbs_steps", [1, 3])
@pytest.mark.parametrize("sizes", [(1, 1), (5, 5, 3), (20, 13, 20)])
def test_fast_gradients_are_those_of_the_textbook(
    kind, centered, sparsity_target, negative_phase, momentum, n_gibbs_steps, sizes, monkeypatch
):
    """Several updates of a training phase leave the same weights, means and chains.

    Each update of both takes its draws from the same seeds through the same kernel, which has
    tests of its own; so what is compared is everything else: both phases, the sweeps and where
    they start, the centering, the sparsity, and the step that the optimizer makes of it. The
    columns for the loss to watch, which the two draw at different times, are left out.
    """
    rng = np.random.default_rng(1)
    batches = [torch.tensor(rng.random((n, D))).float() for n in sizes]
    parameters = {
        "centered": centered,
        "sparsity_target": sparsity_target,
        "sparsity_cost": 2.0,
        "negative_phase": negative_phase,
        "momentum": momentum,
        "n_gibbs_steps": n_gibbs_steps,
        "learning_rate": 0.3,
        "weight_decay": 0.01,
    }
    expected = course(textbook, batches, monkeypatch, **parameters)
    got = course(kind, batches, monkeypatch, **parameters)
    for mine, theirs in zip(got, expected, strict=True):
        for one, other in zip(mine, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=2e-6)
    moved = expected[-1][0] - random_rbm(D, K, scale=0.7).weight.detach()
    assert float(moved.abs().max()) > 0.01
    assert not torch.equal(expected[0][-1], expected[-1][-1])


def test_size_device_and_temperatures_choose_the_gradient():
    small, large = random_rbm(8, 4), random_rbm(200, 100)
    chains = torch.zeros(1, 3, 4)
    plain = PersistentChains(chains, 1)
    assert phases.choose_gradient(small, plain) is FusedGradient
    assert phases.choose_gradient(large, plain) is BufferedGradient
    assert phases.choose_gradient(small.to("meta"), plain) is LikelihoodGradient
    tempered = ParallelTempering(chains, 1, path=None)
    assert phases.choose_gradient(large, tempered) is LikelihoodGradient


class Launches(TorchDispatchMode):
    """Counts the operations that compute something, each of them a launch on a GPU."""

    n = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        self.n += not function.is_view and not name.startswith(("empty", "detach", "squeeze"))
        return function(*args, **(kwargs or {}))


class GradientsAlone:
    """In place of an optimizer: writes the gradients out, and moves nothing."""

    def put_product(self, weight, left, right):
        torch.mm(left.T, right, out=weight.grad)


def test_a_gradient_takes_few_launches_on_a_gpu():
    """The steps of a small machine there take as long as their launches."""
    net, generator = random_rbm(D, K), torch.Generator().manual_seed(0)
    chains = PersistentChains(torch.zeros(1, N_CHAINS, K), 1)
    make_layers = BernoulliLayersOnDevice
    gradient = LikelihoodGradient(
        net, chains, GradientsAlone(), centered=True, sparsity=None, make_layers=make_layers
    )
    v = torch.bernoulli(torch.full((20, D), 0.5), generator=generator)
    gradient(v, generator)
    with Launches() as launches:
        gradient(v, generator)
    # Draws take three each on the CPU, and one on a GPU.
    assert launches.n <= 42
