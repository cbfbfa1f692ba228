"""
Autoencoder and PCA with the same number of numbers
===================================================

An autoencoder with linear layers finds the subspace of PCA. With hidden layers its codes follow
the curved sheet on which the digits lie, and the same few numbers rebuild them better.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import subspace_angles
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skgen import Autoencoder
from skgen.inspection import ReconstructionDisplay

X = load_digits().data
train, test = X[:1400], X[1400:]

# %%
# Linear: the subspace of PCA
# ---------------------------

linear = Autoencoder(
    8,
    hidden_layer_sizes=(),
    learning_rate=1e-2,
    batch_size=500,
    max_iter=600,
    random_state=0,
).fit(train)
origin = linear.inverse_transform(np.zeros((1, 8)))
directions = linear.inverse_transform(np.eye(8)) - origin
pca = PCA(8).fit(train)
angle = subspace_angles(directions.T, pca.components_.T).max()
print(f"largest angle between the subspaces: {angle:.1e} radian")

# %%
# Deep: fewer errors from as many numbers
# ---------------------------------------

sizes = (2, 4, 8, 16)
network = {"hidden_layer_sizes": (256, 128), "max_iter": 40}
errors = {"PCA": [], "Autoencoder": []}
for k in sizes:
    pca = PCA(k).fit(train)
    rebuilt = pca.inverse_transform(pca.transform(test))
    errors["PCA"].append(np.square(rebuilt - test).sum(1).mean())
    deep = Autoencoder(k, **network, random_state=0).fit(train)
    errors["Autoencoder"].append(-deep.score(test))

fig, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
for name, values in errors.items():
    ax.plot(sizes, values, "o-", label=name)
    print(f"{name:12}", *(f"{value:7.1f}" for value in values))
ax.set(xlabel="numbers a digit", xticks=sizes)
ax.set_ylabel("squared error a held-out digit")
ax.set_ylim(bottom=0)
ax.legend()

# %%
# Four numbers a digit: the truth, PCA, the autoencoder.

models = {
    "PCA": PCA(4),
    "Autoencoder": Autoencoder(4, **network, random_state=0),
}
for model in models.values():
    model.fit(train)
ReconstructionDisplay.from_estimators(
    models,
    test,
    image_shape=(8, 8),
    cmap="gray_r",
)
plt.show()
