"""Missing features of rows, filled by the chains of a variational autoencoder."""

from itertools import islice

import numpy as np
import torch

from skgen.training import inference_device, torch_generator

N_VALUES = 2**19  # of one intermediate array: 2 MiB in float32


def conditional_means(estimator, X, code=None):
    """X with every NaN at its conditional mean, given the code of the conditions of its rows."""
    n_steps = estimator.n_gibbs_steps

    def conditional_mean(net, x, missing):
        generator = torch.Generator(x.device).manual_seed(0)
        chain = net.completions(x, missing, n_steps, generator, shared=True)
        # The first half of the chain forgets its start.
        kept = islice((mean for _, mean in chain), n_steps // 2, None)
        return sum(kept) / (n_steps - n_steps // 2)

    return _complete(estimator, X, code, conditional_mean, n_values=N_VALUES // 4)[0]


def conditional_draws(estimator, X, n_draws, rng, code=None):
    """Copies of X with every NaN drawn, (n_draws, n, d)."""
    generator = torch_generator(rng, inference_device(estimator.device))

    def last_draw(net, x, missing):
        chain = net.completions(x, missing, estimator.n_gibbs_steps, generator, n_draws=n_draws)
        for draw, _ in chain:
            last = draw
        return last

    return _complete(estimator, X, code, last_draw, n_draws)


def _complete(estimator, X, code, complete, n_draws=1, n_values=N_VALUES):
    """``complete(net, x, missing)`` over blocks of rows, shape (n_draws, n, d), units of X."""

    def run(net, x):
        missing = x[:, : X.shape[1]].isnan()
        return complete(net, x.nan_to_num(0.0), missing).transpose(0, 1)

    out = np.empty((n_draws, *X.shape), X.dtype)
    n_values //= max(1, estimator.module_.n_classes)
    step = max(1, n_values // (n_draws * X.shape[1]))
    for rows in (slice(start, start + step) for start in range(0, len(X), step)):
        seen = estimator._conditioned(X[rows], None if code is None else code[rows])
        filled = estimator._apply(run, seen, block=step)
        filled = estimator._unstandardize(filled.transpose(1, 0, 2))
        # What was observed keeps its digits.
        out[:, rows] = np.where(np.isnan(X[rows]), filled, X[rows])
    return out
