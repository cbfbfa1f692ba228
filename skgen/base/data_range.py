"""Which likelihood suits the data, which values it describes, and the scales of its networks."""

import numpy as np
from scipy.sparse import issparse

from skgen.base.warn import warn
from skgen.exceptions import DataRangeWarning

LEAST_NOISE = 1e-4  # sd of the noise >= 1 % of that of the data
# Bits, probabilities, and what a scaler of other rows lets slip lie less far from [0, 1].
FARTHEST = 1.0
# scikit-learn's checks fit rows of values up to 103 to any estimator.
FARTHEST_CHECKED = 128.0
ROUNDING = 1e-6  # by which a scaler may overshoot
SPAN = 8  # standard deviations that the range of a column may have
FAR = 10.0  # standard deviations beyond which the scales of earlier rows are of no use


def looks_binary(columns, fraction=0.25):
    """Whether all rows lie in [0, 1] with more than such a fraction of their values at the ends.

    So are binary data and gray images; continuous data that were scaled into the unit
    interval are not, and deserve a density.
    """
    low, high = value_range(columns)
    return low >= 0 and high <= 1 and columns.fraction_at_ends() > fraction


def value_range(columns):
    """Least and greatest value of all columns."""
    low, high = columns.extremes()
    return float(low.min()), float(high.max())


def range_of_bits(columns, name, remedy, farthest=FARTHEST):
    """Range in which the fitted model will take values: [0, 1], and what more it is trained on.

    Parameters
    ----------
    columns : Columns
        Of the training rows.
    name, remedy : str
        What describes bits, and what to use for other values.
    farthest : float
        Distance from [0, 1] at which a value is refused.
    """
    low, high = value_range(columns)
    says = f"{name} describes values in [0, 1], but X ranges from {low:.3g} to {high:.3g}; "
    remedy = f"scale X with MinMaxScaler, or use {remedy}."
    if max(-low, high - 1) >= farthest:
        raise ValueError(says + remedy)
    if max(-low, high - 1) > ROUNDING:
        warn(says + remedy, DataRangeWarning)
    return min(low, 0.0), max(high, 1.0)


def widened_range(columns, known, name, remedy):
    """The range of a model after it goes on with other rows."""
    low, high = value_range(columns)
    reason = f"the earlier fit took X for {name}"
    _refuse_or_warn((low, high), known, reason, remedy, "the range is widened")
    return min(low, known[0]), max(high, known[1])


def inside(X, known, name, remedy):
    """X with what strays from the range of the model at its nearest end; NaN is passed over.

    Values farther from it than it is wide are refused.
    """
    values = X.data if issparse(X) else X
    low, high = (float(end.reduce(values, axis=None, initial=0.0)) for end in (np.fmin, np.fmax))
    reason = f"the fit took X for {name}"
    effect = "what lies outside counts as the nearest of these"
    if not _refuse_or_warn((low, high), known, reason, remedy, effect):
        return X
    if not issparse(X):
        return np.clip(X, *known)
    clipped = X.copy()
    clipped.data = np.clip(X.data, *known)
    return clipped


def _refuse_or_warn(found, known, reason, remedy, effect):
    """Whether values leave the known range; refuses those that leave it far."""
    outside = max(known[0] - found[0], found[1] - known[1])
    if not outside > ROUNDING:
        return False
    says = (
        f"X ranges from {found[0]:.3g} to {found[1]:.3g}, but {reason}, with values from "
        f"{known[0]:.3g} to {known[1]:.3g}; "
    )
    if outside >= known[1] - known[0]:
        raise ValueError(says + f"scale X as the rows of the fit were, or fit anew with {remedy}.")
    warn(
        f"{says}{effect}. Scale X with MinMaxScaler(clip=True), or fit anew with {remedy}.",
        DataRangeWarning,
    )
    return True


def common_scale(columns):
    """Mean of each column, and one scale for all: the root of their mean variance."""
    mean, variance = columns.moments()
    return mean, float(np.sqrt(variance.mean())) or 1.0


def column_scales(columns):
    """Mean of each column, and its standard deviation.

    A constant column has none: it takes the median of the others', and 1 where all are constant.
    """
    mean, variance = columns.moments()
    return mean, of_constant(columns, np.sqrt(variance))


def robust_scales(columns, span=SPAN):
    """Mean of each column, and its standard deviation or, if more, 1 / ``span`` of its range.

    A column that is nearly always constant, such as a pixel at the edge of an image, has a small
    standard deviation, and its few other values would lie many of these away.
    """
    mean, variance = columns.moments()
    low, high = columns.extremes().astype(float)
    return mean, of_constant(columns, np.maximum(np.sqrt(variance), high / span - low / span))


def of_constant(columns, scale):
    """Scales with those of constant columns at the median of the others, or at 1."""
    mean, _ = columns.moments()
    # A constant column of large numbers has a rounding error for a variance.
    varies = scale > _rounding(columns, mean)
    return np.where(varies, scale, np.median(scale[varies]) if varies.any() else 1.0)


def constant_columns(estimator, columns, goes_on):
    """Which columns have held one value, their center, in all rows that an estimator was shown.

    Returns a mask (n_features,), or None where there are none, or all columns have one scale.
    """
    unknown = goes_on and estimator._constant is None
    if unknown or np.ndim(estimator._scale) == 0 or estimator._accepts_nan:
        return None
    mean, variance = columns.moments()
    # From one constant to another a column has moved, and then it varies.
    spread = np.sqrt(variance) + np.abs(mean - estimator._center)
    constant = spread <= _rounding(columns, mean)
    if goes_on:
        constant &= estimator._constant
    return constant if constant.any() else None


def hold_constant(rows, constant, values):
    """Rows (..., n_features) with the values of the features that held one; changed in place."""
    if constant is not None:
        rows[..., constant] = values[constant]
    return rows


def _rounding(columns, mean):
    """Spreads up to which a column of such a mean is constant."""
    return 10 * columns.digits * np.abs(mean)


def noise_floors(columns):
    """Least noise variance of each column that its rows vouch for, as a fraction of its variance.

    A column that is nearly always constant has seen too few other values for a decoder to
    claim that it predicts them. With kurtosis kappa the variance of n rows is known as well
    as from n / (kappa - 1) rows of a two-point law, and one more is assumed as noise.
    """
    n_effective = columns.n_vouching() / np.maximum(columns.kurtosis() - 1, 1e-3)
    return np.maximum(1 / (1 + n_effective), LEAST_NOISE)
