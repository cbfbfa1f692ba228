"""
LISTA, FISTA and ISTA: error by steps
=====================================

A lasso code is the end of an iteration. LISTA (Gregor & LeCun 2010) unrolls a few of its steps into
layers, and learns what the steps should be from the exact codes of the training rows. On patches of
two photographs it needs a fraction of the steps.
"""

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images
from sklearn.feature_extraction.image import extract_patches_2d

from skgen import LISTA, PredictiveSparseDecomposition, SparseCoder

images = [image.mean(axis=2) for image in load_sample_images().images]
X = np.vstack(
    [
        extract_patches_2d(i, (8, 8), max_patches=1500, random_state=0)
        for i in images
    ]
)
X = X.reshape(-1, 64)
X -= X.mean(axis=1, keepdims=True)
X = np.random.default_rng(0).permutation(X / X.std()).astype(np.float32)
train, test = X[:2400], X[2400:]
coder = SparseCoder(
    100, alpha=1.0, max_iter=10, tol=0, random_state=0
).fit(train)
exact = coder.transform(test)


def error(codes):
    return np.square(codes - exact).sum() / np.square(exact).sum()


# %%
# Steps of the solvers
# --------------------
# ``code_max_iter`` ends them early; they warn that codes miss their tolerance, which is what we
# want to see.
def steps(algorithm, n_steps):
    solver = SparseCoder(
        dictionary=coder.components_,
        algorithm=algorithm,
        code_max_iter=n_steps,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return solver.transform(test)


counts = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
errors = {
    name: [error(steps(name, n)) for n in counts]
    for name in ("ista", "fista")
}

# %%
# Layers of LISTA
# ---------------
# Each network starts as so many steps of ISTA on the same dictionary.
depths = [1, 2, 4]
models = [
    LISTA(
        coder, prefit=True, n_layers=n, random_state=0, max_iter=8
    ).fit(train)
    for n in depths
]
learned = [error(model.transform(test)) for model in models]

# %%
# A dictionary that is easy to guess
# ----------------------------------
# Predictive sparse decomposition has one layer, and moves the atoms to where that suffices. Its
# error is that to the exact codes of its own dictionary.
psd = PredictiveSparseDecomposition(100, random_state=0).fit(train)
own = psd.exact_codes(test)
of_psd = (
    np.square(psd.transform(test) - own).sum() / np.square(own).sum()
)

# %%
fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for name, values in errors.items():
    ax.loglog(counts, values, "o-", label=name.upper())
ax.loglog(depths, learned, "s-", label="LISTA")
ax.loglog(
    [1], [of_psd], "*", markersize=12, label="PSD, its own dictionary"
)
ax.set(
    xlabel="steps or layers",
    ylabel="squared error of the codes, relative",
)
ax.legend()
plt.show()
