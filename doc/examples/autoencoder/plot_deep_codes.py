"""
Deep codes beside principal components
======================================

Two numbers for an image of 64 pixels: principal components lay the handwritten digits out on a
plane by a projection, a deep autoencoder by a network whose layers are trained one by one and then
together (Hinton & Salakhutdinov 2006). The deep codes keep more of each image, and more of what
tells one digit from another.
"""

# %%
# Fit
# ---
# Four layers, 64-256-128-32-2, each first a denoising autoencoder by itself, then the unrolled
# network end to end. Rows that the plane is not fitted to say what it is worth.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from skgen import StackedAE
from skgen.inspection import LatentSpaceDisplay
from skgen.metrics import cluster_agreement, linear_probe_score

X, y = load_digits(return_X_y=True)
train, test, y_train, y_test = train_test_split(
    X / 16,
    y,
    test_size=0.3,
    random_state=0,
)
deep = StackedAE(
    2,
    hidden_layer_sizes=(256, 128, 32),
    loss="squared_error",
    random_state=0,
)
models = {"PCA": PCA(2).fit(train), "StackedAE": deep.fit(train)}

# %%
# The planes
# ----------
# Beside each its squared error a held-out image, and the accuracy of nearest neighbors that see the
# two numbers alone. A linear classifier of two numbers and clusters found by k-means, which asks for
# no label, say the same in figures of their own.

fig, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
for ax, (name, model) in zip(axes, models.items()):
    codes = model.transform(test)
    rebuilt = model.inverse_transform(codes)
    error = np.square(test - rebuilt).sum(axis=1).mean()
    neighbors = KNeighborsClassifier(10)
    neighbors.fit(model.transform(train), y_train)
    accuracy = neighbors.score(codes, y_test)
    LatentSpaceDisplay.from_estimator(model, test, y_test, ax=ax)
    says = f"squared error {error:.2f}, accuracy {accuracy:.1%}"
    ax.set_title(f"{name}: {says}")
    probe = linear_probe_score(codes, y_test)
    clusters = cluster_agreement(codes, y_test, random_state=0)
    print(f"{name}: {says} of nearest neighbors")
    print(
        f"    linear probe {probe.score:.1%}, clusters {clusters.nmi:.2f} "
        "of mutual information with the classes"
    )

# %%
# What the layers hold
# --------------------
# ``layer`` chooses whose units ``transform`` gives, also after the fit. The way down to two numbers
# loses what tells digits apart only at the end.

for layer in range(4):
    features = deep.set_params(layer=layer).transform(train)
    neighbors = KNeighborsClassifier(10).fit(features, y_train)
    accuracy = neighbors.score(deep.transform(test), y_test)
    n_units = features.shape[1]
    print(f"layer {layer}, {n_units} units: accuracy {accuracy:.3f}")

plt.show()
