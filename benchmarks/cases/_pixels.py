"""What the cases of images pixel by pixel share: fits, scores on one measure, naive draws."""

import copy
import time
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks.core import Contender

N_DRAWN = 16, 100  # images
N_PASSES = 6


class Fitted(NamedTuple):
    """A model, and the processor's seconds that its fit took, whatever else ran meanwhile."""

    model: object
    cpu_seconds: float


def cpu_timed(run):
    """``run(data, seed)`` that returns ``Fitted``."""

    def timed(data, seed):
        start = time.process_time()
        model = run(data, seed)
        return Fitted(model, time.process_time() - start)

    return timed


def fit(data, seed, *, name, **parameters):
    """A model of skgen, fitted to ``data[0]``."""
    import skgen

    return getattr(skgen, name)(random_state=seed, **parameters).fit(data[0])


def fitting(name, **parameters):
    """``run(data, seed)`` of a model of skgen with these parameters."""
    return cpu_timed(partial(fit, name=name, **parameters))


def nats(fitted, data):
    """Mean log-probability of the test images, in nats, and the processor's seconds of the fit."""
    score = float(np.mean(fitted.model.score_samples(data[1])))
    return {"nats": score, "CPU seconds": fitted.cpu_seconds}


class Dequantized:
    """A density of images with uniform noise below each level, as a bound on their probabilities.

    The log-probability of an image is that of its cell, and at least the mean log-density within it
    (Theis, van den Oord & Bethge 2016); levels must be one apart.
    """

    def __init__(self, model, n_draws=20):
        self.model, self.n_draws = model, n_draws

    def score_samples(self, X):
        """Mean of log-densities over draws of the noise, (n,)."""
        rng = np.random.default_rng(0)
        draws = [self.model.score_samples(X + rng.random(X.shape)) for _ in range(self.n_draws)]
        return np.mean(draws, axis=0)


def fit_mixture(data, seed):
    """Scikit-learn's mixture of Gaussians, its size and least variance chosen on held-out rows."""
    from sklearn.mixture import GaussianMixture
    from sklearn.model_selection import train_test_split

    train, held_out = train_test_split(data[0], test_size=0.1, random_state=seed)
    rng = np.random.default_rng(seed)
    noisy, fits = train + rng.random(train.shape), []
    for k in (1, 5, 10, 20, 30):
        for floor in (0.03, 0.1, 0.3):
            model = Dequantized(GaussianMixture(k, reg_covar=floor, random_state=seed).fit(noisy))
            fits.append((model.score_samples(held_out).mean(), k, floor))
    _, k, floor = max(fits)
    X = data[0] + rng.random(data[0].shape)
    return Dequantized(GaussianMixture(k, reg_covar=floor, random_state=seed).fit(X))


MIXTURE = Contender(
    "GaussianMixture",
    cpu_timed(fit_mixture),
    package="scikit-learn",
    module="sklearn",
    warm_up=False,
)


def drawing_speed(fitted, data):
    """Scores, and how much faster ``sample`` is than a full pass for each value."""
    model, reached = fitted.model, nats(fitted, data)
    for n in N_DRAWN:
        start = time.perf_counter()
        model.sample(n, random_state=0)
        own = time.perf_counter() - start
        reached[f"{n} draws, times naive"] = seconds_of_naive_draws(model, n) / own
    return reached


def seconds_of_naive_draws(model, n):
    """Time of drawing n images of one channel by a pass of the whole network for each pixel.

    All passes cost the same, so that a few are timed. They run where the model draws.
    """
    import torch

    from skgen.training.device import inference_device

    device = inference_device(model.device)
    net = copy.deepcopy(model.module_.averaged_net).to(device)
    generator = torch.Generator(device).manual_seed(0)
    x = torch.zeros(n, *net.image_shape, device=device)
    start = time.perf_counter()
    with torch.no_grad():
        for _ in range(N_PASSES):
            x[:, :, 0, 0] = net.values.draw(net.outputs(x, None)[..., 0, 0], generator)
        x.cpu()  # a device may still be at work
    return (time.perf_counter() - start) * x[0].numel() / N_PASSES
