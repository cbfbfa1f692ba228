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
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skgen import VAE
from skgen.inspection import (
    InterpolationDisplay,
    LatentSpaceDisplay,
    ManifoldDisplay,
    TraversalDisplay,
)
from skgen.metrics import interpolation_smoothness

digits = load_digits()
X, y = digits.data / 16, digits.target
model = VAE(2, hidden_layer_sizes=(256, 128), random_state=0).fit(X)
print(f"{model.likelihood_}, {model.score(X):.2f} nats a row")

# %%
# The codes and the manifold
# --------------------------
# The grid reaches two and a half standard deviations of the prior to either side, and has the
# axes of the codes.

look = {"image_shape": (8, 8), "cmap": "gray_r", "vmin": 0, "vmax": 1}
angle = np.linspace(0, 2 * np.pi, 17)
circle = 1.2 * np.column_stack([np.cos(angle), np.sin(angle)])
fig, (left, right) = plt.subplots(
    1,
    2,
    figsize=(11, 5.2),
    layout="constrained",
)
LatentSpaceDisplay.from_estimator(model, X, y, ax=left, s=6)
left.plot(*circle.T, "--", color="gray")
left.set(title="posterior means of the digits", aspect="equal")
ManifoldDisplay.from_estimator(model, ax=right, **look)
right.set_title("the decoder over the plane")

# %%
# A latent walk
# -------------
# Once around the origin of the plane, the dashed circle of the figure above: the decoder passes
# from digit to digit without a jump and comes back to where it started.

steps = model.inverse_transform(circle)
InterpolationDisplay.from_predictions([steps], **look)

# %%
# Interpolation
# -------------
# From a zero to a three, and from a four to a nine: through the codes and, below, through the
# pixels, with a VAE of eight dimensions, which blurs less.

model = VAE(8, hidden_layer_sizes=(256, 128), random_state=0).fit(X)
start = np.stack([X[y == 0][3], X[y == 4][5]])
end = np.stack([X[y == 3][5], X[y == 9][2]])
InterpolationDisplay.from_estimator(
    model,
    start,
    end,
    path="linear",
    n_steps=10,
    blend=True,
    **look,
)

# %%
# Over many pairs: how much longer the way through the codes is than the straight line, and how much
# farther its middle is from the nearest digit than its ends are. A linear decoder goes straight. The
# VAE takes a longer way, from one kind of digit to the next, and in the middle of it is about as far
# from real ones.

pca = PCA(8).fit(X)
for name, decoder in {"VAE": model, "PCA": pca}.items():
    walks = interpolation_smoothness(
        decoder, decoder.transform(X), X=X, random_state=0
    )
    print(
        f"{name}: {walks.path_ratio:.2f} times the straight line, "
        f"its middle {walks.midpoint_distance:.2f} times as far"
    )

# %%
# One code at a time
# ------------------
# Each line moves one of the eight codes of the same zero, from -2.5 to 2.5 standard deviations of
# the prior, and leaves the others. Codes that change nothing are not in use.

TraversalDisplay.from_estimator(model, row=start[0], **look)
plt.show()
