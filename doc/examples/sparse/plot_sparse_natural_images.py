"""
What natural images are made of
===============================

Sparse coding of whitened photographs learns small oriented edges, like the receptive fields of
simple cells in the visual cortex (Olshausen & Field 1996). Here is the dictionary, and how
oriented, how fine and how local its atoms are, in numbers.
"""

# %%
# Whitened patches
# ----------------
# Neighboring pixels are nearly equal, so the fine detail carries little variance. A filter that
# grows with frequency, and is cut off near the corners, flattens the spectrum. The photographs are
# those that scikit-learn brings, or the Kodak set where ``SKGEN_DATA`` says where it lies.
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_images

import skgen
from skgen import SparseCoder
from skgen.inspection import ComponentsDisplay

SIZE, ATOMS = 12, 196
data = Path(
    os.environ.get(
        "SKGEN_DATA", Path(skgen.__file__).parents[1] / "../shared/data"
    )
)
kodak = data / "kodak_gray.npz"
if kodak.exists():
    photographs = np.load(kodak)["images"] / 255.0
else:
    photographs = [
        image.mean(axis=2)[::2, ::2] / 255
        for image in load_sample_images().images
    ]


def whitened(image):
    rows, columns = np.meshgrid(
        *(np.fft.fftfreq(n) for n in image.shape), indexing="ij"
    )
    frequency = np.hypot(rows, columns)
    # The filter of the 1996 paper: proportional to frequency, falling off beyond 0.4 cycles.
    spectrum = (
        np.fft.fft2(np.log(image + 0.05))
        * frequency
        * np.exp(-((frequency / 0.4) ** 4))
    )
    flat = np.real(np.fft.ifft2(spectrum))
    return flat / flat.std()


def draw_patches(images, n, rng):
    patches = np.empty((n, SIZE, SIZE), dtype=np.float32)
    for patch in patches:
        image = images[rng.integers(len(images))]
        r, c = (rng.integers(s - SIZE) for s in image.shape)
        patch[:] = image[r : r + SIZE, c : c + SIZE]
    return patches.reshape(n, -1) - patches.reshape(n, -1).mean(
        axis=1, keepdims=True
    )


rng = np.random.default_rng(0)
X = draw_patches(
    [whitened(image) for image in photographs], 20_000, rng
)
coder = SparseCoder(
    ATOMS, alpha=2.0, batch_size=512, random_state=0
).fit(X)
print(
    f"{coder.n_iter_} epochs, {coder.usage_.sum():.1f} of {ATOMS} atoms in a code on average"
)

# %%
# The dictionary
# --------------
atoms = coder.components_[np.argsort(-coder.usage_)]
fig, ax = plt.subplots(figsize=(6.5, 6.5), layout="constrained")
ComponentsDisplay.from_predictions(
    atoms, image_shape=(SIZE, SIZE), ax=ax, scale_each=True
)

# %%
# Orientation and frequency of the atoms
# --------------------------------------
# From each atom's power spectrum: the peak frequency and orientation, and how selective it is for
# orientation, as one minus the circular variance of the power over twice the angle. White noise
# has a selectivity near 0, a grating 1.
N = 64
atoms = atoms.reshape(-1, SIZE, SIZE)
power = np.abs(np.fft.fft2(atoms, s=(N, N))) ** 2
rows, columns = np.meshgrid(*[np.fft.fftfreq(N)] * 2, indexing="ij")
frequency, angle = np.hypot(rows, columns), np.arctan2(rows, columns)


def selectivity(power):
    return np.abs(
        (power * np.exp(2j * angle)).sum(axis=(1, 2))
    ) / power.sum(axis=(1, 2))


peak = power.reshape(len(atoms), -1).argmax(axis=1)
selective = selectivity(power)
noise = (
    np.abs(np.fft.fft2(rng.standard_normal(atoms.shape), s=(N, N))) ** 2
)
energy = atoms**2 / np.sum(atoms**2, axis=(1, 2), keepdims=True)
# Pixels that an atom effectively covers: the participation ratio of its energy.
extent = 1 / np.sum(energy**2, axis=(1, 2))
print(
    f"orientation selectivity: median {np.median(selective):.2f}, noise "
    f"{np.median(selectivity(noise)):.2f}"
)
print(
    f"atoms with selectivity above 0.5: {np.mean(selective > 0.5):.0%}"
)
print(f"pixels covered, of {SIZE**2}: median {np.median(extent):.0f}")

fig, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
axes[0].hist(
    np.rad2deg(angle.ravel()[peak]) % 180, bins=np.arange(0, 181, 15)
)
axes[0].set(xlabel="orientation of the peak, degrees", ylabel="atoms")
axes[1].hist(frequency.ravel()[peak], bins=15)
axes[1].set(xlabel="frequency of the peak, cycles a pixel")
axes[2].hist(
    [selective, selectivity(noise)],
    bins=np.linspace(0, 1, 15),
    label=["atoms", "noise"],
)
axes[2].set(xlabel="orientation selectivity")
axes[2].legend()
plt.show()
