"""Multi-prediction training of deep machines: against mean field, differences and enumeration."""

import copy

import numpy as np
import pytest
import torch

from skgen import DeepBoltzmannMachine
from skgen.boltzmann import dbm
from skgen.boltzmann.learning.deep.multi_prediction import PredictionLoss, draw_missing
from skgen.boltzmann.sampling import clamped_mean_field
from skgen.nets.boltzmann.dbm import DBM
from tests.boltzmann.machines import states

D = 5
PREDICTION = {"training": "multi_prediction", "random_state": 0}
SHAPES = [(4,), (4, 3), (4, 3, 2)]


def random_net(sizes=(4, 3), scale=0.8, seed=0):
    """A machine in float64 with weights and biases from N(0, scale^2)."""
    net = DBM((D, *sizes)).double()
    generator = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        parameter.data.normal_(0, scale, generator=generator)
    net.weight.data.mul_(net.mask)
    return net


def nothing(x, value=False):
    return torch.full(x.shape, value)


def some_rows():
    return torch.tensor(states(D)[[3, 7, 12, 30]])


@pytest.mark.parametrize("sizes", SHAPES)
@torch.no_grad()
def test_of_complete_rows_the_steps_are_those_of_mean_field(sizes):
    net, x = random_net(sizes), some_rows()
    for number, log_odds in enumerate(net.completed(x, nothing(x), 4), start=1):
        even, _ = net.mean_field(0, x, number)
        torch.testing.assert_close(torch.sigmoid(log_odds[:, D:]), even[:, D:])


@pytest.mark.parametrize("sizes", SHAPES)
@torch.no_grad()
def test_many_steps_end_where_every_free_unit_agrees_with_its_neighbors(sizes):
    net, x = random_net(sizes), some_rows()
    missing = torch.tensor([[1, 0, 0, 1, 0], [0] * 5, [1] * 5, [0, 1, 1, 1, 1]]).bool()
    *_, before, last = net.completed(torch.where(missing, 0.5, x), missing, 3000)
    torch.testing.assert_close(before, last, rtol=0, atol=1e-10)
    even = torch.sigmoid(last)
    layers = [torch.where(missing, even[:, :D], x)]
    odd = torch.sigmoid(net.hidden_input(torch.cat([layers[0], even[:, D:]], 1)))
    for number in range(1, len(net.sizes)):
        layers.append((odd if number % 2 else even)[:, net.slices[number]])
    # The equations of mean field, layer by layer.
    for number, layer in enumerate(layers):
        inputs = net.bias(number) + torch.zeros_like(layer)
        if number:
            inputs = inputs + layers[number - 1] @ net.layer_weight(number).T
        if number + 1 < len(layers):
            inputs = inputs + layers[number + 1] @ net.layer_weight(number + 1)
        free = missing if number == 0 else nothing(layer, True)
        expected = torch.sigmoid(inputs)
        torch.testing.assert_close(layer[free], expected[free], rtol=0, atol=1e-9)


def test_each_row_misses_any_number_of_features_as_often():
    x = torch.zeros(60_000, D)
    counts = draw_missing(x, torch.Generator().manual_seed(0)).sum(1).bincount(minlength=D + 1)
    np.testing.assert_allclose(counts / len(x), 1 / (D + 1), atol=4 * np.sqrt(0.14 / len(x)))


def test_the_loss_is_the_cross_entropy_of_what_is_missing_at_every_step():
    net, x = random_net((4, 3, 2)), some_rows() * 0.8 + 0.1
    means = torch.linspace(0.2, 0.8, D).double()
    loss = PredictionLoss(net, means, 3)(x, torch.Generator().manual_seed(5))
    missing = draw_missing(x, torch.Generator().manual_seed(5)).numpy()
    assert 0 < missing.mean() < 1
    start = torch.where(torch.tensor(missing), means, x)
    expected = []
    for log_odds in net.completed(start, torch.tensor(missing), 3):
        p, v = torch.sigmoid(log_odds[:, :D]).detach().numpy()[missing], x.numpy()[missing]
        expected.append(-np.mean(v * np.log(p) + (1 - v) * np.log(1 - p)))
    assert float(loss.detach()) == pytest.approx(np.mean(expected), rel=1e-12)


@pytest.mark.parametrize("sizes", SHAPES)
def test_the_gradient_is_that_of_central_differences(sizes):
    net, x = random_net(sizes), some_rows()
    loss = PredictionLoss(net, torch.linspace(0.2, 0.8, D).double(), 3)
    loss(x, torch.Generator().manual_seed(1)).backward()
    for parameter in net.parameters():
        gradient, flat = parameter.grad.view(-1), parameter.data.view(-1)
        assert float(gradient.abs().max()) > 1e-3
        for place in range(0, len(flat), 3):
            sides, kept = [], float(flat[place])
            for step in (1e-6, -1e-6):
                flat[place] = kept + step
                sides.append(float(loss(x, torch.Generator().manual_seed(1)).detach()))
            flat[place] = kept
            difference = (sides[0] - sides[1]) / 2e-6
            assert float(gradient[place]) == pytest.approx(difference, abs=1e-8)


def test_a_batch_that_misses_nothing_asks_nothing(monkeypatch):
    monkeypatch.setattr(
        "skgen.boltzmann.learning.deep.multi_prediction.draw_missing",
        lambda x, generator: nothing(x),
    )
    net = random_net()
    loss = PredictionLoss(net, torch.full((D,), 0.5).double(), 3)(some_rows(), None)
    loss.backward()
    assert float(loss.detach()) == 0
    assert all(float(p.grad.abs().max()) == 0 for p in net.parameters())


def planted(n, seed=0):
    """Rows of four prototypes with a tenth of their bits flipped, and the prototypes."""
    rng = np.random.default_rng(seed)
    prototypes = np.array([[1] * 4 + [0] * 6, [0] * 4 + [1] * 6, [1, 0] * 5, [0, 0, 1, 1, 0] * 2])
    X = prototypes[rng.integers(4, size=n)] ^ (rng.random((n, 10)) < 0.1)
    return X.astype(np.float32), prototypes


def exact_conditionals(gaps, prototypes):
    """Each NaN at its mean given the rest of its row, by the sum over the prototypes."""
    p = np.where(prototypes, 0.9, 0.1)
    known = ~np.isnan(gaps)
    match = np.where(known[:, None], np.where(gaps[:, None] == 1, p, 1 - p), 1.0).prod(-1)
    means = match @ p / match.sum(1, keepdims=True)
    return np.where(known, gaps, means)


@pytest.fixture(scope="module")
def learned():
    X, prototypes = planted(2000)
    model = DeepBoltzmannMachine((12, 6), max_iter=60, **PREDICTION).fit(X)
    return model, X, prototypes


def test_predictions_come_near_the_exact_conditionals(learned):
    model, X, prototypes = learned
    new, _ = planted(1000, seed=1)
    rng = np.random.default_rng(2)
    for fraction in (0.2, 0.6):
        gaps = np.where(rng.random(new.shape) < fraction, np.nan, new)
        exact, holes = exact_conditionals(gaps, prototypes), np.isnan(gaps)
        nats = {
            name: cross_entropy(filled, new, holes)
            for name, filled in {
                "learned": model.impute(gaps),
                "exact": exact,
                "means": np.broadcast_to(X.mean(axis=0), X.shape)[: len(new)],
            }.items()
        }
        assert nats["exact"] - 0.01 < nats["learned"]
        assert nats["learned"] - nats["exact"] < 0.15 * (nats["means"] - nats["exact"])


def test_what_is_known_stays_and_a_row_of_nothing_is_near_the_mean(learned):
    model, X, _ = learned
    filled = model.impute(np.full((2, 10), np.nan, dtype=np.float32))
    np.testing.assert_allclose(filled[0], X.mean(axis=0), atol=0.15)
    np.testing.assert_allclose(filled[0], filled[1], rtol=1e-6)
    np.testing.assert_array_equal(model.impute(X[:5]), X[:5])
    gaps = X[:5].copy()
    gaps[:, 3] = np.nan
    np.testing.assert_array_equal(np.delete(model.impute(gaps), 3, 1), np.delete(X[:5], 3, 1))


def test_what_mean_field_fills_in_is_told_better_than_by_mean_field_training(learned):
    model, X, _ = learned
    other = DeepBoltzmannMachine((12, 6), max_iter=60, random_state=0).fit(X)
    new, _ = planted(1000, seed=1)
    holes = np.random.default_rng(2).random(new.shape) < 0.5
    gaps = np.where(holes, np.nan, new)
    nats = [cross_entropy(clamped_mean_field(one, gaps, 5), new, holes) for one in (model, other)]
    assert nats[0] < nats[1] - 0.01


def cross_entropy(filled, truth, holes):
    p = filled[holes].clip(1e-4, 1 - 1e-4).astype(float)
    return -np.mean(np.where(truth[holes] == 1, np.log(p), np.log(1 - p)))


def test_weights_between_layers_that_are_no_neighbors_stay_zero():
    X, _ = planted(300)
    model = DeepBoltzmannMachine((6, 4, 3, 2), max_iter=5, **PREDICTION).fit(X)
    for net in (model.module_.net, model.module_.averaged_net):
        assert float(net.weight[net.mask == 0].abs().max()) == 0
        assert float(net.weight[net.mask == 1].abs().max()) > 0.02


def test_chains_start_at_hidden_states_of_rows(learned):
    model, _, prototypes = learned
    model = copy.deepcopy(model).set_params(n_burn_in=1)
    flipped = {}
    for start in ("data", "chance"):
        drawn = model.set_params(sample_start=start).sample(100, random_state=0)
        flipped[start] = np.abs(drawn[:, None] - prototypes).mean(-1).min(1).mean()
    assert flipped["data"] < 0.2
    assert flipped["data"] < flipped["chance"] - 0.02


def test_the_density_is_that_of_the_machine(learned):
    model, X, _ = learned
    everything = states(10).astype(np.float32)
    total = np.exp(model.score_samples(everything)).sum()
    # Bounds on the probabilities of all rows.
    assert 0.5 < total <= 1 + 1e-6


def test_a_stream_and_a_warm_start_go_on():
    X, _ = planted(500)
    model = DeepBoltzmannMachine((8, 4), max_iter=15, **PREDICTION)
    whole = copy.deepcopy(model).fit(X)
    for _ in range(15):
        model.partial_fit(X)
    assert model.n_iter_ == 15
    assert model.loss_curve_[-1] == pytest.approx(whole.loss_curve_[-1], abs=0.05)
    before = np.mean(whole.loss_curve_[-5:])
    whole.set_params(warm_start=True).fit(X)
    assert np.mean(whole.loss_curve_[-5:]) < before
    with pytest.raises(ValueError, match="training"):
        whole.set_params(training="mean_field").set_params(weight_decay="auto").fit(X)


def test_few_rows_of_noise_are_not_learned_by_heart(monkeypatch):
    monkeypatch.setattr(dbm, "N_UPDATES", 400)
    rng = np.random.default_rng(0)
    X, new = (rng.random((n, 10)) < 0.5 for n in (40, 1000))
    X, new = X.astype(np.float32), new.astype(np.float32)
    gaps = np.where(rng.random(new.shape) < 0.5, np.nan, new)
    model = DeepBoltzmannMachine((16, 8), **PREDICTION).fit(X)
    assert model.n_iter_ < 200
    assert cross_entropy(model.impute(gaps), new, np.isnan(gaps)) < np.log(2) + 0.05
    # Structure takes longer, and all of the updates where rows are many.
    assert DeepBoltzmannMachine((16, 8), **PREDICTION).fit(planted(1000)[0]).n_iter_ == 40
