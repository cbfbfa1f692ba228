"""What draws of handwritten digits are worth, beside held-out digits."""

import numpy as np


def fit_gan(data, seed):
    from skgen import GAN

    return GAN(max_iter=data[3], device="cpu", random_state=seed).fit(data[0])


def fit_vae(data, seed):
    from skgen import VAE

    return VAE(likelihood="gaussian", device="cpu", random_state=seed).fit(data[0])


def fit_mixture(data, seed):
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(20, reg_covar=1e-3, random_state=seed).fit(data[0])


def evaluate(model, data):
    """As many draws as there are held-out digits, and the classes of ten times as many."""
    from skgen.kernels.two_sample.coverage import coverage
    from skgen.kernels.two_sample.distances import length_scales
    from skgen.kernels.two_sample.mmd import bandwidths_between, unbiased_mmd2

    _, test, judge, _ = data
    draws = model.sample(10 * len(test))
    draws = draws[0] if isinstance(draws, tuple) else draws
    draws = draws[np.random.default_rng(0).permutation(len(draws))]
    share = np.bincount(judge.predict(draws), minlength=10) / len(draws)
    some = draws[: len(test)]
    widths = bandwidths_between(*length_scales(test))
    present = share > 0
    classes = {f"share of {digit}": value for digit, value in enumerate(share)}
    return {
        "MMD^2": unbiased_mmd2(test, some, widths),
        "coverage": coverage(test, some),
        "draws near data": coverage(some, test),
        "KL of the classes": float((share[present] * np.log(10 * share[present])).sum()),
        "classes": int((share > 0.02).sum()),
        **classes,
    }
