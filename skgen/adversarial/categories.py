"""Latent categories of a GAN, which take the place of conditions."""

import numpy as np

from skgen.base.conditions import Conditions
from skgen.base.conditions.coding import ColumnCoder, as_columns
from skgen.base.conditions.columns import ClassColumn
from skgen.base.labels import is_missing, is_unlabeled


def latent_categories(n_categories):
    """The code of a latent category: numbers 0, 1, ... as classes; None where there are none."""
    if not n_categories:
        return None
    return Conditions(ColumnCoder((ClassColumn("y", np.arange(n_categories)),)), is_flat=True)


def code_of_categories(categories, n_samples, rng, y=None):
    """The code of the categories y of draws, (n_samples, width), uniformly drawn where None."""
    n_categories = len(categories.classes)
    if y is None:
        return categories.code(rng.randint(n_categories, size=n_samples))
    for value in np.ravel(as_columns(np.reshape(y, (1,)) if np.ndim(y) == 0 else y)).tolist():
        if not (is_missing(value) or is_unlabeled(value) or value in range(n_categories)):
            raise ValueError(
                f"y asks for the category {value!r}, but n_categories={n_categories}; use numbers "
                f"from 0 to {n_categories - 1}, or -1 for unknown."
            )
    return categories.code_of_draws(y, n_samples)
