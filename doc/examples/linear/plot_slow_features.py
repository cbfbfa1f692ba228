"""
Slow features of a moving picture
=================================

A small window wanders over photographs. From one frame to the next nearly every pixel changes,
while what is in the window, a bank of reeds or the edge of a petal, stays for a while. Quadratic
functions of the pixels that vary as slowly as they can respond to oriented edges wherever they lie
in the window, as complex cells of the visual cortex do (Berkes & Wiskott 2005). Nobody told
:class:`skgen.SlowFeatureAnalysis` about edges.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import map_coordinates
from sklearn.datasets import load_sample_images

from skgen import ProbabilisticPCA, SlowFeatureAnalysis

# %%
# The film
# --------
#
# Forty walks of a window of 12 x 12 pixels, each at its own speed and turning as it goes.
# ``groups`` says which walk a frame belongs to: no step joins two of them.

SIZE, N_WALKS, N_FRAMES = 12, 40, 400
rng = np.random.default_rng(0)
photographs = [
    image.mean(axis=2) / 255 for image in load_sample_images().images
]
pixels = np.stack(np.mgrid[:SIZE, :SIZE], axis=-1) - (SIZE - 1) / 2


def walk(photograph):
    """Frames of a window that drifts and turns, (N_FRAMES, SIZE, SIZE)."""
    height, width = photograph.shape
    velocity = rng.normal(0, 0.5, 2)
    angles = rng.uniform(0, 2 * np.pi) + rng.normal(
        0, 0.02
    ) * np.arange(N_FRAMES)
    place = (
        rng.uniform(0, 1, 2) * (height, width)
        + velocity * np.arange(N_FRAMES)[:, None]
    )
    place += np.cumsum(rng.normal(0, 0.3, (N_FRAMES, 2)), axis=0)
    turn = np.array(
        [
            [np.cos(angles), -np.sin(angles)],
            [np.sin(angles), np.cos(angles)],
        ]
    )
    where = (
        np.einsum("ijk,klt->tijl", pixels, turn) + place[:, None, None]
    )
    return map_coordinates(
        photograph, np.moveaxis(where, -1, 0), order=1, mode="mirror"
    )


film = np.concatenate(
    [walk(photographs[i % 2]) for i in range(N_WALKS)]
)
groups = np.repeat(np.arange(N_WALKS), N_FRAMES)
X = film.reshape(len(film), -1)
X = X - X.mean(
    axis=1, keepdims=True
)  # the light is not what we are after

figure, axes = plt.subplots(
    1, 12, figsize=(11, 1.2), layout="constrained"
)
for ax, frame in zip(axes, range(0, 48, 4)):
    ax.imshow(film[frame], cmap="gray")
    ax.set(xticks=[], yticks=[], xlabel=f"t = {frame}")

# %%
# Slow functions
# --------------
#
# Forty principal components of a frame have 820 products. The last ten walks are held out: a
# lower speed there is a slower world, not a better memory. Noise without memory has the speed 2.

N_UNITS = 8
train = groups < N_WALKS - 10
components = ProbabilisticPCA(40).fit(X[train])
Z = components.transform(X)
slow = SlowFeatureAnalysis(N_UNITS, expansion="quadratic").fit(
    Z[train], groups=groups[train]
)
linear = SlowFeatureAnalysis(N_UNITS).fit(
    Z[train], groups=groups[train]
)
for name, model in {"linear": linear, "quadratic": slow}.items():
    speed = -model.score(Z[~train], groups=groups[~train])
    print(
        f"mean squared speed of {N_UNITS} {name} features in new walks: {speed:.3f}"
    )

# %%
# What units see
# --------------
#
# A unit is a quadratic form, y = z' H z / 2 + f' z + constant. The image of given contrast that
# excites it most, and the one that silences it most, are near the first and the last eigenvector
# of H.


def forms(model):
    """Matrices H of the units, from their weights on columns and on products."""
    d = model.n_features_in_
    upper = np.triu_indices(d)
    H = np.zeros((model.n_components_, d, d))
    H[:, upper[0], upper[1]] = model.components_[:, d:]
    return H + H.transpose(0, 2, 1)


def image_of(z):
    """A direction among the principal components, as pixels."""
    return (
        components.inverse_transform(z[None]) - components.mean_
    ).reshape(SIZE, SIZE)


figure, axes = plt.subplots(
    2, N_UNITS, figsize=(11, 3), layout="constrained"
)
for unit, H in enumerate(forms(slow)):
    _, vectors = np.linalg.eigh(H)
    for ax, vector in zip(
        axes[:, unit], (vectors[:, -1], vectors[:, 0])
    ):
        ax.imshow(image_of(vector), cmap="gray")
        ax.set(xticks=[], yticks=[])
    axes[0, unit].set_title(f"unit {unit}", fontsize=9)
axes[0, 0].set_ylabel("excites")
axes[1, 0].set_ylabel("silences")

# %%
# Where an edge lies does not matter
# ----------------------------------
#
# A grating drifts through the window. The response of a principal component swings from one sign to
# the other; those of most slow units keep their sign, and all move less. The stripes are those of the image
# that excites the unit.

phases = np.linspace(0, 2 * np.pi, 60)


def gratings(image):
    """The grating of the strongest frequency of an image, at all phases."""
    spectrum = np.abs(np.fft.fft2(image, s=(48, 48)))
    spectrum[0, 0] = 0
    peak = np.unravel_index(spectrum[:24].argmax(), (24, 48))
    frequency = 2 * np.pi * np.fft.fftfreq(48)[list(peak)]
    waves = np.sin(
        (pixels @ frequency)[None] + phases[:, None, None]
    ).reshape(len(phases), -1)
    return 0.3 * (waves - waves.mean(axis=1, keepdims=True))


figure, axes = plt.subplots(
    1, 2, figsize=(11, 3), sharex=True, layout="constrained"
)
for unit, H in enumerate(forms(slow)[:4]):
    stripes = components.transform(
        gratings(image_of(np.linalg.eigh(H)[1][:, -1]))
    )
    axes[1].plot(
        phases, slow.transform(stripes)[:, unit], label=f"no. {unit}"
    )
    stripes = components.transform(gratings(image_of(np.eye(40)[unit])))
    axes[0].plot(phases, stripes[:, unit])
axes[0].set(
    title="principal components",
    xlabel="phase of the grating",
    ylabel="response",
)
axes[1].set(title="slow units", xlabel="phase of the grating")
for ax in axes:
    ax.axhline(0, color="0.7", lw=0.8)
figure.legend(loc="outside right center")
