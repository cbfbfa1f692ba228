"""
One energy, three trainings
===========================

A :class:`skgen.EnergyBasedModel` takes any function of a row, gives low values to likely rows, and
makes a density of it. The constant that this takes is an integral over all rows, and there are
three ways around it: chains that draw from the model show where its energy is too low (persistent
contrastive divergence, Tieleman 2008), the slope of the energy is fitted to that of the data, in
which the constant has no part (score matching, Hyvarinen 2005), or it is taught to point from
rows with noise back to the rows (denoising score matching, Vincent 2011).
"""

import time

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import make_moons

from skgen import EnergyBasedModel, FactorAnalysis

# %%
# An energy of one's own
# ----------------------
#
# The module sees columns of mean 0 and variance 1: here bumps of any place and width, in any
# number. It need not grow at infinity, since a wide normal law (``confinement``) keeps the density
# normalizable. ``energy=None`` would take a perceptron.

X, _ = make_moons(2000, noise=0.15, random_state=0)
test, _ = make_moons(4000, noise=0.15, random_state=1)


class Bumps(torch.nn.Module):
    """Energy that is low around centers: minus the log of a sum of bumps."""

    def __init__(self, n_features, n_bumps=16):
        super().__init__()
        self.centers = torch.nn.Parameter(
            torch.randn(n_bumps, n_features)
        )
        self.log_widths = torch.nn.Parameter(torch.zeros(n_bumps))
        self.heights = torch.nn.Parameter(torch.zeros(n_bumps))

    def forward(self, x):
        squares = (x.unsqueeze(1) - self.centers).square().sum(-1)
        bumps = self.heights - 0.5 * squares * torch.exp(
            -2 * self.log_widths
        )
        return -torch.logsumexp(bumps, dim=1)


trainings = "pcd", "score_matching", "denoising_score_matching"
models = {}
for training in trainings:
    model = EnergyBasedModel(
        Bumps,
        training=training,
        n_leapfrog_steps=3,
        batch_size=200,
        learning_rate=0.02,
        learning_rate_schedule="cosine",
        max_iter=50,
        random_state=0,
    )
    start = time.process_time()
    models[training] = model.fit(X)
    seconds = time.process_time() - start
    nats = model.score(test)
    print(f"{training:25} {nats:6.2f} nats {seconds:5.0f} s")
normal = FactorAnalysis(1).fit(X).score(test)
print(f"{'a normal law':25} {normal:6.2f} nats")

# %%
# What they learned
# -----------------
#
# In two dimensions log Z is a sum over a grid, so that all three densities are known. The one of
# denoising score matching is that of rows with noise, and a little wider. Score matching looks at
# slopes where rows are, and can leave a bump where none are: no chain ever went there to lower it.

side = np.linspace(-2, 3, 120), np.linspace(-1.5, 2, 120)
grid = np.stack(np.meshgrid(*side), -1)
fig, axes = plt.subplots(
    1, 4, figsize=(10, 2.6), layout="constrained", sharey=True
)
axes[0].plot(*X.T, ",")
axes[0].set_title("data")
for ax, training in zip(axes[1:], trainings):
    log_p = models[training].score_samples(grid.reshape(-1, 2))
    ax.pcolormesh(*side, np.exp(log_p).reshape(120, 120))
    ax.set_title(training.replace("_", " "), fontsize=9)
for ax in axes:
    ax.set(xlim=(-2, 3), ylim=(-1.5, 2), xticks=[], yticks=[])
plt.show()

# %%
# Draws
# -----
#
# Chains slide along the slope of the energy, whatever it was trained by.

fig, axes = plt.subplots(
    1, 3, figsize=(8, 2.6), layout="constrained", sharey=True
)
for ax, training in zip(axes, trainings):
    ax.plot(*models[training].sample(1000, random_state=0).T, ".", ms=2)
    ax.set_title(training.replace("_", " "), fontsize=9)
    ax.set(xlim=(-2, 3), ylim=(-1.5, 2), xticks=[], yticks=[])
plt.show()
