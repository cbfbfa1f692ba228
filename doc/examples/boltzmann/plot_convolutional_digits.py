"""
Filters that are the same everywhere
====================================

A convolutional machine learns small filters of pen strokes, each of which it looks for at every
place of an image. Pooled units say that a filter was found somewhere in a block of two by two
places, whichever of them it was.
"""

# %%
# Fit
# ---
# Pixels of at least half the range are ink. The score is a log-probability, in nats an image, with
# log Z by annealed importance sampling. The defaults are those for features; a density wants chains
# that persist, and units as active as they like.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skgen import ConvolutionalRBM
from skgen.inspection import SamplesDisplay

X = (load_digits().data >= 8).astype("float32")
X, X_test = train_test_split(X, test_size=360, random_state=0)
model = ConvolutionalRBM(
    16,
    filter_size=4,
    negative_phase="pcd",
    sparsity_target=None,
    max_iter=40,
    n_ais_steps=200,
    random_state=0,
)
model.fit(X)
rates = np.clip(X.mean(axis=0), 1e-3, 1 - 1e-3)
independent = np.where(X_test == 1, np.log(rates), np.log1p(-rates))
print(f"independent pixels: {independent.sum(axis=1).mean():.2f} nats")
print(f"filters: {model.score(X_test):.2f} nats")

# %%
# Filters
# -------
# Where a filter is found, it makes red pixels more probable, and blue ones less.

largest = np.abs(model.filters_).max()
fig, axes = plt.subplots(2, 8, figsize=(8, 2.2), layout="constrained")
for ax, image in zip(axes.flat, model.filters_[:, 0]):
    ax.imshow(image, cmap="RdBu_r", vmin=-largest, vmax=largest)
    ax.set(xticks=[], yticks=[])

# %%
# Pooled features
# ---------------
# A held-out digit, and where its six most different maps of pooled units are on. The features of
# ``transform`` are such maps, side by side.

maps = model.transform(X_test).reshape(-1, *model.pooled_shape_)
busiest = np.argsort(-maps.var(axis=0).sum(axis=(1, 2)))[:6]
fig, axes = plt.subplots(4, 7, figsize=(8, 4.8), layout="constrained")
for line, digit, found in zip(axes, X_test, maps):
    line[0].imshow(digit.reshape(8, 8), cmap="gray_r")
    for ax, number in zip(line[1:], busiest):
        ax.imshow(found[number], cmap="magma", vmin=0, vmax=1)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])

# %%
# Draws
# -----
# On the left digits of the data, on the right draws of the machine. Each stroke is right, but
# filters of half a digit do not know of its other half: that takes layers above.

SamplesDisplay.from_predictions(
    model.sample(100, random_state=0),
    X[:100],
    image_shape=(8, 8),
    cmap="gray_r",
)
plt.show()
