"""Rows that the decoder of a variational autoencoder makes of latent ones."""

import numpy as np
import torch

from skgen.base.labels import one_hot
from skgen.training import inference_device, torch_generator


def drawn_rows(estimator, n_samples, rng, code):
    """Draws from the model, given the code of their labels or conditions, if any."""
    generator = torch_generator(rng, inference_device(estimator.device))

    def draw(likelihood, out):
        how = {"device": out.device, "dtype": torch.float32}
        noise = torch.randn(out.shape, generator=generator, **how)
        return likelihood.draw(out, noise)

    return _decode_prior(estimator, draw, n_samples, rng, code)


def drawn_means(estimator, n_samples, rng, code):
    """Means given latent rows that are drawn; with the same seed they belong to the draws."""
    torch_generator(rng, inference_device(estimator.device))

    def mean(likelihood, out):
        return likelihood.mean(out)

    return _decode_prior(estimator, mean, n_samples, rng, code)


def code_of_label(estimator, number, n_samples):
    """The code of a label, or of a condition that is a class, by its number."""
    if estimator._conditions is not None:
        return estimator._conditions.code_of_class(number, n_samples)
    return one_hot(np.full(n_samples, number), np.arange(estimator.module_.n_classes))


def _decode_prior(estimator, see, n_samples, rng, code):
    """``see(likelihood, out)`` of the decoder at draws from the prior, in units of X.

    The decoder reads the code of labels or conditions behind them, if any; labels that are
    not given are drawn.
    """

    def rows(net, z):
        return see(net.likelihood, net.decode(z))

    shape = n_samples, estimator._at_fit("n_components")
    z = rng.standard_normal(shape).astype(np.float32)
    if estimator.module_.n_classes and code is None:
        p = estimator.module_.log_prior().double().exp().numpy()
        code = np.eye(len(p), dtype=np.float32)[rng.choice(len(p), n_samples, p=p / p.sum())]
    if code is not None:
        z = np.concatenate([z, code], axis=1)
    return estimator._unstandardize(estimator._apply(rows, z), estimator._built_for["dtype"])


def decoded_units(estimator, Z, number, code):
    """Means of rows given units of a layer, and the code of their conditions or None."""
    n_features = estimator._built_for["n_features"]
    if code is None:
        means = estimator._apply(lambda net, units: net.rebuilt(units, number, n_features), Z)
        return estimator._unstandardize(means)

    def given(net, rows):
        units, beside = rows.split([Z.shape[1], code.shape[1]], dim=1)
        return net.rebuilt(units, number, n_features, beside)

    rows = np.concatenate([Z, code], axis=1, dtype=Z.dtype)
    return estimator._unstandardize(estimator._apply(given, rows))
