"""Draws of a fitted GAN, what its critic says to them, and the latent rows of pictures."""

from functools import partial

import numpy as np
import torch

from skgen.adversarial.inversion import N_CANDIDATES, invert
from skgen.adversarial.rejection import (
    N_PILOT,
    acceptance_rate,
    log_ratio_cap,
    rejection_sample,
    rejection_sample_given,
)
from skgen.nets.adversarial.critics.recognition import ENTROPY, log_densities


def latent_rows(gan, n_samples, rng):
    """Standard normal rows."""
    return rng.standard_normal((n_samples, gan.n_components_)).astype(np.float32)


def beside(rows, code):
    """Rows with the code of their conditions behind, if there is one."""
    return rows if code is None else np.concatenate([rows, code], axis=1, dtype=rows.dtype)


def generated(gan, Z, code=None):
    """Rows of the averaged generator, in the units of the networks."""
    return gan._apply(lambda net, z: net.generate_averaged(z), beside(Z, code))


def proposed(gan, n_samples, rng, code=None):
    """Draws before rejection as the critic sees them, in the units of the networks."""
    z = latent_rows(gan, n_samples, rng)
    x = generated(gan, z, code)
    noise = float(gan.module_.output_noise)
    x = x + noise * rng.standard_normal(x.shape).astype(x.dtype) if noise else x
    return x if gan.module_.encoder is None else np.hstack([x, z])


def log_ratios(gan, rows, code=None):
    """Output of the critic for what it sees, in the units of the networks."""
    return gan._apply(lambda net, x: net.score(x).double(), beside(rows, code))


def pilot(gan, code):
    """Cap of the rejection, and the fraction of the draws that it keeps."""
    ratios = log_ratios(gan, proposed(gan, N_PILOT, np.random.RandomState(0), code), code)
    cap = log_ratio_cap(ratios)
    return cap, acceptance_rate(ratios, cap)


def drawn(gan, n_samples, rng, code=None):
    """Draws in the units of the networks, thinned where the fit was calibrated."""
    if gan._cap is None:
        rows = proposed(gan, n_samples, rng, code)
    elif code is None:

        def propose(n):
            rows = proposed(gan, n, rng)
            return rows, log_ratios(gan, rows)

        rows = rejection_sample(propose, n_samples, gan._cap, gan.acceptance_rate_, rng)
    else:

        def propose_given(code):
            rows = proposed(gan, len(code), rng, code)
            return rows, log_ratios(gan, rows, code)

        rows = rejection_sample_given(propose_given, code, gan._cap, gan.acceptance_rate_, rng)
    return rows[:, : gan.n_features_in_]


def nearest_codes(gan, X, weights, *, code=None, near=None):
    """Latent rows whose images come nearest to weighted rows, all in the units of the networks.

    With ``near`` they stay near to these latent rows.
    """
    candidates = latent_rows(gan, N_CANDIDATES, np.random.RandomState(0))
    parts = {"x": X, "weights": weights, "y": code, "near": near}
    parts = {name: part for name, part in parts.items() if part is not None}
    widths = [part.shape[1] for part in parts.values()]

    def search(net, rows):
        given = dict(zip(parts, rows.split(widths, dim=1)))
        if net.encoder is not None:
            given["guess"] = net.averaged_encoder(given["x"])
        generate = partial(net.generate, averaged=True)
        return invert(generate, candidates=torch.from_numpy(candidates).to(rows), **given)[0]

    return gan._apply(search, np.concatenate(list(parts.values()), axis=1, dtype=X.dtype))


def code_information(gan, code):
    """Lower bounds on the mutual information of codes and a draw in nats, as fitted attributes."""
    heads, n_components = gan.module_.critic.recognition, gan.n_components_
    if "categories" not in heads and "codes" not in heads:
        return {}
    z = latent_rows(gan, N_PILOT, np.random.RandomState(0))

    def log_density(net, rows):
        features = net.critic.penultimate(net.generate_averaged(rows))
        return log_densities(net.critic.recognition, features, rows, n_components)

    found = gan._apply(log_density, beside(z, code)).mean(axis=0, dtype=np.float64)
    facts = {}
    if "categories" in heads:
        facts["category_information_"] = float(np.log(code.shape[1] - 1) + found[0])
        found = found[1:]
    if "codes" in heads:
        facts["code_information_"] = ENTROPY + found
    return facts


def edited(gan, X, wanted, counts, code):
    """Images near to rows that come near to weighted ones, in the units of the networks."""
    start = nearest_codes(gan, X, np.ones_like(X), code=code)
    return generated(gan, nearest_codes(gan, wanted, counts, code=code, near=start), code)
