"""Deep machines that predict labels: against enumeration, differences and planted classes."""

import copy
import pickle

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from sklearn.base import is_classifier

from skgen import DeepBoltzmannMachine
from skgen.boltzmann.learning.deep.multi_prediction import PredictionLoss
from skgen.nets.boltzmann.dbm import DBM
from tests.boltzmann.machines import states

D, N_CLASSES = 4, 3
SHAPES = [(4,), (4, 3), (3, 2, 2)]
LABELED = {"training": "multi_prediction", "use_labels": True, "random_state": 0}


def random_net(sizes, seed=0, scale=0.8):
    net = DBM((D, *sizes), N_CLASSES).double()
    generator = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        parameter.data.normal_(0, scale, generator=generator)
    net.weight.data.mul_(net.mask)
    return net


def as_estimator(net):
    """A fitted estimator whose machine is the given one."""
    X, y = states(D), np.arange(2**D) % N_CLASSES
    model = DeepBoltzmannMachine(net.sizes[1:], max_iter=1, **LABELED).fit(X, y)
    model.module_.averaged_net.load_state_dict(net.state_dict())
    model._finish(X)
    return model


def exact_log_joint(net):
    """Log p(x, y) of all rows and labels, (2^d, n_classes), by the sum over all hidden states."""
    W, b, c = (p.detach().numpy() for p in net.parameters())
    n_hidden = len(b) - D - N_CLASSES
    X, H, odd = states(D), states(n_hidden), states(len(c))
    log_p = np.empty((len(X), N_CLASSES))
    for j, y in enumerate(np.eye(N_CLASSES)):
        for i, x in enumerate(X):
            rows = [np.full((len(H), len(part)), part) for part in (x, y)]
            even = np.hstack([rows[0], H, rows[1]])
            log_p[i, j] = logsumexp((even @ b)[:, None] + (even @ W.T + c) @ odd.T)
    return log_p


@pytest.mark.parametrize("sizes", SHAPES)
def test_scores_are_bounds_on_the_density_with_labels_summed_out(sizes):
    for seed in range(3):
        net = random_net(sizes, seed)
        model, log_p = as_estimator(net), exact_log_joint(net)
        assert model.estimate_log_partition() == pytest.approx(logsumexp(log_p), abs=1e-5)
        gap = logsumexp(log_p, axis=1) - logsumexp(log_p) - model.score_samples(states(D))
        assert (gap > -1e-5).all()
        assert gap.mean() < 1.5


@pytest.mark.parametrize("sizes", SHAPES)
@torch.no_grad()
def test_many_steps_end_at_the_fixed_point_of_the_label(sizes):
    net = random_net(sizes)
    x = torch.tensor(states(D))
    complete = torch.zeros_like(x, dtype=torch.bool)
    *_, log_odds = net.completed(x, complete, 2000)
    even, odd, change = net.converged_mean_field(0, x, 5000, 1e-12)
    assert float(change.max()) < 1e-11
    labels = torch.softmax(log_odds[:, -N_CLASSES:], 1)
    torch.testing.assert_close(labels, even[:, -N_CLASSES:], rtol=0, atol=1e-9)
    b, W = net.visible_bias[-N_CLASSES:], net.weight[:, -N_CLASSES:]
    torch.testing.assert_close(labels, torch.softmax(b + odd @ W, 1), rtol=0, atol=1e-9)


@torch.no_grad()
def test_a_label_that_is_known_stays():
    net, x = random_net((4, 3)), torch.tensor(states(D))[:6]
    labels = torch.eye(N_CLASSES).double()[[0, 1, 2, 0, 1, 2]]
    missing = torch.cat([torch.ones_like(x), torch.zeros_like(labels)], 1).bool()
    rows = torch.cat([x * 0 + 0.5, labels], 1)
    *_, log_odds = net.completed(rows, missing, 2000)
    even = torch.sigmoid(log_odds)
    even[:, -N_CLASSES:] = labels
    odd = torch.sigmoid(net.hidden_input(even))
    again = torch.sigmoid(net.visible_input(odd))
    torch.testing.assert_close(even[:, :-N_CLASSES], again[:, :-N_CLASSES], rtol=0, atol=1e-9)


@pytest.mark.parametrize("sizes", SHAPES)
def test_the_gradient_is_that_of_central_differences(sizes):
    net = random_net(sizes)
    labels = torch.eye(N_CLASSES).double()[[0, 1, 2, 0, 1, 1]]
    labels[4] = 0
    rows = torch.cat([torch.tensor(states(D))[[3, 7, 12, 14, 1, 0]], labels], 1)
    loss = PredictionLoss(net, torch.linspace(0.2, 0.8, D).double(), 3, label_weight=2.5)
    loss(rows, torch.Generator().manual_seed(1)).backward()
    for parameter in net.parameters():
        gradient, flat = parameter.grad.view(-1), parameter.data.view(-1)
        for place in range(len(flat)):
            sides, kept = [], float(flat[place])
            for step in (1e-6, -1e-6):
                flat[place] = kept + step
                sides.append(float(loss(rows, torch.Generator().manual_seed(1)).detach()))
            flat[place] = kept
            difference = (sides[0] - sides[1]) / 2e-6
            assert float(gradient[place]) == pytest.approx(difference, abs=1e-8)
    assert float(net.weight.grad[:, -N_CLASSES:].abs().max()) > 1e-3


def test_rows_without_a_label_say_nothing_of_it():
    net = random_net((4, 3))
    x = torch.tensor(states(D))
    rows = torch.cat([x, torch.zeros(len(x), N_CLASSES)], 1)
    losses = [
        PredictionLoss(net, torch.full((D,), 0.5).double(), 3, label_weight=weight)(
            rows, torch.Generator().manual_seed(0)
        )
        for weight in (0.0, 100.0)
    ]
    assert float(losses[0].detach()) == float(losses[1].detach()) > 0


def planted(n, seed=0):
    """Rows of four prototypes with a tenth of their bits flipped, and which it was."""
    rng = np.random.default_rng(seed)
    prototypes = np.array([[1] * 4 + [0] * 6, [0] * 4 + [1] * 6, [1, 0] * 5, [0, 0, 1, 1, 0] * 2])
    y = rng.integers(4, size=n)
    X = prototypes[y] ^ (rng.random((n, 10)) < 0.1)
    return X.astype(np.float32), y, prototypes


@pytest.fixture(scope="module")
def learned():
    X, y, prototypes = planted(2000)
    names = np.array(["a", "b", "c", "d"])
    model = DeepBoltzmannMachine((12, 6), max_iter=50, **LABELED).fit(X, names[y])
    return model, prototypes


def test_planted_classes_are_told_as_well_as_can_be(learned):
    model, prototypes = learned
    X, y, _ = planted(2000, seed=1)
    p = np.where(prototypes, 0.9, 0.1)
    likelihood = np.where(X[:, None] == 1, p, 1 - p).prod(-1)
    exact = likelihood / likelihood.sum(1, keepdims=True)
    best = (exact.argmax(1) == y).mean()
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert (model.predict(X) == model.classes_[y]).mean() > best - 0.02
    assert np.abs(probabilities - exact).mean() < 0.05
    assert is_classifier(model)


def test_draws_of_a_class_are_near_its_prototype(learned):
    model, prototypes = learned
    for number, name in enumerate(model.classes_):
        drawn = model.sample_class(name, 200, random_state=0)
        assert drawn.shape == (200, 10)
        nearest = np.abs(drawn[:, None] - prototypes).mean(-1).argmin(1)
        counts = np.bincount(nearest, minlength=4)
        assert counts.argmax() == number
        assert counts[number] > 80


def test_labels_do_not_show_in_rows(learned):
    model, _ = learned
    X, _, _ = planted(5, seed=2)
    assert model.sample(3).shape == model.sample_means(3).shape == (3, 10)
    gaps = np.where(np.arange(10) < 4, np.nan, X)
    assert model.impute(gaps).shape == X.shape
    assert model.sample_conditional(gaps, 2).shape == (2, *X.shape)
    assert model.inverse_transform(model.transform(X)).shape == X.shape
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_few_labels_are_enough_beside_many_rows():
    X, y, _ = planted(1000)
    some = np.where(np.arange(1000) < 40, y, -1)
    new, truth, _ = planted(1000, seed=1)
    model = DeepBoltzmannMachine((12, 6), max_iter=60, **LABELED)
    assert (model.fit(X, some).predict(new) == truth).mean() > 0.8
    np.testing.assert_array_equal(model.classes_, np.arange(4))


def test_a_stream_names_its_classes_first():
    X, y, _ = planted(600)
    model = DeepBoltzmannMachine((12, 6), **LABELED)
    with pytest.raises(ValueError, match="classes"):
        copy.deepcopy(model).partial_fit(X, y)
    for _ in range(60):
        model.partial_fit(X, y, classes=np.arange(4))
    assert (model.predict(X) == y).mean() > 0.8


def test_mean_field_training_takes_no_labels():
    X, y, _ = planted(50)
    with pytest.raises(ValueError, match="use_labels=True does nothing with training='mean_field'"):
        DeepBoltzmannMachine((4,), use_labels=True).fit(X, y)
    model = DeepBoltzmannMachine((4,), max_iter=1, random_state=0).fit(X, y)
    assert not hasattr(model, "predict")
