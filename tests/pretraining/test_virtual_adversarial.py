import numpy as np
import pytest
import torch
from scipy.special import log_softmax, rel_entr, softmax
from sklearn.datasets import make_moons
from torch import nn

from skgen import Autoencoder, FineTunedClassifier
from skgen.pretraining.virtual_adversarial import virtual_adversarial_loss


def linear(weight, bias):
    layer = nn.Linear(*weight.T.shape).double()
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(weight))
        layer.bias.copy_(torch.as_tensor(bias))
    return layer


def test_two_linear_classes_change_most_along_the_difference_of_their_weights():
    rng = np.random.default_rng(0)
    weight, bias, x = rng.normal(size=(2, 5)), rng.normal(size=2), rng.normal(size=(1, 5))
    network, generator = linear(weight, bias), torch.Generator().manual_seed(0)
    change = virtual_adversarial_loss(network, torch.as_tensor(x), 0.3, generator).item()
    step = 0.3 * (weight[0] - weight[1]) / np.linalg.norm(weight[0] - weight[1])
    before, *after = (softmax((x + s * step) @ weight.T + bias) for s in (0, 1, -1))
    # The sign of the direction is a matter of chance.
    assert min(abs(change - rel_entr(before, p).sum()) for p in after) < 1e-10


@pytest.mark.parametrize("seed", range(5))
def test_the_change_is_that_of_a_bad_step(seed):
    rng = np.random.default_rng(seed)
    weight, bias, x = rng.normal(size=(4, 20)), np.zeros(4), rng.normal(size=(1, 20))
    network, generator = linear(weight, bias), torch.Generator().manual_seed(seed)
    change = virtual_adversarial_loss(network, torch.as_tensor(x), 0.1, generator).item()
    steps = rng.normal(size=(1000, 20))
    steps *= 0.1 / np.linalg.norm(steps, axis=1, keepdims=True)
    logs = log_softmax((x + steps) @ weight.T, axis=1)
    before = log_softmax(x @ weight.T, axis=1)
    random = (np.exp(before) * (before - logs)).sum(axis=1)
    assert change > np.quantile(random, 0.95)


def test_the_network_answers_without_dropout_and_goes_on_learning():
    network = nn.Sequential(nn.Dropout(0.9), linear(np.eye(3), np.zeros(3))).train()
    x = torch.ones(4, 3, dtype=torch.float64)
    changes = [
        virtual_adversarial_loss(network, x, 1e-3, torch.Generator().manual_seed(seed))
        for seed in (0, 0)
    ]
    assert changes[0] == changes[1] < 1e-5
    assert network.training
    changes[0].backward()
    assert network[1].weight.grad.abs().max() > 0


def test_rows_without_labels_part_the_moons():
    X, y = make_moons(1000, noise=0.1, random_state=0)
    known = np.full_like(y, -1)
    for label in (0, 1):
        known[np.flatnonzero(y == label)[:4]] = label
    scores = {}
    for radius in (0.0, 0.3):
        model = FineTunedClassifier(
            Autoencoder(64, hidden_layer_sizes=(64,), max_iter=20),
            pretrain=False,
            adversarial_radius=radius,
            learning_rate=1e-2,
            random_state=0,
        )
        scores[radius] = model.fit(X, known).score(X, y)
    assert scores[0.3] > max(0.97, scores[0.0])
    assert model._all_rows is None
