"""What the cases of images pixel by pixel share: fits, scores on one measure, naive draws."""

import time
from functools import partial

import numpy as np

from benchmarks.core import Contender

N_DRAWN = 16


def fit(data, seed, *, name, **parameters):
    """A model of skgen, fitted to ``data[0]``."""
    import skgen

    return getattr(skgen, name)(random_state=seed, **parameters).fit(data[0])


def fitting(name, **parameters):
    """``run(data, seed)`` of a model of skgen with these parameters."""
    return partial(fit, name=name, **parameters)


def nats(model, data):
    """Mean log-probability of the test images, in nats."""
    return {"nats": float(np.mean(model.score_samples(data[1])))}


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
    "GaussianMixture", fit_mixture, package="scikit-learn", module="sklearn", warm_up=False
)


def drawing_speed(model, data):
    """Scores, and how much faster ``sample`` is than a full pass for each value."""
    start = time.perf_counter()
    model.sample(N_DRAWN, random_state=0)
    own = time.perf_counter() - start
    start = time.perf_counter()
    naive_draws(model, N_DRAWN)
    return nats(model, data) | {"drawing, times naive": (time.perf_counter() - start) / own}


def naive_draws(model, n):
    """Images drawn by a pass of the whole network for each pixel, of one channel."""
    import torch

    net = model.module_.averaged_net
    generator = torch.Generator().manual_seed(0)
    x = torch.zeros(n, *net.image_shape)
    with torch.no_grad():
        for row in range(x.shape[2]):
            for column in range(x.shape[3]):
                out = net.outputs(x, None)[..., row, column]
                x[:, :, row, column] = net.values.draw(out, generator)
    return x
