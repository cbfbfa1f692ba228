"""A fitted model under conditions, behind the verbs that a pipeline calls without them."""

from inspect import signature

import numpy as np

from skgen.base.conditions.coding import repeated_row


def takes_conditions(model):
    """Whether scores of a model depend on conditions of the rows."""
    return getattr(model, "conditional", False)


def given(model, y, verb):
    """The model under conditions y, where there are any; refuses a verb that takes none."""
    if y is None:
        return model
    if "y" not in signature(getattr(model, verb)).parameters:
        raise ValueError(
            f"y is given, but {verb} of {type(model).__name__} takes no condition; leave y out, or "
            "end the pipeline with a model that has the parameter conditional."
        )
    return GivenModel(model, y)


def refuse_metadata(params):
    """Refuse metadata of a ``score`` that is a log-density."""
    if params:
        raise TypeError(
            f"score got {sorted(params)}, but a log-density takes no metadata; pass X and, to "
            "weigh the rows, sample_weight."
        )


def name_of(model):
    """Name of a model's class, be it under conditions or not."""
    return type(model.model if isinstance(model, GivenModel) else model).__name__


class GivenModel:
    """What a model says of rows given y: one condition for all draws, or one a row.

    With ``row`` all rows have the condition of this row of y.
    """

    def __init__(self, model, y, row=None):
        self.model, self._y, self._row = model, y, row

    def _conditions_of(self, n):
        return self._y if self._row is None else repeated_row(self._y, self._row, n)

    def __getattr__(self, name):
        return getattr(self.model, name)

    def by_condition(self, n):
        """Numbers of the rows of each condition among n, and the model under it for any rows."""
        code = self.model._code_of_draws(n, None, self._y)
        y = self.model._conditions.as_rows(self._y)
        _, first, place = np.unique(code, axis=0, return_index=True, return_inverse=True)
        for number, row in enumerate(first):
            yield np.flatnonzero(place.ravel() == number), GivenModel(self.model, y, row)

    def sample(self, n_samples=1, random_state=None):
        """Draws given y."""
        return self.model.sample(n_samples, random_state, y=self._conditions_of(n_samples))

    def score_samples(self, X):
        """Scores of rows given y."""
        return self.model.score_samples(X, self._conditions_of(len(X)))

    def impute(self, X):
        """Rows with every NaN filled, given y."""
        return self.model.impute(X, self._conditions_of(len(X)))

    def sample_conditional(self, X, n_draws=1, random_state=None):
        """Completed rows given y."""
        return self.model.sample_conditional(
            X, n_draws, random_state, y=self._conditions_of(len(X))
        )
