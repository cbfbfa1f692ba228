"""
Denoising a photograph with its own dictionary
==============================================

Noise has no sparse code, edges and textures have one. A dictionary learned from the patches of the
noisy photograph itself describes the picture with few atoms and leaves the noise out.
"""

# %%
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image
from sklearn.decomposition import MiniBatchDictionaryLearning
from sklearn.feature_extraction.image import (
    extract_patches_2d,
    reconstruct_from_patches_2d,
)

from skgen import SparseCoder
from skgen.inspection import ComponentsDisplay

SIZE, SIGMA, ATOMS = 8, 0.1, 128
clean = (
    load_sample_image("china.jpg").mean(axis=2)[60:124, 232:296] / 255
)
rng = np.random.default_rng(0)
noisy = clean + SIGMA * rng.standard_normal(clean.shape)

patches = extract_patches_2d(noisy, (SIZE, SIZE)).reshape(-1, SIZE**2)
means = patches.mean(axis=1, keepdims=True)
X = (patches - means) / SIGMA


def psnr(picture):
    return -10 * np.log10(np.mean((picture - clean) ** 2))


def assemble(rows):
    """Average the overlapping patches."""
    rows = (SIGMA * rows + means).reshape(-1, SIZE, SIZE)
    return np.clip(reconstruct_from_patches_2d(rows, clean.shape), 0, 1)


# %%
# In units of the noise, the inner product of pure noise with a unit-norm atom is standard normal,
# so ``alpha`` says by how many standard deviations an atom must stand out. The lasso chooses which
# atoms a patch uses; least squares on those undoes the shrinkage of their weights.
ALPHA = 2.5
start = time.perf_counter()
coder = SparseCoder(
    ATOMS, alpha=ALPHA, max_iter=15, tol=0, random_state=0
).fit(X)
codes = coder.transform(X)
ours = time.perf_counter() - start


def refitted(X, codes, D):
    """Least squares on the atoms that each code uses."""
    out = np.zeros_like(X)
    for x, code, row in zip(X, codes, out):
        used = np.flatnonzero(code)
        if len(used):
            row[:] = (
                np.linalg.lstsq(D[used].T, x, rcond=None)[0] @ D[used]
            )
    return out


pictures = {
    "noisy": noisy,
    "SparseCoder": assemble(refitted(X, codes, coder.components_)),
}

# %%
# The same with scikit-learn, in fewer epochs to save time.
start = time.perf_counter()
theirs = MiniBatchDictionaryLearning(
    ATOMS,
    alpha=ALPHA,
    max_iter=2,
    tol=0,
    max_no_improvement=None,
    transform_algorithm="lasso_cd",
    random_state=0,
)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    their_codes = theirs.fit(X).transform(X)
sklearn_time = time.perf_counter() - start
pictures["MiniBatchDictionaryLearning"] = assemble(
    refitted(X, their_codes, theirs.components_)
)

seconds = {
    "SparseCoder": ours,
    "MiniBatchDictionaryLearning": sklearn_time,
}
for name, picture in pictures.items():
    took = f", {seconds[name]:.1f} s" if name in seconds else ""
    print(f"{name:28} {psnr(picture):.2f} dB{took}")

# %%
fig, axes = plt.subplots(1, 4, figsize=(12, 3.9), layout="constrained")
for ax, (name, picture) in zip(
    axes, {"clean": clean, **pictures}.items()
):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set_title(
        name if name == "clean" else f"{name}\n{psnr(picture):.2f} dB",
        fontsize=10,
    )
    ax.set_axis_off()

# %%
order = np.argsort(-coder.usage_)
ComponentsDisplay.from_predictions(
    coder.components_[order],
    image_shape=(SIZE, SIZE),
    n_columns=16,
    scale_each=True,
)
plt.show()
