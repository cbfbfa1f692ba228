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

X = load_digits().data
train, test = X[:1400], X[1400:]

# %%
# Linear: the subspace of PCA
# ---------------------------

linear = Autoencoder(
    8, hidden_layer_sizes=(), learning_rate=1e-2, batch_size=500, max_iter=600, random_state=0
).fit(train)
directions = linear.inverse_transform(np.eye(8)) - linear.inverse_transform(np.zeros((1, 8)))
pca = PCA(8).fit(train)
angle = subspace_angles(directions.T, pca.components_.T).max()
print(f"largest angle between the subspaces: {angle:.1e} radian")

# %%
# Deep: fewer errors from as many numbers
# ---------------------------------------

sizes = (2, 4, 8, 16)
errors = {"PCA": [], "Autoencoder": []}
for k in sizes:
    pca = PCA(k).fit(train)
    rebuilt = pca.inverse_transform(pca.transform(test))
    errors["PCA"].append(np.square(rebuilt - test).sum(1).mean())
    deep = Autoencoder(k, hidden_layer_sizes=(256, 128), max_iter=40, random_state=0).fit(train)
    errors["Autoencoder"].append(-deep.score(test))

fig, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
for name, values in errors.items():
    ax.plot(sizes, values, "o-", label=name)
    print(f"{name:12}", *(f"{value:7.1f}" for value in values))
ax.set(xlabel="numbers a digit", ylabel="squared error a held-out digit", xticks=sizes)
ax.set_ylim(bottom=0)
ax.legend()

# %%
# Four numbers a digit: the truth, PCA, the autoencoder.

pca = PCA(4).fit(train)
deep = Autoencoder(4, hidden_layer_sizes=(256, 128), max_iter=40, random_state=0).fit(train)
lines = {
    "true": test,
    "PCA": pca.inverse_transform(pca.transform(test)),
    "Autoencoder": deep.inverse_transform(deep.transform(test)),
}
fig, axes = plt.subplots(3, 10, figsize=(10, 3.2), layout="constrained")
for line, (name, pictures) in zip(axes, lines.items()):
    line[0].set_ylabel(name)
    for ax, picture in zip(line, pictures[:10]):
        ax.imshow(picture.reshape(8, 8), cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
plt.show()
