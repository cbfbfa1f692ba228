"""
The manifold of a two-dimensional VAE
=====================================

A variational autoencoder with two latent dimensions lays the handwritten digits out on a plane.
Decoding a grid of that plane shows how one digit turns into another; a straight line between two
codes is a walk through plausible digits, whereas a straight line between their pixels is a fade.
"""

# %%
# Fit
# ---
# The pixels, 0 to 16, are divided by 16. More than a quarter of them are 0 or 1, so
# ``likelihood="auto"`` takes the Bernoulli likelihood of gray images.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm
from sklearn.datasets import load_digits

from skgen import VAE

digits = load_digits()
X, y = digits.data / 16, digits.target
model = VAE(n_components=2, hidden_layer_sizes=(256, 128), random_state=0).fit(X)
print(f"{model.likelihood_}, {model.score(X):.2f} nats a row")

# %%
# The codes and the manifold
# --------------------------
# The grid is even in the probability of the prior: its cells are equally likely.

levels = norm.ppf(np.linspace(0.03, 0.97, 16))
grid = np.array([[a, b] for b in levels[::-1] for a in levels])
tiles = model.inverse_transform(grid).reshape(16, 16, 8, 8)
sheet = tiles.transpose(0, 2, 1, 3).reshape(128, 128)

codes = model.transform(X)
angle = np.linspace(0, 2 * np.pi, 17)
circle = 1.2 * np.column_stack([np.cos(angle), np.sin(angle)])
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 5.2), layout="constrained")
points = left.scatter(*codes.T, c=y, s=6, cmap="tab10", vmin=-0.5, vmax=9.5)
left.plot(*circle.T, "k--")
fig.colorbar(points, ax=left, ticks=range(10), label="digit")
left.set(title="posterior means of the digits", xlabel="$z_1$", ylabel="$z_2$")
right.imshow(sheet, cmap="gray_r", vmin=0, vmax=1)
right.set(title="the decoder over the plane", xticks=[], yticks=[])

# %%
# A latent walk
# -------------
# Once around the origin of the plane, the dashed circle of the figure above: the decoder passes
# from digit to digit without a jump and comes back to where it started.

steps = model.inverse_transform(circle)
walk, axes = plt.subplots(1, len(steps), figsize=(11, 0.9), layout="constrained")
for ax, step in zip(axes, steps):
    ax.imshow(step.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])

# %%
# Interpolation
# -------------
# From a zero to a three: through the codes (top) and through the pixels (bottom), with a VAE of
# eight dimensions, which blurs less.

model = VAE(n_components=8, hidden_layer_sizes=(256, 128), random_state=0).fit(X)
start, end = X[y == 0][3], X[y == 3][5]
share = np.linspace(0, 1, 10)[:, None]
z_start, z_end = model.transform(np.stack([start, end]))
between = model.inverse_transform((1 - share) * z_start + share * z_end)
fade = (1 - share) * start + share * end
fig, axes = plt.subplots(2, 10, figsize=(10, 2.4), layout="constrained")
for row, (name, frames) in zip(axes, {"codes": between, "pixels": fade}.items()):
    row[0].set_ylabel(name)
    for ax, frame in zip(row, frames):
        ax.imshow(frame.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
plt.show()
