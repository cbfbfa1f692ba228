"""Gradients by formulas against automatic differentiation of the objectives."""

import pytest
import torch
from torch import nn

from skgen import Autoencoder, DenoisingAE, SparseAE


def ending_in(activation):
    """Factory of a decoder whose outputs are activated."""
    return lambda n_in, n_out: nn.Sequential(nn.Linear(n_in, n_out), activation())


COMMON = {"hidden_layer_sizes": (8,), "max_iter": 30, "random_state": 0}
MODELS = [
    Autoencoder(3, **COMMON),
    Autoencoder(3, activation="gelu", code_activation="tanh", **COMMON),
    SparseAE(6, **COMMON),
    SparseAE(6, penalty="l1", sparsity_weight=0.5, **COMMON),
    DenoisingAE(3, **COMMON),
    DenoisingAE(3, corruption="gaussian", n_walkback_steps=2, **COMMON),
    Autoencoder(3, decoder=ending_in(nn.Sigmoid), **COMMON),
    DenoisingAE(3, decoder=ending_in(nn.Tanh), n_walkback_steps=2, **COMMON),
]


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
@pytest.mark.parametrize("number", range(len(MODELS)))
def test_gradients_are_those_of_the_objective(number, loss, rng):
    X = rng.random((40, 17))
    model = MODELS[number].set_params(loss=loss).fit(X)
    module = model.module_.requires_grad_(True)
    ((phase,),) = [stage.phases for stage in model._stages(module)]
    x = torch.from_numpy(model._standardize(X.astype("float32")))
    value = phase.loss(x, torch.Generator().manual_seed(0))
    expected = torch.autograd.grad(value, list(module.parameters()))
    found = phase.gradient(x, torch.Generator().manual_seed(0))
    torch.testing.assert_close(found, value.detach())
    torch.testing.assert_close(
        [p.grad for p in module.parameters()], list(expected), rtol=1e-3, atol=1e-5
    )


@pytest.mark.parametrize("options", [{"tied_weights": True}, {"bounded": True}])
def test_other_networks_go_without(options, rng):
    model = Autoencoder(3, loss="squared_error", **COMMON, **options).fit(rng.random((40, 17)))
    ((phase,),) = [stage.phases for stage in model._stages(model.module_.requires_grad_(True))]
    assert phase.gradient is None


def test_no_gradient_is_left_after_a_fit(rng):
    model = Autoencoder(3, **COMMON).fit(rng.random((40, 17)))
    assert all(p.grad is None for p in model.module_.parameters())
