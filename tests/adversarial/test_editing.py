"""Inversion and editing of pictures, on linear generators against closed forms."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import nn

from skgen import GAN

K, D = 3, 6


@pytest.fixture(scope="module")
def linear():
    """A GAN with a linear generator x = A z + b in the units of the networks."""
    X = np.random.default_rng(0).standard_normal((60, D)) * np.arange(1, D + 1)
    model = GAN(K, generator=well_conditioned, max_iter=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X)


def well_conditioned(k, d):
    """A linear layer of which any three neighboring rows span all columns."""
    layer = nn.Linear(k, d)
    with torch.no_grad():
        layer.weight.copy_(torch.cat([torch.eye(k), 0.7 * torch.eye(k).flip(0)])[:d])
    return layer


@pytest.fixture(scope="module")
def parts(linear):
    """A (D, K) and b (D,) of the generator, and rows in its units."""
    layer = linear.module_.averaged_generator
    X = np.random.default_rng(1).standard_normal((5, D)) * np.arange(1, D + 1)
    return layer.weight.numpy().astype(float), layer.bias.numpy().astype(float), X


def test_invert_is_the_least_squares_solution(linear, parts):
    A, b, X = parts
    Z = np.linalg.lstsq(A, (linear._standardize(X) - b).T, rcond=None)[0].T
    np.testing.assert_allclose(linear.invert(X), Z, atol=2e-3)


def test_invert_looks_at_chosen_values_alone(linear, parts):
    A, b, X = parts
    mask = np.array([True, True, False, True, True, False])
    rows = linear._standardize(X) - b
    Z = np.linalg.lstsq(A[mask], rows[:, mask].T, rcond=None)[0].T
    np.testing.assert_allclose(linear.invert(X, mask), Z, atol=5e-3)
    np.testing.assert_allclose(linear.invert(np.where(mask, X, np.nan)), Z, atol=5e-3)
    other = np.where(mask, X, 100.0)
    np.testing.assert_allclose(linear.invert(other, mask), linear.invert(X, mask), atol=1e-6)
    # A mask for each row.
    each = np.tile(mask, (5, 1))
    each[0] = True
    both = linear.invert(X, each)
    np.testing.assert_allclose(both[1:], Z[1:], atol=5e-3)
    np.testing.assert_allclose(both[0], linear.invert(X[:1])[0], atol=1e-5)


@pytest.mark.parametrize("weight", [0.5, 10.0])
def test_edit_is_the_ridge_solution(linear, parts, weight):
    A, b, X = parts
    constraints = np.full((5, D), np.nan)
    constraints[:, 1], constraints[:, 4] = 2.0, -3.0
    chosen = ~np.isnan(constraints[0])
    start = np.linalg.lstsq(A, (linear._standardize(X) - b).T, rcond=None)[0].T
    wanted = (linear._standardize(constraints) - b)[:, chosen] - start @ A[chosen].T
    system = weight * A[chosen].T @ A[chosen] + np.eye(K)
    Z = start + np.linalg.solve(system, weight * A[chosen].T @ wanted.T).T
    edited = linear.edit(X, constraints, weight=weight)
    np.testing.assert_allclose(linear._standardize(edited), Z @ A.T + b, atol=5e-3)
    # One row of constraints serves all, and a mask chooses among them.
    full = np.where(chosen, constraints[0], 7.0)
    np.testing.assert_allclose(linear.edit(X, full, chosen, weight=weight), edited, atol=1e-6)


def test_the_weight_says_how_well_constraints_are_obeyed(linear, parts):
    X = parts[2]
    constraints = np.full(D, np.nan)
    constraints[2] = 4.0
    far = [np.abs(linear.edit(X, constraints, weight=w)[:, 2] - 4.0).mean() for w in (0.1, 10, 1e3)]
    assert far[0] > 2 * far[1] > 4 * far[2]
    moved = [np.abs(linear.edit(X, constraints, weight=w) - X).mean() for w in (1e-6, 10)]
    kept = np.abs(linear.generate(linear.invert(X)) - X).mean()
    assert moved[0] == pytest.approx(kept, rel=1e-2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.full((2, D), np.nan),), "2 of the 2 rows of X have no value that counts, first row 0"),
        ((np.zeros((2, D)), np.zeros(D, bool)), "no value that counts"),
        ((np.zeros((2, D)), np.ones(D - 1, bool)), r"mask has shape \(5,\), but X has \(2, 6\)"),
        ((np.zeros((2, D)), np.full(D, 0.5)), "mask should hold booleans"),
    ],
)
def test_what_cannot_be_inverted_is_refused(linear, arguments, message):
    with pytest.raises(ValueError, match=message):
        linear.invert(*arguments)


def test_what_cannot_be_edited_is_refused(linear):
    with pytest.raises(ValueError, match="constraints has 3 rows, but X has 2; give one row"):
        linear.edit(np.zeros((2, D)), np.zeros((3, D)))
    with pytest.raises(ValueError, match="rows of constraints have no value that counts"):
        linear.edit(np.zeros((2, D)), np.full(D, np.nan))
    with pytest.raises(ValueError, match="weight == 0, must be > 0"):
        linear.edit(np.zeros((2, D)), np.zeros(D), weight=0)
    with pytest.raises(ValueError, match="contains NaN"):
        linear.edit(np.full((2, D), np.nan), np.zeros(D))
