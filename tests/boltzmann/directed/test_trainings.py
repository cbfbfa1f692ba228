"""Gradients of the trainings against sums over all states of a small network."""

import pytest
import torch

from skgen.boltzmann.directed.baselines import Baselines
from skgen.boltzmann.directed.enumeration import EnumeratedNet
from skgen.boltzmann.directed.trainings import (
    BeliefGradient,
    BeliefState,
    Reinforced,
    make_gradient,
    negative_bound,
)
from skgen.nets.boltzmann.belief import SigmoidBeliefNet
from skgen.nets.boltzmann.directed import log_recognition
from tests.boltzmann.machines import states

D, SIZES = 4, (3, 2)
X = torch.tensor(states(D))[[1, 6, 11]]


@pytest.fixture
def net():
    return random_net()


def random_net(scale=1.0):
    net = SigmoidBeliefNet((D, *SIZES), torch.zeros(D)).double()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.normal_(0, scale, generator=generator)
        # Wide enough for importance weights of some particles.
        for parameter in net.recognition.parameters():
            parameter.mul_(0.3)
    return net


def all_hidden():
    """Every state of both hidden layers, (32, k) each."""
    H = torch.tensor(states(sum(SIZES)))
    return H[:, : SIZES[0]], H[:, SIZES[0] :]


def tables(net, x):
    """Log p(x, h) and log q(h | x) of rows x and every state h, (n, 32) each."""
    n_states = 2 ** sum(SIZES)
    layers = [x.unsqueeze(1).expand(-1, n_states, -1), *all_hidden()]
    return net.log_joint(layers), log_recognition(net, layers)


def exact_bound(net, x):
    """Mean evidence lower bound."""
    log_p, log_q = tables(net, x)
    return (log_q.exp() * (log_p - log_q)).sum(1).mean()


def gradients(value, parameters):
    grads = torch.autograd.grad(value, parameters, allow_unused=True, retain_graph=True)
    return torch.cat(
        [torch.zeros_like(p).ravel() if g is None else g.ravel() for g, p in zip(grads, parameters)]
    )


def way_down(net):
    return [*net.generative.parameters(), net.top_bias]


def way_up(net):
    return list(net.recognition.parameters())


def distance(a, b):
    return float((a - b).norm() / b.norm())


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def learn(net, training, n_particles, x, update="both"):
    """Gradients of both ways that a training sets, and the loss."""
    state = BeliefState(net, has_baselines=False)
    loss = make_gradient(training, state, n_particles, update)(x, generator())
    return [torch.cat([p.grad.ravel() for p in way(net)]) for way in (way_down, way_up)], loss


def reweight(net, n_particles, x, update):
    return learn(net, "reweighted_wake_sleep", n_particles, x, update)[0]


@pytest.mark.parametrize("update", ["wake", "both"])
def test_reweighting_follows_the_likelihood_as_particles_grow(net, update):
    exact = gradients(-EnumeratedNet(net, 2**20).log_evidence(X).mean(), way_down(net))
    errors = [
        distance(reweight(net, n, X.repeat(30_000 // n, 1), update)[0], exact)
        for n in (1, 10, 100, 1000)
    ]
    assert errors[0] > 0.2
    assert sorted(errors, reverse=True) == errors
    assert errors[-1] < 0.03


def test_one_particle_follows_the_bound(net):
    exact = gradients(-exact_bound(net, X), way_down(net))
    for training in ("reweighted_wake_sleep", "wake_sleep"):
        (down, _), _ = learn(net, training, 1, X.repeat(20_000, 1))
        assert distance(down, exact) < 0.02


def test_wake_update_follows_the_posterior(net):
    """It lowers KL(p(h | x) || q(h | x)) of the data."""
    log_p, log_q = tables(net, X)
    posterior = torch.softmax(log_p, 1).detach()
    exact = gradients(-(posterior * log_q).sum(1).mean(), way_up(net))
    _, up = reweight(net, 1000, X.repeat(30, 1), "wake")
    assert distance(up, exact) < 0.03


@pytest.mark.parametrize("training", ["reweighted_wake_sleep", "wake_sleep"])
def test_sleep_update_follows_the_dreams(net, training):
    """It lowers KL(p(h | x) || q(h | x)), averaged over rows that the model draws."""
    log_p, log_q = tables(net, torch.tensor(states(D)))
    exact = gradients(-(log_p.exp().detach() * log_q).sum(), way_up(net))
    update = "sleep" if training == "reweighted_wake_sleep" else "both"
    (_, up), _ = learn(net, training, 1, X.repeat(40_000, 1), update)
    assert distance(up, exact) < 0.03


def test_both_updates_are_halves_of_each(net):
    x = X.repeat(10, 1)
    wake, sleep, both = (reweight(net, 4, x, update)[1] for update in ("wake", "sleep", "both"))
    torch.testing.assert_close(both, (wake + sleep) / 2)
    assert distance(wake, sleep) > 0.1


def explaining_away():
    """Two causes of one effect: given that it is on, either is, and less often both.

    The way up, whose weights are zero, slightly prefers the first cause.
    """
    net = SigmoidBeliefNet((1, 2), torch.full((1,), -8.0)).double()
    with torch.no_grad():
        net.generative[0].weight.fill_(16.0)
        net.top_bias.fill_(-1.5)
        net.recognition[0].weight.zero_()
        net.recognition[0].hidden_bias.copy_(torch.tensor([0.2, -0.2]))
    return net


def of_effect(net):
    """Log p(x, h) and log q(h | x) of the four states h of the causes, their effect on."""
    layers = [torch.ones(4, 1, dtype=torch.float64), torch.tensor(states(2))]
    return net.log_joint(layers), log_recognition(net, layers)


def test_wake_sleep_widens_inference_where_the_bound_narrows_it():
    """Dreams pull q toward both explanations, as KL(p || q) asks; the bound, KL(q || p), to one."""
    net = explaining_away()
    bias, (log_p, log_q) = net.recognition[0].hidden_bias, of_effect(net)
    bound = (log_q.exp() * (log_p - log_q)).sum()
    (to_bound,) = torch.autograd.grad(bound, bias, retain_graph=True)
    posterior = torch.softmax(log_p, 0).detach()
    (to_posterior,) = torch.autograd.grad((posterior * log_q).sum(), bias)
    assert to_bound[0] - to_bound[1] > 0.05
    assert to_posterior[0] - to_posterior[1] < -0.05
    # What the trainings do: a row without the effect says nothing of its causes' difference.
    x = torch.ones(20_000, 1, dtype=torch.float64)
    _, asleep = learn(net, "wake_sleep", 1, x)[0]
    reinforced(net, x, 5)
    awake = bias.grad
    difference = lambda g: float(g[-2] - g[-1])  # noqa: E731
    assert difference(-awake) == pytest.approx(float(to_bound[0] - to_bound[1]), abs=0.02)
    assert difference(-asleep) < -0.05


def reinforced(net, x, n_particles, variance=0.0):
    """Set the gradients where baselines have seen a batch; return the loss."""
    sizes = [layer.weight.shape[1] for layer in net.recognition]
    baselines = Baselines(sizes).double()
    baselines.known.fill_(1.0)
    baselines.mean.fill_(-2.0)
    baselines.variance.fill_(variance)
    return BeliefGradient(net, Reinforced(baselines), n_particles)(x, generator())


@pytest.mark.parametrize("deviation", [1.0, 3.0])
def test_reinforce_is_unbiased(net, deviation):
    loss = reinforced(net, X.repeat(20_000, 1), 4, deviation**2)
    exact = -exact_bound(net, X)
    up = torch.cat([p.grad.ravel() for p in way_up(net)])
    # The surplus is divided by its deviation.
    assert distance(deviation * up, gradients(exact, way_up(net))) < 0.05
    down = torch.cat([p.grad.ravel() for p in way_down(net)])
    assert distance(down, gradients(exact, way_down(net))) < 0.02
    assert loss.item() == pytest.approx(exact.item(), abs=0.02)


def test_signals_before_the_first_batch_teach_nothing(net):
    baselines = Baselines([D, SIZES[0]]).double()
    BeliefGradient(net, Reinforced(baselines), 4)(X, generator())
    assert not any(p.grad.any() for p in way_up(net))
    assert all(p.grad.any() for p in way_down(net))
    assert baselines.known == 1
    assert (baselines.mean < 0).all()
    assert (baselines.variance > 0).all()


def test_baselines_learn_what_to_expect():
    baselines = Baselines([3]).double()
    optimizer = torch.optim.Adam(baselines.parameters(), lr=0.02)
    x = torch.tensor(states(3))
    signal = 40 + 10 * x[:, 0] - 5 * x[:, 1] * x[:, 2]
    for _ in range(150):
        optimizer.zero_grad()
        surplus, loss = baselines([x], [signal.unsqueeze(0)])
        loss.backward()
        optimizer.step()
    assert float(surplus[0].square().mean()) < 0.05
    assert float(baselines.mean[0]) == pytest.approx(float(signal.mean()), abs=1e-6)


def test_small_signals_are_not_blown_up():
    baselines = Baselines([D]).double()
    for parameter in baselines.parameters():
        parameter.data.zero_()
    baselines.known.fill_(1.0)
    baselines.mean.fill_(-3.0)
    for variance, deviation in ((0.01, 1.0), (4.0, 2.0)):
        baselines.mean.fill_(-3.0)
        baselines.variance.fill_(variance)
        signal = torch.tensor([[-4.0, -3.0, 5.0]]).double()
        (surplus,), _ = baselines([X], [signal])
        torch.testing.assert_close(surplus, (signal + 3) / deviation)


def test_the_value_is_the_bound(net):
    exact, bound = EnumeratedNet(net, 2**20).log_evidence(X).mean(), exact_bound(net, X)
    x = X.repeat(10_000, 1)
    assert negative_bound(net, 1, x, generator()).item() == pytest.approx(-bound.item(), abs=0.05)
    assert learn(net, "wake_sleep", 1, x)[1].item() == pytest.approx(-bound.item(), abs=0.05)
    many = learn(net, "reweighted_wake_sleep", 1000, X.repeat(10, 1))[1]
    assert many.item() == pytest.approx(-exact.item(), abs=0.05)
    assert exact.item() - bound.item() > 0.1


def test_state_counts_updates(net):
    state = BeliefState(net, has_baselines=True)
    state.count()
    assert int(state.n_steps) == 1
    assert [n[0].in_features for n in state.baselines.networks] == [D, SIZES[0]]
