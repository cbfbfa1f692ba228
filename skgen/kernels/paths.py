"""Paths between pairs of points: straight lines, and arcs about the origin."""

import numpy as np


def lines(start, end, n_points):
    """Even steps from each row of start (n, k) to that of end, (n_points, n, k)."""
    t = _times(n_points)
    return ((1 - t) * start + t * end).astype(start.dtype, copy=False)


def arcs(start, end, n_points):
    """Even turns from each row of start (n, k) to that of end, (n_points, n, k).

    Rows of one length keep it on the way (Shoemake 1985), as draws of a standard normal in many
    dimensions nearly do. Rows that are parallel, or zero, have no arc, and are joined by a line.
    """
    t = _times(n_points)
    lengths = np.linalg.norm(start, axis=1) * np.linalg.norm(end, axis=1)
    cosine = np.sum(start * end, axis=1) / np.where(lengths > 0, lengths, 1)
    angle = np.arccos(np.clip(cosine, -1, 1))[:, None]
    sine = np.sin(angle)
    turns = (lengths[:, None] > 0) & (sine > np.cbrt(np.finfo(start.dtype).eps))
    sine = np.where(turns, sine, 1)
    arc = (np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / sine
    return np.where(turns, arc, lines(start, end, n_points)).astype(start.dtype, copy=False)


def _times(n_points):
    """Even weights of the end, from 0 to 1, (n_points, 1, 1)."""
    return np.linspace(0, 1, n_points)[:, None, None]
