"""Does a decoder turn a line between two codes into a smooth walk through the data?"""

from numbers import Integral
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array, check_random_state, check_scalar

from skgen.base.results.codes import decoder
from skgen.kernels.paths import lines
from skgen.metrics.memorization import nearest_record_distance


class InterpolationSmoothness(NamedTuple):
    """How decoded lines between codes run, each number a mean over pairs of codes.

    Attributes
    ----------
    path_ratio : float
        Length of the decoded path over the distance of its ends; 1 where it is straight.
    largest_step : float
        Longest of the steps over their mean; 1 where all are equal, ``n_steps`` for a single jump.
    midpoint_distance : float
        Distance of the decoded middle from the nearest row of X, over that of the decoded ends: 1
        where the middle looks as much like data as its ends. NaN without X.
    """

    path_ratio: float
    largest_step: float
    midpoint_distance: float


def interpolation_smoothness(
    model, Z, *, X=None, n_pairs=200, n_steps=16, standardize=False, random_state=None
):
    """Decode lines between pairs of codes, and measure how smooth and how plausible they are.

    Parameters
    ----------
    model : estimator or callable
        A fitted model with ``inverse_transform`` (or ``generate``, of :class:`skgen.GAN`), or a
        function that takes codes to rows.
    Z : array-like of shape (n_samples, n_components)
        Codes to interpolate between, two or more: ``transform`` of held-out rows, or draws from
        the prior.
    X : array-like of shape (n_rows, n_features) or None, default=None
        Data that the decoded middle should resemble, such as the training rows.
    n_pairs : int, default=200
        Pairs of different codes, drawn at random.
    n_steps : int, default=16
        Even number of steps of a line; 2 or more.
    standardize : bool, default=False
        Whether to divide columns by their standard deviation in X (which is then needed).
    random_state : int, RandomState instance or None, default=None
        Seed of the pairs.

    Returns
    -------
    result : InterpolationSmoothness
        ``path_ratio``, ``largest_step`` and ``midpoint_distance``.

    Raises
    ------
    ValueError
        If the model cannot decode, or Z has NaN or one row.

    Notes
    -----
    A smooth path is not a good one: a linear decoder has 1 and 1, and fades from one row into the
    other through rows that no data resemble. ``midpoint_distance`` tells them apart. Pairs that are
    decoded to one row are left out; where all are, the result is NaN.

    References
    ----------
    Berthelot, D., Raffel, C., Roy, A., and Goodfellow, I. (2019). Understanding and improving
    interpolation in autoencoders via an adversarial regularizer. International Conference on
    Learning Representations.

    Karras, T., Laine, S., and Aila, T. (2019). A style-based generator architecture for generative
    adversarial networks. Conference on Computer Vision and Pattern Recognition.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skgen import ProbabilisticPCA
    >>> from skgen.metrics import interpolation_smoothness
    >>> X = load_iris().data
    >>> model = ProbabilisticPCA(2).fit(X)
    >>> result = interpolation_smoothness(model, model.transform(X), random_state=0)
    >>> round(result.path_ratio, 6), round(result.largest_step, 6)  # a linear model
    (1.0, 1.0)
    """
    check_scalar(n_pairs, "n_pairs", Integral, min_val=1)
    check_scalar(n_steps, "n_steps", Integral, min_val=2)
    if n_steps % 2:
        raise ValueError(f"n_steps={n_steps} is odd, and a line then has no middle; make it even.")
    if standardize and X is None:
        raise ValueError("standardize=True needs X, whose standard deviations it takes; give X.")
    Z = check_array(Z, dtype=(np.float64, np.float32), input_name="Z", ensure_min_samples=2)
    scale = 1.0
    if standardize:
        scale = np.asarray(X, dtype=np.float64).std(axis=0)
        scale[scale == 0] = 1.0
    first, second = _pairs(len(Z), n_pairs, check_random_state(random_state))
    paths = _decoded(_decoder(model), Z[first], Z[second], n_steps) / scale
    steps = np.linalg.norm(np.diff(paths, axis=0), axis=2)
    chords = np.linalg.norm(paths[-1] - paths[0], axis=1)
    moves = chords > 0
    if not moves.any():
        return InterpolationSmoothness(np.nan, np.nan, np.nan)
    steps, chords = steps[:, moves], chords[moves]
    off = np.nan if X is None else _relative_distance(np.asarray(X) / scale, paths)
    return InterpolationSmoothness(
        path_ratio=float((steps.sum(axis=0) / chords).mean()),
        largest_step=float((steps.max(axis=0) / steps.mean(axis=0)).mean()),
        midpoint_distance=off,
    )


def _decoder(model):
    """The function that takes codes to rows."""
    decode = decoder(model) or (model if callable(model) else None)
    if decode is not None:
        return decode
    raise ValueError(
        f"{type(model).__name__} has no inverse_transform and no generate, and is no function; "
        "give a model that decodes."
    )


def _pairs(n, n_pairs, rng):
    """Positions of two different rows for each pair."""
    first = rng.randint(n, size=n_pairs)
    return first, (first + 1 + rng.randint(n - 1, size=n_pairs)) % n


def _decoded(decode, start, end, n_steps):
    """Rows on the way from each start to its end, (n_steps + 1, n_pairs, n_features)."""
    codes = lines(start, end, n_steps + 1)
    rows = np.asarray(decode(codes.reshape(-1, start.shape[1])), dtype=np.float64)
    return rows.reshape(n_steps + 1, len(start), -1)


def _relative_distance(X, paths):
    """Mean distance of the middles from X over that of the ends; infinite where these are X."""
    middle = nearest_record_distance(X, paths[len(paths) // 2]).mean()
    ends = nearest_record_distance(X, np.concatenate([paths[0], paths[-1]])).mean()
    return float(middle / ends) if ends > 0 else float("inf")
