"""
A GAN learns a ring of eight modes
==================================

Eight tight spots on a circle are where generative adversarial networks are known to fail: the
generator finds some of the spots and forgets the others, or jumps between them. This example
follows the draws through the training, and then looks at what the last step of :class:`skgen.GAN`,
the calibration, adds.
"""

# %%
# The training as a strip of frames
# ---------------------------------
# ``partial_fit`` runs one epoch at a time. The draws start as a smear, are stretched over the ring
# and then gather in the spots; no spot is lost on the way.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skgen import GAN

rng = np.random.default_rng(0)
angles = 2 * np.pi * np.arange(8) / 8
centers = np.column_stack([np.cos(angles), np.sin(angles)])
X = centers[rng.integers(8, size=10_000)] + 0.01 * rng.standard_normal(
    (10_000, 2)
)

model = GAN(batch_size=128, calibration=0, random_state=0)
epochs = [1, 2, 3, 4, 6, 8, 10]
frames = []
for epoch in range(1, epochs[-1] + 1):
    model.partial_fit(X)
    if epoch in epochs:
        frames.append(model.sample(1000, random_state=0))


def show(ax, rows, title):
    """Scatter rows over the circle."""
    ax.scatter(*rows.T, s=2, alpha=0.4)
    ax.set(
        xlim=(-1.4, 1.4),
        ylim=(-1.4, 1.4),
        xticks=[],
        yticks=[],
        aspect="equal",
        title=title,
    )


fig, axes = plt.subplots(2, 4, figsize=(8, 4.2), layout="constrained")
for ax, frame, epoch in zip(axes.flat, frames, epochs):
    show(ax, frame, f"epoch {epoch}")
show(axes[1, -1], X[:1000], "data")

# %%
# A complete fit
# --------------
# ``fit`` lowers the step and the penalty toward the end. Then the generator is finished: noise
# restores the width that it took from the spots, the critic alone goes on to learn, and ``sample``
# rejects draws that the critic knows to be too frequent. The bridges between the spots go. The
# squares in the middle magnify the spot at the right.

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    model = GAN(batch_size=128, max_iter=20, random_state=0).fit(X)
raw = model.generate(rng.standard_normal((2500, 2)))
draws = model.sample(2500)
print(f"{model.acceptance_rate_:.0%} of the draws are kept")


def report(name, rows):
    """Print what the rows reach; the bar of the literature is 3 sds from a mode."""
    squares = ((rows[:, None] - centers) ** 2).sum(axis=2)
    mode, good = squares.argmin(axis=1), squares.min(axis=1) < 0.03**2
    sd = np.sqrt(
        np.mean(
            [
                rows[good & (mode == k)].var(axis=0).mean()
                for k in np.unique(mode)
            ]
        )
    )
    print(
        f"{name:10} {len(np.unique(mode[good]))} modes, {good.mean():6.1%} near one, "
        f"{sd / 0.01:.2f} of their width"
    )


report("generator", raw)
report("sample", draws)
report("data", X[:2500])

fig, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
show(axes[0], raw, "the generator")
show(axes[1], draws, "sample")
show(axes[2], X[:2500], "data")
inset = {
    "xlim": (0.94, 1.06),
    "ylim": (-0.06, 0.06),
    "xticks": [],
    "yticks": [],
}
for ax, rows in zip(axes, (raw, draws, X[:2500])):
    small = ax.inset_axes([0.3, 0.3, 0.4, 0.4])
    small.scatter(*rows.T, s=2)
    small.set(**inset)
plt.show()
