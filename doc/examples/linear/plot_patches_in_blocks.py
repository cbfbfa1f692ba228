"""
Every patch of a picture, in blocks
===================================

A picture of 427 x 640 pixels has 266 000 patches of 8 x 8: more
numbers than anyone would like to hold at once. As an array of dask
they are cut from a few lines at a time, when they are needed. A
density is fitted to all of them, and then says of each how
surprising it is.
"""

# %%
# Patches that are not there yet
# ------------------------------
# Lines of the picture are the blocks, with the seven lines below them.

import dask
import dask.array as da
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

from skgen import ProbabilisticPCA
from skgen.inspection import ComponentsDisplay

SIDE, LINES = 8, 20
picture = load_sample_image("china.jpg").mean(axis=2) / 255
height, width = np.subtract(picture.shape, SIDE - 1)


def patches_below(lines):
    """All patches whose upper edge is in these lines, one a row."""
    first, last = lines[0], lines[-1] + SIDE
    windows = np.lib.stride_tricks.sliding_window_view(
        picture[first:last], (SIDE, SIDE)
    )
    rows = windows.reshape(-1, SIDE * SIDE)
    return rows - rows.mean(axis=1, keepdims=True)


lines = np.split(np.arange(height), range(LINES, height, LINES))
blocks = [
    da.from_delayed(
        delayed, (len(own) * width, SIDE * SIDE), dtype=float
    )
    for own, delayed in zip(
        lines, map(dask.delayed(patches_below), lines)
    )
]
X = da.concatenate(blocks)
print(f"{X.shape[0]} patches, {X.nbytes / 1e6:.0f} MB in all")
print(f"{len(blocks)} blocks of {blocks[0].nbytes / 1e6:.0f} MB")

# %%
# The fit
# -------
# Each block adds to the means and covariances, and is forgotten.

model = ProbabilisticPCA(24).fit(X)
ComponentsDisplay.from_estimator(model, image_shape=(SIDE, SIDE))

# %%
# What is surprising
# ------------------
# Scores are lazy as well: an array in as many blocks, of which the
# picture below is made. Sky is likely; edges of roofs, writing and
# leaves are not.

scores = model.score_samples(X)
print(scores)
surprise = -scores.compute().reshape(height, width)

fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
axes[0].imshow(picture, cmap="gray")
axes[1].imshow(surprise, cmap="magma", vmax=np.quantile(surprise, 0.99))
for ax, title in zip(axes, ("the picture", "nats of surprise")):
    ax.set_axis_off()
    ax.set_title(title)
plt.show()
