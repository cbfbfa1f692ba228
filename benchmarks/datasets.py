"""The data of the benchmarks: real sets beside the project or inside scikit-learn, and drawn ones.

Sets that ship with neither are found in the folder that the environment variable ``SKGEN_DATA``
names, else in ``../shared/data`` beside the checkout.
"""

import os
from pathlib import Path

import numpy as np

_HOW_TO_GET = {
    "mnist.npz": (
        'sklearn.datasets.fetch_openml("mnist_784") gives the images; save them as uint8 arrays '
        "x_train (60000, 28, 28), y_train, x_test (10000, 28, 28), y_test"
    ),
    "kodak_gray.npz": (
        "the 24 Kodak photographs (r0k.us/graphics/kodak) in gray, halved to 256 x 384, as a "
        "uint8 array images (24, 256, 384)"
    ),
    "omniglot_small.npz": "the Omniglot characters (github.com/brendenlake/omniglot) at 28 x 28",
    "bfi.csv": "the data set bfi of the R package psych, written with write.csv",
    "holzinger_swineford.csv": "the Holzinger-Swineford table of the R package sem, as CSV",
    "letter.npz": (
        "the UCI letter recognition table without its letters, as an integer array data (20000, 16)"
    ),
    "mushrooms.npz": (
        "the UCI mushrooms in the 0/1 coding and split of the NADE paper: float32 arrays "
        "train_data, valid_data, test_data"
    ),
    "dna.npz": (
        "the LIBSVM dna set in the 0/1 coding and split of the NADE paper: float32 arrays "
        "train_data, valid_data, test_data"
    ),
}


class DataAbsentError(FileNotFoundError):
    """A data set is not on this machine; the message says how to get it."""


def _path(name):
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(os.environ.get("SKGEN_DATA", beside)) / name
    if not path.exists():
        raise DataAbsentError(
            f"{name} is absent; put it into the folder that SKGEN_DATA names "
            f"({_HOW_TO_GET.get(name, 'see its publisher')})."
        )
    return path


def digits(scaled=False, dtype=np.float64):
    """Return scikit-learn's digits, (1797, 64): 0 to 16, or 0 to 1 when ``scaled``."""
    from sklearn.datasets import load_digits

    X = load_digits().data.astype(dtype)
    return X / 16 if scaled else X


def standardized_digits(min_sd=0.05):
    """Return the standardized digits, without pixels of sd (in 0 to 16) below ``min_sd``."""
    X = digits()
    X = X[:, X.std(axis=0) > min_sd]
    return (X - X.mean(axis=0)) / X.std(axis=0)


def digits_with_gaps(fraction=0.3, seed=0):
    """Return the digits with a fraction of the cells set to NaN at random, and the truth."""
    X = digits()
    gaps = np.random.default_rng(seed).random(X.shape) < fraction
    # A row with nothing observed says nothing: give each its first pixel back.
    gaps[gaps.all(axis=1), 0] = False
    return np.where(gaps, np.nan, X), X


def mnist(split="train", dtype=np.float32):
    """Return MNIST as (n, 784) in [0, 1] and its labels; ``split`` is "train" or "test"."""
    with np.load(_path("mnist.npz")) as file:
        images, labels = file[f"x_{split}"], file[f"y_{split}"]
    return images.reshape(len(images), -1).astype(dtype) / dtype(255), labels


def binarized_mnist(dtype=np.float32):
    """Return static binary MNIST, train and test: one draw per pixel, train first, seed 0."""
    rng = np.random.default_rng(0)
    return tuple(
        (rng.random(X.shape) < X).astype(dtype)
        for X in (mnist("train", np.float64)[0], mnist("test", np.float64)[0])
    )


def mushrooms():
    """Return the mushrooms' 0/1 rows as (train, validation, test), 112 columns."""
    return _binary("mushrooms.npz")


def dna():
    """Return the DNA 0/1 rows as (train, validation, test), 180 columns."""
    return _binary("dna.npz")


def binary(name):
    """Return "nltcs", "accidents" or "nips" as 0/1 rows: (train, validation, test)."""
    with np.load(_path(f"{name}.npz")) as file:
        return tuple(file[split] for split in ("train", "valid", "test"))


def jsb_chorales():
    """Return Bach's chorales: by split (rows of 88 keys, 0/1, and the number of their song)."""
    with np.load(_path("jsb_chorales.npz")) as file:
        splits = "train", "valid", "test"
        return {split: (file[split], file[f"{split}_song"]) for split in splits}


def red_wine():
    """Return the red wines' eleven measurements, (1599, 11)."""
    with np.load(_path("red_wine.npz")) as file:
        return file["data"].astype(np.float64)


def red_wine_quality():
    """Return the quality grade of each red wine, 3 to 8, (1599,)."""
    with np.load(_path("red_wine.npz")) as file:
        return file["quality"].astype(np.int64)


def kin8nm():
    """Return the kinematics of a robot arm, (8192, 9)."""
    with np.load(_path("kin8nm.npz")) as file:
        return file["data"].astype(np.float64)


def _binary(name):
    with np.load(_path(name)) as file:
        return tuple(file[f"{split}_data"] for split in ("train", "valid", "test"))


def bfi():
    """Return the 25 personality items of 2800 people, NaN where not answered, and their names."""
    import pandas as pd

    table = pd.read_csv(_path("bfi.csv"))
    items = [name for name in table.columns if name[0] in "ACENO" and name[1:].isdigit()]
    return table[items].to_numpy(dtype=float), items


def bfi_age_group():
    """Return of the same people which third of all ages theirs is in, 0, 1 or 2."""
    import pandas as pd

    age = pd.read_csv(_path("bfi.csv"))["age"]
    return np.digitize(age, age.quantile([1 / 3, 2 / 3]))


def letter():
    """Return the 16 measures of 20000 letters, (20000, 16), each scaled to [0, 1]."""
    with np.load(_path("letter.npz")) as file:
        X = file["data"].astype(np.float64)
    return (X - X.min(axis=0)) / np.ptp(X, axis=0)


def photographs():
    """Return scikit-learn's two sample photographs in gray, each (427, 640) in [0, 1]."""
    from sklearn.datasets import load_sample_images

    return [image.mean(axis=2) / 255 for image in load_sample_images().images]


def kodak():
    """Return the 24 Kodak photographs in gray, (24, 256, 384) in [0, 1]."""
    with np.load(_path("kodak_gray.npz")) as file:
        return file["images"] / 255.0


def patches(images, n_patches=10_000, size=8, seed=0, dtype=np.float64):
    """Return random square patches as rows, mean removed and unit sd: (n_patches, size ** 2).

    Flat patches (sd below 0.01) are drawn anew.
    """
    rng = np.random.default_rng(seed)
    rows = np.empty((0, size * size))
    while len(rows) < n_patches:
        drawn = _draw_patches(images, n_patches, size, rng)
        drawn -= drawn.mean(axis=1, keepdims=True)
        sd = drawn.std(axis=1, keepdims=True)
        rows = np.vstack([rows, (drawn / np.maximum(sd, 1e-12))[sd[:, 0] > 0.01]])
    return np.ascontiguousarray(rows[:n_patches], dtype=dtype)


def _draw_patches(images, n_patches, size, rng):
    which = rng.integers(len(images), size=n_patches)
    rows = np.empty((n_patches, size * size))
    for i, image in enumerate(images):
        mine = np.flatnonzero(which == i)
        windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
        top = rng.integers(windows.shape[0], size=len(mine))
        left = rng.integers(windows.shape[1], size=len(mine))
        rows[mine] = windows[top, left].reshape(len(mine), -1)
    return rows


def factor_data(n_samples=20_000, n_features=256, n_factors=16, seed=0, dtype=np.float32):
    """Draw rows from a factor model with noise variances between 0.2 and 2."""
    rng = np.random.default_rng(seed)
    loadings = rng.standard_normal((n_factors, n_features))
    noise_sd = np.sqrt(rng.uniform(0.2, 2.0, n_features))
    latent = rng.standard_normal((n_samples, n_factors))
    X = latent @ loadings + noise_sd * rng.standard_normal((n_samples, n_features))
    return X.astype(dtype)
