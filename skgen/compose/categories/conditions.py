"""Which law categories have, and that of rows under conditions: each condition by itself."""

import numpy as np

from skgen.compose.categories.groups import dense
from skgen.compose.categories.law import CategoryLaw
from skgen.compose.drawing import redraw_seeds
from skgen.compose.given import GivenModel
from skgen.compose.steps import model_measure


def law_of_codes(chain, model, frequencies):
    """Law of the codes of categories that a chain of steps makes.

    None where there are none, or they are mixed: then no ``frequencies`` were learned.
    """
    if frequencies is None:
        return None

    def law_of(model):
        return CategoryLaw(model, model_measure(model), chain.groups(), frequencies)

    law = law_of(model)
    if isinstance(model, GivenModel) and law.is_enumerable():
        return LawByCondition(model, law_of)
    return law


class LawByCondition:
    """What a ``CategoryLaw`` says, for rows that each have a condition.

    Parameters
    ----------
    model : GivenModel
        The fitted model and the conditions.
    law_of : callable
        ``law_of(model)`` gives the law under one condition.
    """

    def __init__(self, model, law_of):
        self.model, self.law_of = model, law_of

    def check_score(self):
        """Raise where the model says nothing of the probabilities of categories."""
        self.law_of(self.model).check_score()

    def score_samples(self, Z):
        """Log-probabilities of rows of codes, each under its own condition."""
        scores = np.empty(Z.shape[0])
        for rows, law in self._parts(Z.shape[0]):
            scores[rows] = law.score_samples(Z[rows])
        return scores

    def sample(self, n_samples, random_state):
        """Valid rows of codes, each under its own condition."""
        seeds = redraw_seeds(self.model, random_state)
        drawn = None
        for rows, law in self._parts(n_samples):
            part = law.sample(len(rows), next(seeds))
            drawn = np.empty((n_samples, part.shape[1]), part.dtype) if drawn is None else drawn
            drawn[rows] = part
        return drawn

    def has_missing_categories(self, Z):
        """Whether a category is missing whose probability the model tells."""
        return self.law_of(self.model).has_missing_categories(Z)

    def fill_categories(self, Z):
        """Codes of missing categories: the most probable given the row and its condition."""
        if not self.has_missing_categories(Z):
            return Z
        Z = np.array(dense(Z))
        for rows, law in self._parts(len(Z)):
            Z[rows] = law.fill_categories(Z[rows])
        return Z

    def sample_conditional(self, Z, n_draws, random_state):
        """Completed rows of codes, (n_draws, n_samples, n_columns)."""
        seeds, Z = redraw_seeds(self.model, random_state), dense(Z)
        draws = np.empty((n_draws, *Z.shape), Z.dtype)
        for rows, law in self._parts(len(Z)):
            draws[:, rows] = law.sample_conditional(Z[rows], n_draws, next(seeds))
        return draws

    def _parts(self, n):
        """Numbers of the rows of each condition, and its law."""
        for rows, model in self.model.by_condition(n):
            yield rows, self.law_of(model)
