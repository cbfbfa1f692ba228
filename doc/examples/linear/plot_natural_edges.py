"""
Edges from natural images
=========================

Which linear filters describe a small patch of a photograph best? :class:`skgen.ProbabilisticPCA`
looks for variance, and finds waves that cross the whole patch. :class:`skgen.ICA` looks for filters
whose answers are independent. What it finds are edges, each at a place, at an angle and of a width
of its own, like the receptive fields of simple cells in the visual cortex (Bell & Sejnowski 1997).
:class:`skgen.SparseCoder` comes to similar edges from another side: a few of them shall add up to
the patch (Olshausen & Field 1996). ICA is the one of the two that has a density, so that it can be
asked how much better than a Gaussian it knows photographs, in nats.
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import skgen
from skgen import ICA, ProbabilisticPCA, SparseCoder
from skgen.inspection import ComponentsDisplay

# %%
# Patches
# -------
#
# Logarithms of the gray values of 12 x 12 pixels, so that light that is twice as strong adds a
# constant. Gray values are whole numbers, which a density could exploit; noise as large as the
# steps between them takes that away. The test patches are from the right quarter of each
# photograph. The photographs are those that scikit-learn brings, or the Kodak set where
# ``SKGEN_DATA`` says where it lies.

SIZE = 12
shared = Path(skgen.__file__).parents[1] / "../shared/data"
kodak = Path(os.environ.get("SKGEN_DATA", shared)) / "kodak_gray.npz"
if kodak.exists():
    photographs = list(np.load(kodak)["images"])
else:
    scenes = load_sample_images().images
    photographs = [scene.mean(axis=2)[::2, ::2] for scene in scenes]
rng = np.random.default_rng(0)
plt.rcParams["figure.constrained_layout.use"] = True


def draw_patches(images, n):
    """Patches at random places, (n, SIZE * SIZE)."""
    patches = np.empty((n, SIZE, SIZE))
    for patch in patches:
        image = images[rng.integers(len(images))]
        r, c = (rng.integers(side - SIZE + 1) for side in image.shape)
        patch[:] = image[r : r + SIZE, c : c + SIZE]
    noise = rng.uniform(-0.5, 0.5, patches.shape)
    return np.log(patches + noise + 1).reshape(n, -1)


cuts = [3 * image.shape[1] // 4 for image in photographs]
left = [image[:, :cut] for image, cut in zip(photographs, cuts)]
right = [image[:, cut:] for image, cut in zip(photographs, cuts)]
train, test = draw_patches(left, 20_000), draw_patches(right, 5_000)

# %%
# Two densities
# -------------
#
# Both have the same covariance: 64 leading directions, and noise beyond them. What differs is the
# coordinates in these directions. Those of probabilistic PCA are Gaussian; those of ICA are turned
# until they are as independent as they can be, and each gets a density of its own.

N_SOURCES = 64
pca = ProbabilisticPCA(N_SOURCES).fit(train)
ica = ICA(N_SOURCES, tol=2e-3).fit(train)
gaussian, independent = pca.score(test), ica.score(test)
gain = independent - gaussian
print(f"Gaussian {gaussian:7.2f} nats for each held-out patch")
print(f"ICA      {independent:7.2f}, which is {gain:.2f} more")
print(f"in code  {gain / SIZE**2 / np.log(2):7.2f} bits a pixel saved")

# %%
# Three sets of filters
# ---------------------
#
# The filters are shown on white patches, where the leading directions vary alike: there, a filter
# that finds a source and what the source adds to the patch are the same picture. The sparse coder
# learns its atoms from the white patches.

whiten = ica.whitening_
leading = whiten / np.linalg.norm(whiten, axis=1, keepdims=True)
white = (train - ica.mean_) @ whiten.T @ leading
coder = SparseCoder(N_SOURCES, alpha=1.5, tol=2e-3, random_state=0)
coder.set_params(batch_size=512).fit(white)
turned = ica.components_ @ np.linalg.pinv(whiten)
filters = {
    "PCA": leading,
    "ICA": turned @ leading,
    "SparseCoder": coder.components_[np.argsort(-coder.usage_)],
}

figure, axes = plt.subplots(1, 3, figsize=(12, 4.3))
for ax, (name, pictures) in zip(axes, filters.items()):
    ComponentsDisplay.from_predictions(
        pictures,
        image_shape=(SIZE, SIZE),
        scale_each=True,
        ax=ax,
    )
    ax.set_title(name)
    energy = pictures**2
    energy /= energy.sum(axis=1, keepdims=True)
    extent = np.median(1 / np.sum(energy**2, axis=1))
    print(f"{name}: a filter covers {extent:.0f} of {SIZE**2} pixels")

# %%
# Why a Gaussian cannot know
# --------------------------
#
# A filter for an edge is silent nearly everywhere and answers loudly where the edge is. The
# logarithm of a Gaussian density is a parabola, which has neither that peak nor those tails. It
# calls loud answers all but impossible, and misses how sure silence is. The curve of ICA is the
# fitted density of the source, here from draws of the model.

shown = np.argsort(-ica.negentropy_)[[8, 24, 40, 56]]
Z = ica.transform(test)
drawn = ica.transform(ica.sample(200_000, random_state=0))
edges = np.linspace(-10, 10, 81)
middles = (edges[1:] + edges[:-1]) / 2
parabola = np.exp(-(middles**2) / 2) / np.sqrt(2 * np.pi)

heights = {"height_ratios": (1, 2)}
figure, axes = plt.subplots(2, 4, figsize=(12, 5), **heights)
for (top, ax), j in zip(axes.T, shown):
    picture = filters["ICA"][j].reshape(SIZE, SIZE)
    size = np.abs(picture).max()
    top.imshow(picture, cmap="gray", vmin=-size, vmax=size)
    top.set_axis_off()
    top.set_title(f"negentropy {ica.negentropy_[j]:.2f} nats")
    own, _ = np.histogram(drawn[:, j], edges, density=True)
    ax.hist(Z[:, j], edges, density=True, color="0.75", label="answers")
    ax.plot(middles, own, label="ICA")
    ax.plot(middles, parabola, "--", label="Gaussian")
    ax.set(yscale="log", ylim=(1e-4, 5), xlabel="answer of the filter")
axes[1, 0].set_ylabel("density on held-out patches")
axes[1, 0].legend(fontsize=8)

plt.show()
