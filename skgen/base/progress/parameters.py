"""The constructor parameter of estimators whose fit has iterations."""

from skgen.base.parameters import Parameters, param


class IterationParameters(Parameters):
    """What a fit tells of its iterations.

    Parameters
    ----------
    verbose : bool or int, default=False
        Whether to report each iteration through the logger ``skgen``.
    """

    _former_defaults = {"verbose": False}

    verbose: bool | int = param("verbose", default=False)
