import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits

from skgen import ContractiveAE, SparseAE


@pytest.fixture(scope="module")
def X():
    return load_digits().data[:600] / 16.0


@pytest.mark.parametrize("target", [0.05, 0.2])
def test_kl_brings_every_unit_to_its_target(X, target):
    model = SparseAE(32, sparsity_target=target, sparsity_weight=5.0, max_iter=100, random_state=0)
    model.fit(X)
    np.testing.assert_allclose(model.transform(X).mean(0), target, atol=0.3 * target)


def test_l1_leaves_few_units_active(X):
    dense = SparseAE(32, penalty="l1", sparsity_weight=0.0, max_iter=40, random_state=0).fit(X)
    sparse = clone(dense).set_params(sparsity_weight=0.3).fit(X)
    assert np.mean(sparse.transform(X) > 0) < 0.5 * np.mean(dense.transform(X) > 0)


def squared_jacobian(model, X):
    """Mean squared Frobenius norm of the encoder's Jacobian, by autograd."""
    rows = torch.tensor(model._standardize(X))
    encode = model.module_.double()["encoder"]

    def norm(x):
        return torch.func.jacrev(lambda row: encode(row[None])[0])(x).square().sum()

    return float(torch.stack([norm(x) for x in rows]).mean())


@pytest.mark.parametrize("hidden", [(), (32,)], ids=["closed form", "probes"])
def test_contraction_makes_the_jacobian_small(X, hidden):
    common = {"hidden_layer_sizes": hidden, "random_state": 0, "max_iter": 40}
    free = ContractiveAE(16, contraction=0.0, **common).fit(X)
    contracted = ContractiveAE(16, contraction=1.0, **common).fit(X)
    assert squared_jacobian(contracted, X[:50]) < 0.3 * squared_jacobian(free, X[:50])


def test_the_penalty_in_the_loss_is_the_mean_squared_jacobian(X):
    model = ContractiveAE(8, contraction=0.7, random_state=0, max_iter=2).fit(X)
    x = torch.tensor(model._standardize(X[:40]))
    module = model.module_.double()
    loss = float(model._objective(module)(x, torch.Generator()))
    codes = module["encoder"](x)
    error = float(model._reconstruction(x, module["decoder"](codes)))
    assert loss - error == pytest.approx(0.7 * squared_jacobian(model, X[:40]) / 8)
