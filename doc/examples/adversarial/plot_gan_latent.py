"""
Walks and sums in the latent space of a GAN
===========================================

The generator of a GAN is a smooth map from Gaussian latent rows to data rows. A line between two
latent rows becomes a walk from one digit to another, and sums and differences of latent rows carry
meaning over. ``invert`` finds the latent row of a given picture.
"""

# %%
# Fit
# ---

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skgen import GAN

digits = load_digits()
X, y = digits.data, digits.target
model = GAN(max_iter=120, batch_size=64, learning_rate=2e-3, random_state=0).fit(X)
print(f"coverage {model.coverage_:.2f}, score {model.score(X):.4f}")


def show(rows, titles=None, n_columns=10):
    """Draw 8 x 8 digits in a table."""
    n_rows = -(-len(rows) // n_columns)
    fig, axes = plt.subplots(
        n_rows, n_columns, figsize=(n_columns, 1.15 * n_rows), layout="constrained", squeeze=False
    )
    for ax in axes.flat:
        ax.set_axis_off()
    for i, (ax, row) in enumerate(zip(axes.flat, rows)):
        ax.imshow(row.reshape(8, 8), cmap="gray_r", vmin=0, vmax=16)
        if titles is not None:
            ax.set_title(titles[i], fontsize=9)


show(model.sample(20, random_state=0))

# %%
# Interpolation
# -------------
# Between two latent rows on the sphere where Gaussian rows lie: a straight line would pass nearer
# to the origin than draws ever do.

rng = np.random.default_rng(1)


def walk(start, end, n):
    """Latent rows on the arc from one row to another."""
    cosine = start @ end / np.linalg.norm(start) / np.linalg.norm(end)
    angle = np.arccos(cosine)
    share = np.linspace(0, 1, n)[:, None]
    return (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)


corners = rng.standard_normal((4, 2, model.n_components_))
show(model.generate(np.concatenate([walk(start, end, 10) for start, end in corners])))

# %%
# From a picture to its code
# --------------------------
# Above: digits from the data. Below: the nearest that the generator can draw.

some = np.array([X[y == k][5] for k in range(10)])
codes = model.invert(some)
show(np.concatenate([some, model.generate(codes)]))

# %%
# Vector arithmetic
# -----------------
# The mean code of a class is a typical member of it, and a difference of two means is a direction.
# What turns a 3 into an 8 closes open sides: half a step of it makes an 8 of a 9, whereas a 1,
# which has nothing to close, stays what it is. A whole step leads beyond the digits.

means = np.array([model.invert(X[y == k][:40]).mean(axis=0) for k in range(10)])
sums = []
for step in (0.0, 0.5, 1.0):
    sums += list(model.generate(means[[5, 9, 1]] + step * (means[8] - means[3])))
titles = ["5", "9", "1", "5 + ½(8-3)", "9 + ½(8-3)", "1 + ½(8-3)", "5 + 8-3", "9 + 8-3", "1 + 8-3"]
show(sums, titles, n_columns=9)
plt.show()
