"""What only a CUDA device can show; run with ``-m gpu``."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from skgen import GAN, VAE, Autoencoder, fit_seeds
from skgen.training import Phase, Stage, adam, make_rows, train
from skgen.training.step import GraphStep

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.fixture
def X():
    return np.random.default_rng(0).standard_normal((1000, 12)).astype(np.float32)


def trained_weights(X, *, plain):
    """Weights after a noisy training with a captured, or a plain, step."""
    device = torch.device("cuda")
    torch.manual_seed(0)
    net = nn.Linear(12, 12).to(device)

    def loss(x, generator):
        noise = torch.randn(x.shape, generator=generator, device=x.device)
        return (net(x + noise) - x).square().mean()

    rows = make_rows(X, 0.0, 1.0, device)
    rows.resident = not plain
    stage = Stage([Phase("noisy", loss, adam(net.parameters(), 1e-2))])
    generator = torch.Generator(device).manual_seed(0)
    train(net, stage, rows, batch_size=64, max_iter=5, generator=generator)
    return net.weight.detach().cpu()


def test_captured_and_plain_steps_give_the_same_result(X):
    torch.testing.assert_close(
        trained_weights(X, plain=False), trained_weights(X, plain=True), rtol=1e-4, atol=1e-5
    )


def test_the_step_of_a_vae_is_captured(X, monkeypatch):
    captured = []
    capture = GraphStep._capture
    monkeypatch.setattr(
        GraphStep, "_capture", lambda self: captured.append(capture(self)) or captured[-1]
    )
    VAE(2, max_iter=2, batch_size=64, device="cuda", random_state=0).fit(X)
    assert captured == [True]


def test_both_phases_of_a_gan_are_captured(X, monkeypatch):
    captured = []
    capture = GraphStep._capture
    monkeypatch.setattr(
        GraphStep, "_capture", lambda self: captured.append(capture(self)) or captured[-1]
    )
    GAN(2, max_iter=2, batch_size=64, calibration=0.5, device="cuda", random_state=0).fit(X)
    assert captured == [True, True]  # the game, and the calibration


def test_the_seeds_of_a_gan_are_captured_together(X, monkeypatch):
    captured = []
    capture = GraphStep._capture
    monkeypatch.setattr(
        GraphStep, "_capture", lambda self: captured.append(capture(self)) or captured[-1]
    )
    gan = GAN(2, max_iter=2, batch_size=64, calibration=0.5, device="cuda")
    fits = fit_seeds(gan, X, range(3))
    assert captured == [True, True]
    assert all(np.isfinite(model.sample(5)).all() for model in fits)


def test_same_seed_same_result_and_global_generators_untouched(X):
    before = torch.cuda.get_rng_state()
    fits = [Autoencoder(2, max_iter=3, device="cuda", random_state=0).fit(X) for _ in range(2)]
    np.testing.assert_array_equal(fits[0].transform(X), fits[1].transform(X))
    assert torch.equal(before, torch.cuda.get_rng_state())


def test_memory_is_returned_after_fit(X):
    VAE(2, max_iter=2, device="cuda", random_state=0).fit(X)
    torch.cuda.empty_cache()
    before = torch.cuda.memory_reserved()
    VAE(2, max_iter=2, device="cuda", random_state=0).fit(X)
    assert torch.cuda.memory_reserved() <= before


def test_a_model_fitted_on_cuda_unpickles_without(X, monkeypatch):
    model = VAE(2, max_iter=2, device="cuda", random_state=0).fit(X)
    expected, file = model.transform(X), pickle.dumps(model)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    np.testing.assert_allclose(pickle.loads(file).transform(X), expected, rtol=1e-3, atol=1e-4)


def test_bfloat16_trains(X):
    full = VAE(2, max_iter=20, device="cuda", random_state=0).fit(X)
    half = VAE(2, max_iter=20, device="cuda", random_state=0, precision="bfloat16").fit(X)
    assert half.score(X) == pytest.approx(full.score(X), abs=0.5)


def test_a_batch_too_large_names_the_size_to_try(X):
    rows = np.tile(X, (200, 1))
    model = Autoencoder(
        4, hidden_layer_sizes=(8192,), batch_size=len(rows), device="cuda", max_iter=1
    )
    _, total = torch.cuda.mem_get_info()
    torch.cuda.set_per_process_memory_fraction(min(1.0, 2e9 / total))
    try:
        with pytest.raises(MemoryError, match="batch_size=100000"):
            model.fit(rows)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
