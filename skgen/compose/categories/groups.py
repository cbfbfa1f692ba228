"""Columns that stand for one categorical feature each, and the codes that they may have."""

from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

ENCODERS = (OneHotEncoder, OrdinalEncoder)


class Group(NamedTuple):
    """Columns of one categorical feature, and what they are for each category."""

    columns: np.ndarray  # (m,)
    corners: np.ndarray  # (k, m)

    def shifted(self, by):
        """The same group, further to the right."""
        return self._replace(columns=self.columns + by)


def encoder_groups(encoder):
    """Groups of the output of a fitted OneHotEncoder or OrdinalEncoder, one a feature."""
    columns = output_columns(encoder)
    return [Group(own, _corners(encoder, j, own)) for j, own in enumerate(columns)]


def output_columns(encoder):
    """Numbers of the columns that a fitted encoder makes of each feature."""
    widths = [1] * len(encoder.categories_)
    if isinstance(encoder, OneHotEncoder):
        widths = [_one_hot_width(encoder, j) for j in range(len(widths))]
    return np.split(np.arange(sum(widths)), np.cumsum(widths)[:-1])


def _one_hot_width(encoder, j):
    """Columns that a OneHotEncoder makes of feature j."""
    rare = getattr(encoder, "infrequent_categories_", None)
    n_merged = 0 if rare is None or rare[j] is None else len(rare[j]) - 1
    dropped = encoder.drop_idx_ is not None and encoder.drop_idx_[j] is not None
    return len(encoder.categories_[j]) - n_merged - dropped


def _corners(encoder, j, columns):
    """Different codes of the categories of feature j, (k, m)."""
    n_categories = len(encoder.categories_[j])
    rows = np.empty((n_categories, len(encoder.categories_)), dtype=object)
    for i, categories in enumerate(encoder.categories_):
        rows[:, i] = categories[0]
    rows[:, j] = encoder.categories_[j]
    codes = dense(transform_rows(encoder, rows))[:, columns]
    # A category of missing values whose code is NaN is what the model does not see.
    codes = codes[~np.isnan(codes).any(axis=1)]
    _, first = np.unique(codes, axis=0, return_index=True)
    return codes[np.sort(first)]


def merges_categories(encoder):
    """Whether a fitted encoder gives several categories one code."""
    rare = getattr(encoder, "infrequent_categories_", None)
    return rare is not None and any(part is not None and len(part) > 1 for part in rare)


def named_rows(step, rows):
    """An array under the names that a fitted step knows, if any."""
    names = getattr(step, "feature_names_in_", None)
    if names is None or not isinstance(rows, np.ndarray):
        return rows
    import pandas as pd

    return pd.DataFrame(rows, columns=names)


def transform_rows(step, rows):
    """Output of a fitted step for an array, under the names that it was fitted with."""
    return step.transform(named_rows(step, rows))


def dense(Z):
    """A float array, whatever the container."""
    if hasattr(Z, "toarray"):
        Z = Z.toarray()
    return np.asarray(Z, dtype=np.float64)


def nearest(Z, group):
    """Number of the category of each row whose corner is nearest, and the squared distance."""
    index = distances(Z, group).argmin(axis=1)
    return index, np.square(Z[:, group.columns] - group.corners[index]).sum(axis=1)


def distances(Z, group):
    """Squared distances of rows from the corners of a group, but for a number a row."""
    return np.square(group.corners).sum(axis=1) - 2 * Z[:, group.columns] @ group.corners.T


def snap(Z, groups):
    """Rows with the columns of each group moved to the nearest of its corners."""
    Z = np.array(Z)
    for group in groups:
        Z[:, group.columns] = group.corners[nearest(Z, group)[0]]
    return Z


def category_numbers(Z, groups):
    """Category of each row in each group, (n, n_groups), and whether no group has another code."""
    found = [nearest(Z, group) for group in groups]
    scales = [np.square(group.corners).sum(axis=1).max() for group in groups]
    # A missing code is not another one.
    wrong = [distance > 1e-9 * scale for (_, distance), scale in zip(found, scales)]
    return np.stack([index for index, _ in found], axis=1), ~np.any(wrong, axis=0)


def missing_groups(Z, groups):
    """Whether each row lacks the code of each group, (n, n_groups)."""
    return np.stack([np.isnan(Z[:, group.columns]).any(axis=1) for group in groups], axis=1)


def grouped_columns(groups):
    """Numbers of all columns of the groups."""
    return np.concatenate([np.zeros(0, dtype=int), *(group.columns for group in groups)])


def category_frequencies(Z, groups):
    """Frequency of each category among rows, by group."""
    numbers, _ = category_numbers(Z, groups)
    missing = missing_groups(Z, groups)
    counts = [
        np.bincount(n[~gap], minlength=len(g.corners))
        for n, gap, g in zip(numbers.T, missing.T, groups)
    ]
    # A category that was announced and not seen is rare, not impossible.
    return [(n + 1 / len(n)) / (n.sum() + 1) for n in counts]


def lacks_rank_in_groups_only(Z, groups):
    """Whether columns of Z add up to others within groups only, as those of a OneHotEncoder do."""
    Z = Z[~np.isnan(Z).any(axis=1)]
    Z = Z - Z.mean(axis=0)
    Z = Z / np.where(Z.any(axis=0), Z.std(axis=0), 1.0)
    others = np.delete(Z, grouped_columns(groups), axis=1)
    parts = [Z[:, group.columns] for group in groups]
    ranks = [np.linalg.matrix_rank(part) for part in parts]
    return np.linalg.matrix_rank(Z) == others.any(axis=0).sum() + sum(ranks)
