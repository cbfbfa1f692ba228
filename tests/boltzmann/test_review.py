"""Machines whose hidden units say nothing of the rows warn, whatever the machine."""

import warnings

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skgen import (
    BernoulliRBM,
    ConvolutionalRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    GaussianBernoulliRBM,
    SigmoidBeliefNetwork,
)
from skgen.boltzmann.review import information
from tests.boltzmann.machines import states

rng = np.random.default_rng(0)
NOISE = rng.standard_normal((400, 4))
BITS = (NOISE > 0).astype(float)
# Two clusters far apart, as numbers and as bits with an eighth of them flipped.
CLUSTER = rng.integers(0, 2, (400, 1))
CLUSTERS = 4 * CLUSTER + NOISE
COPIES = np.where(rng.random((400, 6)) < 0.125, 1 - CLUSTER, CLUSTER).astype(float)
LONG = {"n_gibbs_steps": 1, "max_iter": 150, "random_state": 0}
DIRECTED = {"weight_decay": 0.3, "max_iter": 100, "random_state": 0}


def test_information_is_that_of_the_unit_and_the_row():
    means = rng.random((5, 3))
    joint = np.stack([1 - means, means]) / 5  # p(unit, row) where rows are equally probable
    apart = joint.sum(axis=0) * joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(information(means), (joint * np.log(joint / apart)).sum((0, 1)))
    np.testing.assert_allclose(information(states(2)), np.log(2))
    np.testing.assert_allclose(information(np.full((3, 1), 0.3)), 0, atol=1e-15)


@pytest.mark.parametrize(
    ("model", "X"),
    [
        (GaussianBernoulliRBM(2, init_scale=0.0, **LONG), NOISE),
        (BernoulliRBM(1, weight_decay=1.0, **LONG), BITS[:, :1]),
        (DeepBeliefNetwork((2, 2), visible="gaussian", init_scale=0.0, **LONG), NOISE),
        (DeepBeliefNetwork((2, 2), **LONG), BITS),
        (DeepBoltzmannMachine((2, 2), **LONG), BITS),
        (SigmoidBeliefNetwork((2,), **DIRECTED), BITS[:, :1]),
    ],
    ids=lambda of: getattr(of, "visible", type(of).__name__),
)
def test_independent_features_leave_units_without_use(model, X):
    with pytest.warns(ConvergenceWarning, match="one distribution of independent features"):
        model.fit(X)


@pytest.mark.parametrize(
    ("model", "X"),
    [
        (GaussianBernoulliRBM(2, **LONG), CLUSTERS),
        (BernoulliRBM(2, **LONG), COPIES),
        (ConvolutionalRBM(4, visible="binary", **LONG), COPIES),
        (DeepBeliefNetwork((6, 2), **LONG), COPIES),
        (DeepBoltzmannMachine((2,), **LONG), COPIES),
        (SigmoidBeliefNetwork((2,), **DIRECTED), COPIES),
        (DeepBeliefNetwork((2, 2), n_gibbs_steps=1, max_iter=2), NOISE),
    ],
    ids=lambda of: type(of).__name__,
)
def test_units_in_use_or_of_a_short_fit_do_not_warn(model, X):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X)


def test_the_review_takes_sparse_rows_and_leaves_the_generator():
    state = torch.get_rng_state()
    with pytest.warns(ConvergenceWarning, match="independent features"):
        BernoulliRBM(1, weight_decay=1.0, **LONG).fit(sparse.csr_matrix(BITS[:, :1]))
    assert torch.equal(torch.get_rng_state(), state)
