"""
By which angle is a digit turned?
=================================

Digits are turned by a random angle that few of them come with. A stacked autoencoder learns from all
of them how a turned digit looks; :class:`skgen.FineTunedRegressor` then goes on from its weights to
the angle (as Salakhutdinov & Hinton 2008 did for faces). Rows without a target are marked by NaN.
"""

# %%
# Turned digits
# -------------

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import rotate
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVR

from skgen import FineTunedRegressor, StackedAE

rng = np.random.default_rng(0)
images = np.pad(
    load_digits().images / 16, ((0, 0), (2, 2), (2, 2))
)  # room to turn
angles = rng.uniform(-60, 60, len(images))
X = np.stack(
    [
        rotate(image, angle, reshape=False, order=1).ravel()
        for image, angle in zip(images, angles)
    ]
)
order = rng.permutation(len(X))
train, test = order[:1200], order[1200:]

figure, axes = plt.subplots(
    1, 8, figsize=(8, 1.5), layout="constrained"
)
for ax, i in zip(axes, train):
    ax.imshow(X[i].reshape(12, 12), cmap="gray_r")
    ax.set(xticks=[], yticks=[], title=f"{angles[i]:.0f}°")

# %%
# With and without the others
# ---------------------------
# The same network from the autoencoder and from random weights, beside a support vector regression,
# whose penalty cross-validation chooses, and a linear one, which see the rows with an angle alone.

encoder = StackedAE(
    32, hidden_layer_sizes=(128,), max_iter=30, random_state=0
).fit(X[train])
counts = [100, 200, 400]
errors = {}
for n in counts:
    known, target = X[train[:n]], angles[train[:n]]
    some = np.where(np.arange(len(train)) < n, angles[train], np.nan)
    fits = {
        "pre-trained, all images": FineTunedRegressor(
            encoder, prefit=True, random_state=0
        ).fit(X[train], some),
        "random start": FineTunedRegressor(
            encoder, pretrain=False, random_state=0
        ).fit(known, target),
        "SVR": GridSearchCV(SVR(), {"C": [10, 100, 1000]}).fit(
            known, target
        ),
        "ridge": RidgeCV(np.logspace(-3, 3, 13)).fit(known, target),
    }
    for name, model in fits.items():
        residual = model.predict(X[test]) - angles[test]
        errors.setdefault(name, []).append(
            np.sqrt(np.mean(residual**2))
        )
for name, values in errors.items():
    print(f"{name:24}", *(f"{value:5.1f}°" for value in values))

# %%
figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for (name, values), style in zip(
    errors.items(), ("o-", "s--", "^:", "v:")
):
    ax.plot(counts, values, style, label=name)
ax.set(
    xscale="log",
    xlabel="images with an angle",
    ylabel="root mean squared error, degrees",
)
ax.set_xticks(counts, labels=counts)
ax.minorticks_off()
ax.set_ylim(bottom=0)
ax.legend()
plt.show()

# %%
# Images without an angle are worth about two degrees where a hundred others have one, and nothing
# where four hundred have: labels then teach the network all that it needs. With the fewest a support
# vector machine is ahead of both. Start with it, and try a network where it stops gaining.
