"""The gradient of every training loss against central differences in float64."""

import numpy as np
import pytest
import torch
from sklearn.base import clone

from skgen import VAE, Autoencoder, ContractiveAE, DenoisingAE, SparseAE
from skgen.training.columns import Columns

TINY = {"n_components": 2, "hidden_layer_sizes": (3,), "activation": "tanh"}
CASES = [
    Autoencoder(**TINY),
    Autoencoder(**TINY, tied_weights=True),
    Autoencoder(**TINY, bounded=True),
    Autoencoder(**TINY, loss="cross_entropy"),
    SparseAE(**TINY),
    SparseAE(**TINY, penalty="l1"),
    ContractiveAE(**TINY),
    ContractiveAE(n_components=2, code_activation="tanh"),
    DenoisingAE(**TINY, corruption="gaussian"),
    DenoisingAE(**TINY, corruption="masking", loss="cross_entropy"),
    DenoisingAE(**TINY, corruption="salt_and_pepper"),
    VAE(**TINY),
    VAE(**TINY, noise_variance="isotropic", beta=0.3),
    VAE(**TINY, noise_variance=0.5, free_bits=1e-3),
    VAE(**TINY, likelihood="bernoulli"),
    VAE(**TINY, n_importance_samples=3),
]


def label(model):
    parameters = {k: v for k, v in model.get_params().items() if k not in TINY}
    changed = {k: v for k, v in parameters.items() if v != type(model)().get_params()[k]}
    return f"{type(model).__name__}-{changed}"


@pytest.mark.parametrize("model", CASES, ids=label)
def test_gradient_is_that_of_central_differences(model, rng):
    X = rng.random((6, 4))
    model = clone(model)
    torch.manual_seed(0)
    module = model._initial_module(Columns(X)).double()
    (stage,) = model._stages(module)
    x = torch.tensor(X)

    def loss():
        return stage.phases[0].loss(x.clone(), torch.Generator().manual_seed(1))

    loss().backward()
    for name, weight in module.named_parameters():
        direction = torch.tensor(rng.standard_normal(weight.shape))
        slope = float((weight.grad * direction).sum())
        start = weight.detach().clone()
        values = []
        for step in (1e-5, -1e-5):
            with torch.no_grad():
                weight.copy_(start + step * direction)
            values.append(float(loss().detach()))
        with torch.no_grad():
            weight.copy_(start)
        numeric = (values[0] - values[1]) / 2e-5
        np.testing.assert_allclose(slope, numeric, rtol=1e-5, atol=1e-8, err_msg=name)
