import copy
import warnings

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from sklearn.datasets import load_digits

from skgen import BernoulliRBM, DeepBoltzmannMachine
from skgen.boltzmann.learning.deep.mean_field_gradient import MeanFieldGradient, layered_gradient
from skgen.boltzmann.learning.negative_phase import PersistentChains
from skgen.boltzmann.learning.state import new_chains
from skgen.exceptions import DataRangeWarning
from skgen.nets.boltzmann.dbm import DBM
from tests.boltzmann.machines import states

D = 5
SHAPES = [(4,), (4, 3), (4, 3, 2)]


def random_machine(sizes=(4, 3), scale=1.0, seed=0, **parameters):
    """A fitted estimator with weights and biases from N(0, scale^2)."""
    X = states(D)
    model = DeepBoltzmannMachine(sizes, max_iter=1, n_chains=500, random_state=0, **parameters)
    model.fit(X)
    generator = torch.Generator().manual_seed(seed)
    net = model.module_.averaged_net
    for parameter in net.parameters():
        parameter.normal_(0, scale, generator=generator)
    net.weight.mul_(net.mask)
    model._finish(X)
    return model


def exact_table(model):
    """Log p(x) of all rows, and log Z, by the sum over every state of every layer."""
    sizes = (D, *model.hidden_layer_sizes)
    everything = states(sum(sizes))
    ends = np.cumsum(sizes)
    layers = np.split(everything, ends[:-1], axis=1)
    weights = [W.astype(float) for W in model.components_]
    energy = -sum(h @ b.astype(float) for h, b in zip(layers, model.intercepts_))
    for W, below, above in zip(weights, layers, layers[1:]):
        energy -= np.einsum("ni,ij,nj->n", above, W, below)
    # State i holds the bits of i, the features in the lowest ones.
    by_row = (-energy).reshape(-1, 2**D)
    log_z = logsumexp(by_row)
    return logsumexp(by_row, axis=0) - log_z, log_z, everything, np.exp(-energy - log_z)


@pytest.mark.parametrize("sizes", SHAPES)
def test_log_partition_counts_every_state(sizes):
    model = random_machine(sizes)
    assert model.estimate_log_partition() == pytest.approx(exact_table(model)[1], abs=1e-10)
    assert model.log_partition_std_ == 0
    assert model.likelihood_kind_ == "lower_bound"


@pytest.mark.parametrize("sizes", SHAPES)
def test_ais_agrees_with_enumeration(sizes):
    in_units = []
    for seed in range(7):
        model = random_machine(sizes, seed=seed)
        exact = model.estimate_log_partition("exact")
        error = model.estimate_log_partition("ais", n_chains=500, n_steps=500) - exact
        assert abs(error) < 0.1
        in_units.append(abs(error) / model.log_partition_std_)
        forward, reverse = model.log_partition_bracket(n_chains=500, n_steps=300)
        assert forward - 0.15 < exact < reverse + 0.15
    assert max(in_units) < 3.5


@pytest.mark.parametrize("sizes", SHAPES)
def test_the_bound_lies_below_the_likelihood(sizes):
    for seed in range(5):
        model = random_machine(sizes, seed=seed)
        exact = exact_table(model)[0]
        gap = exact - model.score_samples(states(D))
        assert (gap > -1e-9).all()
        assert gap.mean() < 1.0


def test_the_bound_is_tight_where_the_posterior_factorizes():
    # One layer, or an upper layer without weights.
    one = random_machine((4,))
    np.testing.assert_allclose(one.score_samples(states(D)), exact_table(one)[0], atol=1e-9)
    two = random_machine((4, 3))
    two.module_.averaged_net.weight[two.module_.averaged_net.block(2)] = 0
    two._finish(states(D))
    np.testing.assert_allclose(two.score_samples(states(D)), exact_table(two)[0], atol=1e-9)


def test_one_layer_is_a_restricted_machine():
    deep = random_machine((4,))
    flat = BernoulliRBM(4, max_iter=1, random_state=0).fit(states(D))
    names = ("weight", "visible_bias", "hidden_bias")
    for name in names:
        getattr(flat.module_.averaged_net, name).copy_(getattr(deep.module_.averaged_net, name))
    flat._finish(states(D))
    np.testing.assert_allclose(
        deep.score_samples(states(D)), flat.score_samples(states(D)), rtol=1e-10
    )


@pytest.mark.parametrize("sizes", SHAPES)
def test_mean_field_rises_to_a_fixed_point(sizes):
    net = copy.deepcopy(random_machine(sizes, scale=1.5).module_.averaged_net).double()
    X = torch.tensor(states(D))
    bounds = [net.evidence_bound(net.mean_field(0, X, n)[0]) for n in range(30)]
    for before, after in zip(bounds[1:], bounds[2:]):
        assert (after >= before - 1e-12).all()
    even, odd, change = net.converged_mean_field(0, X, 2000, 1e-9)
    assert (change < 1e-9).all()
    again_even, again_odd = net.mean_field_step(0, X, even)
    assert float((again_even - even).abs().max()) < 1e-8
    assert float((again_odd - odd).abs().max()) < 1e-8
    # A row settles alone as it settles among others.
    alone = net.converged_mean_field(0, X[3:4], 2000, 1e-9)[0]
    torch.testing.assert_close(alone, even[3:4], rtol=0, atol=1e-15)


def test_samples_have_the_moments_of_the_model():
    for sizes in SHAPES:
        model = random_machine(sizes, seed=2, n_burn_in=50, n_thinning=20)
        p = np.exp(exact_table(model)[0])
        V = states(D)
        drawn = model.sample(20_000, random_state=1)
        np.testing.assert_allclose(drawn.mean(axis=0), p @ V, atol=0.02)
        second = V.T @ (p[:, None] * V)
        np.testing.assert_allclose(drawn.T @ drawn / len(drawn), second, atol=0.02)


def test_clamped_chains_draw_from_the_conditional():
    model = random_machine((4, 3, 2), seed=3, n_burn_in=100, n_thinning=2000)
    p = np.exp(exact_table(model)[0])
    V = states(D)
    row = np.array([[1.0, 0, np.nan, np.nan, 1]])
    agrees = (V[:, [0, 1, 4]] == row[0, [0, 1, 4]]).all(axis=1)
    expected = p[agrees] @ V[agrees] / p[agrees].sum()
    rows = np.repeat(row, 20, axis=0)
    draws = model.sample_conditional(rows, n_draws=250)
    np.testing.assert_allclose(draws.mean(axis=(0, 1)), expected, atol=0.03)
    np.testing.assert_allclose(model.impute(rows).mean(axis=0), expected, atol=0.02)


@pytest.mark.parametrize("sizes", SHAPES)
def test_rows_are_decoded_to_their_mean_given_the_top(sizes):
    model = random_machine(sizes, seed=4, n_thinning=300)
    _, _, everything, p = exact_table(model)
    Z = states(sizes[-1])
    decoded = model.inverse_transform(np.repeat(Z, 50, axis=0)).reshape(len(Z), 50, D).mean(axis=1)
    for z, row in zip(Z, decoded):
        agrees = (everything[:, -sizes[-1] :] == z).all(axis=1)
        expected = p[agrees] @ everything[agrees, :D] / p[agrees].sum()
        np.testing.assert_allclose(row, expected, atol=0.03)


@pytest.mark.parametrize("sizes", SHAPES)
def test_the_expected_gradient_is_exact(sizes):
    model = random_machine(sizes, scale=0.7, seed=1)
    net = copy.deepcopy(model.module_.averaged_net).requires_grad_(True)
    X = torch.tensor(states(D)[[3, 7, 12, 30]]).float()
    even, odd = copy.deepcopy(net).double().mean_field(0, X.double(), 50)
    _, _, everything, p = exact_table(model)
    layers = np.split(everything, np.cumsum((D, *sizes))[:-1], axis=1)
    model_even, model_odd = (np.concatenate(layers[j::2], axis=1) for j in (0, 1))
    expected = (p[:, None] * model_odd).T @ model_even - (odd.T @ even).detach().numpy() / 4
    expected *= net.mask.numpy()
    expected_b = p @ model_even - even.detach().numpy().mean(0)
    chains = new_chains(1, 5000, net.weight.shape[0])
    phase = PersistentChains(chains, 2)
    loss = MeanFieldGradient(net, phase, n_steps=50, centered=False)
    generator = torch.Generator().manual_seed(0)
    total, total_b = torch.zeros_like(net.weight), torch.zeros_like(net.visible_bias)
    for step in range(150):
        loss(X, generator)
        if step >= 50:
            total += net.weight.grad / 100
            total_b += net.visible_bias.grad / 100
    np.testing.assert_allclose(total.numpy(), expected, atol=0.01)
    np.testing.assert_allclose(total_b.numpy(), expected_b, atol=0.01)


def test_the_gradient_is_that_of_the_bound():
    # The bound of settled rows has no slope in q: a central difference moves W alone.
    model = random_machine((4, 3), scale=0.7, seed=1)
    net = copy.deepcopy(model.module_.averaged_net).double()
    X = torch.tensor(states(D)[[3, 7, 12, 30]])
    even, odd, _ = net.converged_mean_field(0, X, 2000, 1e-12)
    expected = odd.T @ even / 4
    for i, j in [(0, 0), (2, 3), (1, 6)]:
        sides = []
        for step in (1e-5, -1e-5):
            moved = copy.deepcopy(net)
            moved.weight.data[i, j] += step
            settled = moved.converged_mean_field(0, X, 2000, 1e-12)[0]
            sides.append(float(moved.evidence_bound(settled).mean()))
        assert (sides[0] - sides[1]) / 2e-5 == pytest.approx(float(expected[i, j]), abs=1e-6)


def test_centering_leaves_the_optimum_where_it_is():
    rng = np.random.default_rng(0)
    data = tuple(torch.tensor(rng.random((30, k))).float() for k in (8, 4))
    net = DBM((5, 4, 3))
    gradients = [torch.zeros_like(p) for p in net.parameters()]
    layered_gradient(*gradients, data, data, net.mask, True)
    for gradient in gradients:
        torch.testing.assert_close(gradient, torch.zeros_like(gradient), atol=1e-6, rtol=0)


@pytest.mark.parametrize("pretrain", [False, True])
def test_training_raises_the_exact_likelihood(pretrain):
    rng = np.random.default_rng(0)
    centers = rng.random((4, D)) < 0.5
    X = (centers[rng.integers(4, size=500)] ^ (rng.random((500, D)) < 0.1)).astype(float)
    numbers = (X @ 2 ** np.arange(D)).astype(int)
    scores = []
    for n in (1, 200):
        model = DeepBoltzmannMachine(
            (4, 3, 2), pretrain=pretrain, max_iter=n, n_chains=50, random_state=0
        )
        scores.append(exact_table(model.fit(X))[0][numbers].mean())
    assert scores[1] > scores[0] + 0.2
    weight, mask = model.module_.averaged_net.weight, model.module_.averaged_net.mask
    assert torch.equal(weight, weight * mask)


def test_deep_layers_learn_without_pretraining():
    X = (load_digits().data >= 8).astype(np.float32)
    model = DeepBoltzmannMachine((32, 16), max_iter=60, random_state=0).fit(X)
    assert model.score(X) > -20.5
    assert model.components_[1].std() > 3 * model.init_scale
    assert model.transform(X).std(axis=0).max() > 0.01


def test_going_on_keeps_what_was_learned():
    X = (load_digits().data >= 8).astype(np.float32)[:500]
    model = DeepBoltzmannMachine((16, 8), pretrain=True, max_iter=20, random_state=0).fit(X)
    before = model.score(X)
    model.set_params(warm_start=True).fit(X)
    assert model.score(X) > before
    assert model.n_iter_ == 3 * 20 + 20


def test_values_outside_the_unit_interval_are_warned_of():
    with pytest.warns(DataRangeWarning, match='visible="gaussian"'):
        DeepBoltzmannMachine((3, 2), max_iter=1).fit(3 * np.eye(4))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        DeepBoltzmannMachine((3, 2), max_iter=1).fit(np.eye(4))
    with pytest.raises(ValueError, match="has 0 layers"):
        DeepBoltzmannMachine(()).fit(np.eye(4))
