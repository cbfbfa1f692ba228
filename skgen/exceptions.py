"""Errors and warnings that users may want to catch by name."""


class DivergenceError(ValueError):
    """A fit produced a non-finite objective; the earlier fit, if any, is kept."""


class DataRangeWarning(UserWarning):
    """The data lie outside the range that the model describes."""


class HeywoodWarning(UserWarning):
    """A noise variance of a factor model ran to its lower bound."""


class MeasureWarning(UserWarning):
    """Scores of states and of densities are about to be compared."""
