"""
What collapse looks like, and which remedy cures it
===================================================

A generator that fools the critic with a few kinds of rows has no reason to draw the others: the
modes of the data collapse. :class:`skgen.GAN` measures how much of the data its draws cover, and
warns when it is little. Here a plain GAN collapses on a grid of modes, and each remedy is added to
it alone.
"""

# %%
# A plain GAN, and remedies
# -------------------------
# The plain model has no penalty on the critic's gradient, and neither calibration nor output noise;
# the last one has all three, as it is by default.

import warnings

import matplotlib.pyplot as plt
import numpy as np

from skgen import GAN, fit_seeds

rng = np.random.default_rng(0)
ticks = np.arange(-4, 5, 4.0)
centers = np.array([[a, b] for a in ticks for b in ticks])
X = centers[rng.integers(9, size=5000)] + 0.1 * rng.standard_normal(
    (5000, 2)
)

PLAIN = {
    "gradient_penalty": None,
    "output_noise": 0,
    "calibration": 0,
    "hidden_layer_sizes": (64, 64, 64),
    "critic_layer_sizes": (64, 64),
    "batch_size": 100,
    "max_iter": 12,
    "random_state": 0,
}
PENALTIES = {"gradient_penalty": "r1_r2"}
REMEDIES = {
    "plain": {},
    "packing": {"packing": 3},
    "minibatch\ndiscrimination": {"minibatch_discrimination": 4},
    "penalties\non the gradient": PENALTIES,
    "penalties and\ncalibration": {
        **PENALTIES,
        "calibration": "auto",
        "output_noise": "auto",
    },
}

fig, axes = plt.subplots(2, 3, figsize=(7.5, 5.4), layout="constrained")
for ax, (name, remedy) in zip(axes.flat, REMEDIES.items()):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = GAN(**{**PLAIN, **remedy}).fit(X)
    draws = model.sample(2000, random_state=0)
    near = ((draws[:, None] - centers) ** 2).sum(axis=2) < 0.3**2
    words = name.replace("\n", " ")
    print(
        f"{words:26} coverage {model.coverage_:.2f}, {near.any(axis=0).sum()} of 9 modes, "
        f"{near.any(axis=1).mean():.0%} of the draws near one, "
        f"{'warned' if caught else 'no warning'}"
    )
    ax.scatter(*draws.T, s=2, alpha=0.4)
    ax.scatter(
        *centers.T,
        s=60,
        facecolors="none",
        edgecolors="tab:red",
        linewidths=0.7,
    )
    ax.set(
        xlim=(-6, 6),
        ylim=(-6, 6),
        xticks=[],
        yticks=[],
        aspect="equal",
        title=name,
    )
axes.flat[-1].set_axis_off()
plt.show()

# %%
# Bad luck?
# ---------
# :func:`skgen.fit_seeds` trains a GAN from several seeds side by side. Without a penalty each of
# them collapses, with it none.

for name in ("plain", "penalties\non the gradient"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = fit_seeds(
            GAN(**{**PLAIN, **REMEDIES[name]}), X, seeds=range(3)
        )
    coverages = " ".join(f"{model.coverage_:.2f}" for model in fits)
    print(
        f"{name.splitlines()[0]:10} coverage of three seeds {coverages}"
    )

# %%
# How to read it:
#
# - **Coverage** is the share of the training rows near which a draw fell. Where it is below half of
#   what a perfect model would reach, ``fit`` warns and says the number.
# - Packing and minibatch discrimination let the critic see several rows at once, so that draws
#   which are all alike give themselves away. Here, where the players circle each other, that is
#   not enough.
# - The zero-centered penalties keep the critic's slopes low at the data and at the draws. The
#   players stop circling, and a mode once found is not left; they are part of the defaults.
# - The calibration removes the draws between the modes. It cannot bring back a mode that the
#   generator has lost.
