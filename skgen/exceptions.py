"""Errors and warnings that users may want to catch by name."""


class DivergenceError(ValueError):
    """A fit produced a non-finite objective; the earlier fit, if any, is kept."""


class FitInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a fit, and the estimator keeps what it had learned.

    ``model = VAE().fit(X)`` then assigns nothing; after such a line ``sys.last_value.estimator``
    is the model.

    Attributes
    ----------
    estimator : estimator or list of estimator
        What was being fitted: a list by ``fit_seeds``.
    """

    @classmethod
    def of(cls, estimator, course):
        """The exception for an estimator, or a list; ``course`` says where its fit ended."""
        one = estimator[0] if isinstance(estimator, list) else estimator
        error = cls(
            f"The fit of {type(one).__name__} was interrupted {course}; "
            "what it had learned is kept."
        )
        error.estimator = estimator
        return error


class DataRangeWarning(UserWarning):
    """The data lie outside the range that the model describes."""


class HeywoodWarning(UserWarning):
    """A noise variance of a factor model ran to its lower bound."""


class MeasureWarning(UserWarning):
    """Scores of states and of densities are about to be compared."""


class IdentificationWarning(UserWarning):
    """A factor model has more parameters than the covariance can determine."""


class CheckpointWarning(UserWarning):
    """A checkpoint is damaged, and an earlier one stands in."""
