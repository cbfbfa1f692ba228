"""
Patches whose covariance depends on what they show
==================================================

Neighboring pixels are alike, except across an edge. A Gaussian, and so factor analysis, can only
say how alike they are on average; a :class:`skgen.GaussianBernoulliRBM` moves the mean, and keeps
one noise for all patches. In a :class:`skgen.MeanCovarianceRBM` hidden units hold *smoothness
constraints*: each is on for most patches and forbids them to vary along its filters, and an edge
turns off the few that it violates (Ranzato & Hinton 2010). A :class:`skgen.ProductOfStudentT`
makes the same constraints soft, by heavy tails (Welling, Hinton & Osindero 2003).
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

from skgen import FactorAnalysis, MeanCovarianceRBM, ProductOfStudentT
from skgen.inspection import ComponentsDisplay, SamplesDisplay

# %%
# Patches
# -------
#
# 6 x 6 pixels of two photographs, the test patches from their right quarter. Noise as large as the
# steps between gray values makes a density of them.

SIDE = 6
rng = np.random.default_rng(0)
plt.rcParams["figure.constrained_layout.use"] = True


def draw_patches(images, n):
    """Patches at random places, (n, SIDE * SIDE)."""
    rows = []
    for image in images:
        views = np.lib.stride_tricks.sliding_window_view(
            image, (SIDE, SIDE)
        )
        r, c = (
            rng.integers(size, size=n // 2) for size in views.shape[:2]
        )
        rows.append(views[r, c].reshape(n // 2, -1))
    rows = np.vstack(rows)
    return rows + rng.uniform(-0.5, 0.5, rows.shape)


photographs = [
    scene.mean(axis=2) for scene in load_sample_images().images
]
train = draw_patches([image[:, :480] for image in photographs], 10000)
test = draw_patches([image[:, 480:] for image in photographs], 2000)

# %%
# The fits, in nats
# -----------------
#
# All see the same patches. The constant of the two machines is estimated by annealing.

models = {
    "factor analysis": FactorAnalysis(8),
    "Student's t": ProductOfStudentT(36, max_iter=10, random_state=0),
    "mean and covariance": MeanCovarianceRBM(
        36, max_iter=10, random_state=0
    ),
}
for name, model in models.items():
    model.fit(train)
    print(f"{name:20} {model.score(test):8.2f} nats a patch")

# %%
# What the units watch over
# -------------------------
#
# The patterns that filters answer to. Factors are broad waves. Constraints are edges and fine
# waves, each at a place: what a patch most often does not have there.

fig, axes = plt.subplots(1, 3, figsize=(9, 3.4))
shown = {
    "factor analysis": models["factor analysis"].components_,
    "Student's t": models["Student's t"].patterns_,
    "mean and covariance": models["mean and covariance"].patterns_,
}
for ax, (name, patterns) in zip(axes, shown.items()):
    order = np.argsort(-np.square(patterns).sum(axis=1))[:36]
    ComponentsDisplay.from_predictions(
        patterns[order],
        image_shape=(SIDE, SIDE),
        scale_each=True,
        ax=ax,
    )
    ax.set_title(name)

# %%
# Draws
# -----
#
# Most real patches are flat, and a few hold an edge. Draws of the Gaussian are all equally rough;
# those of the machine have calm and busy ones.

fig, axes = plt.subplots(1, 3, figsize=(9, 3.4))
draws = {
    "photographs": test[rng.permutation(len(test))[:36]],
    "factor analysis": models["factor analysis"].sample(36),
    "mean and covariance": models["mean and covariance"].sample(36),
}
for ax, (name, rows) in zip(axes, draws.items()):
    # Each patch about its own middle, so that its texture shows.
    rows = rows - rows.mean(axis=1, keepdims=True)
    display = SamplesDisplay.from_predictions(
        rows, image_shape=(SIDE, SIDE), ax=ax
    )
    display.axes_.flat[0].set_title(name)

# %%
# Calm and busy
# -------------
#
# The spread of the gray values within a patch, on a logarithmic scale, says the same in numbers: a
# Gaussian has patches of one kind.

fig, ax = plt.subplots(figsize=(6, 3.2))
spreads = {
    "photographs": test,
    "factor analysis": models["factor analysis"].sample(2000),
    "mean and covariance": models["mean and covariance"].sample(1000),
}
bins = np.geomspace(0.3, 100, 40)
for name, rows in spreads.items():
    weights = np.full(len(rows), 1 / len(rows))
    ax.hist(
        rows.std(axis=1),
        bins,
        weights=weights,
        histtype="step",
        label=name,
    )
ax.set_xscale("log")
ax.set_xlabel("standard deviation of a patch, gray levels")
ax.set_ylabel("fraction of the patches")
ax.legend()
plt.show()
