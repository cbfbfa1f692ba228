"""Moments of rows and of their steps in time, in one pass and mergeable."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from skgen.kernels.moments import row_blocks

# Expanded rows a block at least: each block adds a matrix of all pairs of columns.
FEWEST_ROWS = 512
# Digits to which lengths of steps are kept; equal ones are kept once.
STEP_DIGITS = 4
SECOND = np.timedelta64(1, "s")


class SequenceMoments(NamedTuple):
    """What slow features need to know of rows in time order; sums, so that parts can be merged.

    ``scatter`` holds products around the mean, ``speeds`` those of the differences of rows
    ``lag`` apart, divided by the time between them. ``lengths`` counts these times, and
    ``duration`` is the time that all sequences take together.
    """

    n_rows: int
    mean: np.ndarray
    scatter: np.ndarray
    n_steps: int
    speeds: np.ndarray
    lengths: Counter
    duration: float

    @property
    def covariance(self):
        """Covariance of the rows; divides by their number."""
        return self.scatter / self.n_rows

    @property
    def mean_speeds(self):
        """Mean products of the speeds of two columns."""
        return self.speeds / self.n_steps


def starts_of(n_rows, groups):
    """Which rows begin a sequence, (n_rows,): the first, and where the group changes."""
    starts = np.zeros(n_rows, dtype=bool)
    starts[:1] = True
    if groups is not None:
        starts[1:] = groups[1:] != groups[:-1]
    return starts


def times_between(starts, times):
    """Time from the row before to each row, (n_rows,); 1 without times, and 0 at a start.

    Dates count in seconds. Raises a ValueError where time does not rise within a sequence.
    """
    elapsed = np.where(starts, 0.0, 1.0)
    if times is not None:
        passed = np.diff(times)
        if passed.dtype.kind == "m":
            passed = passed / SECOND
        elapsed[1:] = np.where(starts[1:], 0.0, passed)
        still = np.flatnonzero(~starts & (elapsed <= 0))
        if len(still):
            t = still[0]
            raise ValueError(
                f"times must rise within a sequence, but go from {times[t - 1]} to {times[t]} "
                f"in row {t}; sort the rows, or tell sequences apart by groups."
            )
    return elapsed


def step_ends(starts, elapsed, lag):
    """First rows of the steps over ``lag`` rows within a sequence, and the time of each."""
    when, sequence = np.cumsum(elapsed), np.cumsum(starts)
    first = np.flatnonzero(sequence[:-lag] == sequence[lag:])
    return first, when[first + lag] - when[first]


def counted_lengths(length):
    """How often each length of a step occurs."""
    return Counter(rounded(length).tolist())


def sequence_moments(X, starts, elapsed, lag, expand, *, n_known=0):
    """Moments of ``expand(X)`` and its steps over ``lag`` rows within a sequence.

    The first ``n_known`` rows were counted before and only take part in steps.
    """
    n = len(X)
    first, length = step_ends(starts, elapsed, lag)
    first, length = first[first + lag >= n_known], length[first + lag >= n_known]
    d = expand(X[:1]).shape[1]
    n_rows = n - n_known
    shift, total = None, np.zeros(d)
    second, speeds = np.zeros((d, d)), np.zeros((d, d))
    for rows in row_blocks(n, d, 8, fewest=FEWEST_ROWS):
        Z = expand(X[rows.start : rows.stop + lag])
        own = Z[max(0, n_known - rows.start) : rows.stop - rows.start]
        if len(own):
            # Sums around a row near the mean keep their digits.
            shift = own.mean(axis=0) if shift is None else shift
            Y = own - shift
            total += Y.sum(axis=0)
            second += Y.T @ Y
        inside = slice(*np.searchsorted(first, (rows.start, rows.stop)))
        at = first[inside] - rows.start
        steps = (Z[at + lag] - Z[at]) / length[inside, None]
        speeds += steps.T @ steps
    offset = total / n_rows
    scatter = second - n_rows * np.outer(offset, offset)
    duration, lengths = float(elapsed[n_known:].sum()), counted_lengths(length)
    return SequenceMoments(n_rows, shift + offset, scatter, len(first), speeds, lengths, duration)


def speeds_of(Z, starts, elapsed, lag):
    """Differences of rows ``lag`` apart within a sequence, divided by the time between them."""
    first, length = step_ends(starts, elapsed, lag)
    return (Z[first + lag] - Z[first]) / length[:, None]


def rounded(lengths):
    """Lengths of steps to ``STEP_DIGITS`` digits."""
    with np.errstate(divide="ignore"):
        scale = 10.0 ** (STEP_DIGITS - 1 - np.floor(np.log10(lengths)))
    return np.round(lengths * scale) / scale


def merged(a, b):
    """Moments of the rows of both."""
    n = a.n_rows + b.n_rows
    gap = b.mean - a.mean
    scatter = a.scatter + b.scatter + np.outer(gap, gap) * (a.n_rows * b.n_rows / n)
    return SequenceMoments(
        n,
        a.mean + gap * (b.n_rows / n),
        scatter,
        a.n_steps + b.n_steps,
        a.speeds + b.speeds,
        a.lengths + b.lengths,
        a.duration + b.duration,
    )
