import numpy as np
import pytest
import torch

from skgen.training import averaged_sgd
from skgen.training.averaged_sgd import BURN, STRIDE, AveragedSGD


def descended(gradients, *, momentum=0.0, decay=0.0, product=False):
    """Weights and their mean after steps along the given gradients."""
    weight = torch.nn.Parameter(torch.ones(2, 3))
    weight.grad = torch.zeros_like(weight)
    mean, n_steps = torch.ones(2, 3), torch.zeros((), dtype=torch.int64)
    groups = [{"params": [weight], "weight_decay": decay}]
    optimizer = AveragedSGD(groups, [mean], n_steps, 0.1, momentum)
    for gradient in gradients:
        if product:
            optimizer.put_product(weight, torch.eye(2), torch.tensor(gradient).float())
        else:
            weight.grad.copy_(torch.tensor(gradient))
        optimizer.step()
    assert int(n_steps) == len(gradients)
    return weight.detach().numpy(), mean.numpy()


@pytest.mark.parametrize("product", [True, False])
@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_steps_are_those_of_the_formula(rng, momentum, product):
    gradients = rng.standard_normal((20, 2, 3))
    got, _ = descended(gradients, momentum=momentum, decay=0.5, product=product)
    weight, velocity = np.ones((2, 3)), np.zeros((2, 3))
    for gradient in gradients:
        velocity = momentum * velocity + gradient
        weight = (1 - 0.1 * 0.5) * weight - 0.1 * velocity
    np.testing.assert_allclose(got, weight, rtol=1e-5, atol=1e-6)


def test_the_mean_follows_its_recurrence(rng, monkeypatch):
    monkeypatch.setattr(averaged_sgd, "STRIDE", 1)
    gradients = rng.standard_normal((30, 2, 3))
    _, got = descended(gradients)
    weight, mean = np.ones((2, 3)), np.ones((2, 3))
    for t, gradient in enumerate(gradients):
        weight = weight - 0.1 * gradient
        mean = mean + BURN / (t + BURN) * (weight - mean)
    np.testing.assert_allclose(got, mean, rtol=1e-5, atol=1e-6)


def every_step(path):
    """The running mean of a path of weights (n + 1, ...) that all of its steps enter."""
    mean = path[0]
    for t, weight in enumerate(path[1:]):
        mean = mean + BURN / (t + BURN) * (weight - mean)
    return mean


PATHS = {
    "drift": lambda t: np.full_like(t, -1.0),
    "slowing": lambda t: -20 / (t + 20),
    "returning": lambda t: np.cos(t / 200),
}


@pytest.mark.parametrize("product", [True, False])
@pytest.mark.parametrize("name", PATHS)
def test_the_mean_of_some_steps_is_that_of_all(name, product):
    # What a stride leaves out lies within a stride of what enters, and its weight is not lost.
    gradients = PATHS[name](np.arange(3000.0))[:, None, None] * np.ones((1, 2, 3))
    path = 1 - 0.1 * np.cumsum(np.concatenate([np.zeros((1, 2, 3)), gradients]), axis=0)
    _, mean = descended(gradients, product=product)
    largest_step = 0.1 * np.abs(gradients[300:]).max()
    np.testing.assert_allclose(mean, every_step(path), rtol=1e-4, atol=STRIDE * largest_step)
    # The last weights lie farther off than that.
    assert np.abs(path[-1] - every_step(path)).min() > 2 * STRIDE * largest_step


@pytest.mark.parametrize("product", [True, False])
def test_the_mean_of_a_constant_path_with_noise_has_little_of_it(rng, product):
    # Steps that cancel: the weights jump between two values, their mean settles between them.
    gradients = np.where(np.arange(2000)[:, None, None] // 5 % 2, 1.0, -1.0) * np.ones((1, 2, 3))
    weight, mean = descended(gradients, product=product)
    assert np.abs(mean - 1.25).max() < 0.05
    assert np.abs(weight - 1.25).min() > 0.2


def test_a_later_run_goes_on_with_the_mean():
    weight = torch.nn.Parameter(torch.zeros(3))
    weight.grad = torch.ones(3)
    mean, n_steps = torch.zeros(3), torch.tensor(10**6)
    AveragedSGD([{"params": [weight]}], [mean], n_steps, 1.0).step()
    assert float(weight[0].detach()) == -1
    assert -1e-3 < float(mean[0]) < 0
