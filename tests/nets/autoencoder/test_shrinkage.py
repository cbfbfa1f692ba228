import numpy as np
import pytest
import torch

from skgen.nets.autoencoder.predictive import Dictionary
from skgen.nets.autoencoder.shrinkage import (
    improve_eigenvector,
    predicted_codes,
    shrink,
    start_of_powers,
)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def draw(*shape, generator):
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("positive", [False, True])
def test_shrinking_minimizes_a_square_and_an_l1_norm(positive, generator):
    u, threshold = draw(200, generator=generator), torch.tensor(0.7, dtype=torch.float64)
    found = shrink(u, threshold, positive)
    grid = torch.linspace(0 if positive else -4, 4, 8001, dtype=torch.float64)
    cost = 0.5 * (grid[:, None] - u).square() + threshold * grid[:, None].abs()
    torch.testing.assert_close(found, grid[cost.argmin(0)], atol=1e-3, rtol=0)


@pytest.mark.parametrize("positive", [False, True])
def test_gradients_of_the_shrinkage(positive, generator):
    u = draw(20, generator=generator).requires_grad_()
    threshold = draw(20, generator=generator).abs().requires_grad_()
    assert torch.autograd.gradcheck(lambda u, t: shrink(u, t, positive), (u, threshold))


def test_codes_meet_the_conditions_of_their_minimum(generator):
    D, x = draw(15, 10, generator=generator), draw(30, 10, generator=generator)
    guess, weight = draw(30, 15, generator=generator), 0.3
    alpha = torch.tensor(2.0, dtype=torch.float64)
    largest = torch.linalg.eigvalsh(D @ D.T)[-1]
    z = predicted_codes(x, guess, D, alpha, weight, largest, 500)
    slope = (x - z @ D) @ D.T + weight * (guess - z)
    used = z != 0
    assert 0 < used.double().mean() < 1
    torch.testing.assert_close(slope[used], alpha * z[used].sign(), atol=1e-8, rtol=0)
    assert (slope[~used].abs() <= alpha + 1e-8).all()


@pytest.mark.parametrize("shape", [(3, 8), (40, 8), (1, 1)])
def test_the_eigenvalue_is_found_and_followed(shape, generator):
    D = draw(*shape, generator=generator)
    vector = start_of_powers(D)
    largest = torch.linalg.eigvalsh(D @ D.T)[-1]
    torch.testing.assert_close(improve_eigenvector(vector, D, 300), largest, rtol=1e-3, atol=0)
    D += 1e-3 * draw(*shape, generator=generator)
    largest = torch.linalg.eigvalsh(D @ D.T)[-1]
    torch.testing.assert_close(improve_eigenvector(vector, D, 2), largest, rtol=1e-3, atol=0)


def test_atoms_feel_no_force_along_themselves(generator):
    D = torch.nn.functional.normalize(draw(6, 4, generator=generator), dim=1)
    dictionary = Dictionary(D)
    x, z = draw(20, 4, generator=generator), draw(20, 6, generator=generator)
    (x - dictionary(z)).square().sum().backward()
    along = (dictionary.D.grad * D).sum(1)
    np.testing.assert_allclose(along.numpy(), 0, atol=1e-10)
    with torch.no_grad():
        dictionary.D += 0.1 * draw(6, 4, generator=generator)
    dictionary.settle()
    np.testing.assert_allclose(dictionary.D.detach().norm(dim=1).numpy(), 1, atol=1e-12)
