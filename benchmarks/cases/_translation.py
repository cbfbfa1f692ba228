"""What is translated: outlines of digits, turned digits, photographs, batches of a table."""

from dataclasses import dataclass, replace

import numpy as np

# From which value a pixel counts as ink, and by how many degrees digits are turned.
INK = 0.3
ANGLE = 30.0


@dataclass(frozen=True)
class Task:
    """Rows of two domains.

    X, Y are the training rows, with pairs or without; X_test, Y_test are pairs that judge.
    ``judge`` is a fitted classifier of Y with the classes of the test rows, or None.
    """

    X: np.ndarray
    Y: np.ndarray
    X_test: np.ndarray
    Y_test: np.ndarray
    judge: tuple | None = None


def outlines(images):
    """Pixels of ink that have a neighbor without, of images (n, 8, 8), as rows of 0 and 1."""
    ink = np.pad(images > INK, ((0, 0), (1, 1), (1, 1)))
    inside = ink[:, :-2, 1:-1] & ink[:, 2:, 1:-1] & ink[:, 1:-1, :-2] & ink[:, 1:-1, 2:]
    return (ink[:, 1:-1, 1:-1] & ~inside).reshape(len(images), -1).astype(float)


def turned(images):
    """Images (n, 8, 8) turned by 30 degrees, as rows."""
    from scipy.ndimage import rotate

    out = rotate(images, ANGLE, axes=(1, 2), reshape=False, order=1)
    return out.reshape(len(images), -1)


def night(day):
    """Colors (n, 3 h w) in [0, 1], the channels one after another, as if it were night."""
    channels = day.reshape(len(day), 3, -1)
    gray = channels.mean(axis=1, keepdims=True)
    dim = (0.5 * channels + 0.5 * gray) ** 2.0
    return (dim * np.array([0.35, 0.45, 0.8])[:, None] + 0.03).reshape(len(day), -1)


def digits_task(of_rows, seed=0):
    """Half of the digits to learn from, half to judge; ``of_rows(images)`` is one domain."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier

    D, y = load_digits(return_X_y=True)
    D = D / 16
    X = of_rows(D.reshape(-1, 8, 8))
    X, X_test, D, D_test, y, y_test = train_test_split(X, D, y, test_size=0.5, random_state=seed)
    return Task(X, D, X_test, D_test, (KNeighborsClassifier(3).fit(D, y), y_test))


def night_task(n=2000, size=8, seed=0):
    """Patches of two photographs by day, others of them by night, and pairs that judge."""
    from sklearn.datasets import load_sample_images
    from sklearn.feature_extraction.image import extract_patches_2d

    rng = np.random.RandomState(seed)
    patches = [
        extract_patches_2d(image / 255, (size, size), max_patches=3 * n // 2, random_state=rng)
        for image in load_sample_images().images
    ]
    rows = np.concatenate(patches).transpose(0, 3, 1, 2).reshape(3 * n, -1)
    day, other, test = np.split(rows[rng.permutation(3 * n)], 3)
    return Task(day, night(other), test, night(test))


def batch_effect(d, strength, rng):
    """A map of standardized rows (n, d) as another instrument gives them.

    Each column has a gain, an offset and a curve of its own, and takes up something of the others.
    """
    gain = np.exp(strength * 0.5 * rng.standard_normal(d))
    offset = strength * rng.standard_normal(d)
    curve = np.exp(strength * 0.4 * rng.standard_normal(d))
    mixing = np.eye(d) + strength * 0.5 * rng.standard_normal((d, d)) / np.sqrt(d)

    def measured(Z):
        Z = Z @ mixing
        return (np.sign(Z) * np.abs(Z) ** curve) * gain + offset

    return measured


def batch_task(X, y, classifier, strength=1.0, seed=0):
    """Two batches of rows; the second passes an instrument of its own, and is to be undone.

    The judge learns from the first batch. Of the second, half is there to learn the translation and
    half to be judged.
    """
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    rng = np.random.RandomState(seed)
    Z = StandardScaler().fit_transform(X)
    first, second, y_first, y_second = train_test_split(
        Z, y, test_size=0.5, stratify=y, random_state=seed
    )
    seen, test, _, y_test = train_test_split(
        second, y_second, test_size=0.5, stratify=y_second, random_state=seed
    )
    measured = batch_effect(Z.shape[1], strength, rng)
    judge = classifier.fit(first, y_first), y_test
    return Task(measured(seen), first, measured(test), test, judge)


def without_pairs(task, seed=0):
    """The task with the rows of Y in another order."""
    return replace(task, Y=np.random.RandomState(seed).permutation(task.Y))


def r2(task, rows):
    """Fraction of the variance of all values of the truth that translated rows explain."""
    residual = np.square(rows - task.Y_test).sum()
    return 1 - residual / np.square(task.Y_test - task.Y_test.mean()).sum()


def accuracy(task, rows):
    """Fraction of translated rows that the judge takes for what they are."""
    classifier, y = task.judge
    return float((classifier.predict(rows) == y).mean())


def match_moments(task):
    """Each column of X with the mean and standard deviation that it has in Y."""
    spread = task.X.std(axis=0)
    scale = task.Y.std(axis=0) / np.where(spread > 0, spread, 1)
    return (task.X_test - task.X.mean(axis=0)) * scale + task.Y.mean(axis=0)


def match_quantiles(task):
    """Each column of X with the quantiles that it has in Y."""
    from sklearn.preprocessing import QuantileTransformer

    n = min(100, len(task.X))
    X, Y = (QuantileTransformer(n_quantiles=n).fit(rows) for rows in (task.X, task.Y))
    return Y.inverse_transform(X.transform(task.X_test))


def match_covariance(task):
    """X with the mean and the covariance of Y, by the symmetric roots (Sun et al. 2016)."""

    def root(rows, power):
        values, vectors = np.linalg.eigh(np.cov(rows.T))
        return (vectors * np.maximum(values, 1e-6) ** power) @ vectors.T

    whitened = (task.X_test - task.X.mean(axis=0)) @ root(task.X, -0.5)
    return whitened @ root(task.Y, 0.5) + task.Y.mean(axis=0)
