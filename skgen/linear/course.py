"""What an ascent of the likelihood tells of itself, iteration by iteration."""

import numpy as np


def course(log_likelihoods):
    """Fitted attributes from the total log-likelihoods after each iteration, in nats."""
    return {
        "loglike_": [float(value) for value in log_likelihoods],
        "n_iter_": len(log_likelihoods),
    }


def iterated(trace):
    """Log-likelihoods after each iteration, where a trace begins at the start of the ascent.

    A fit that needs no iteration has that of its end.
    """
    return np.asarray(trace[1:] if len(trace) > 1 else trace)


def tell(report, model, log_likelihoods, save=None):
    """Report an iteration; whether to stop.

    ``model()`` returns the fitted attributes that describe the model, ``log_likelihoods()`` the
    total log-likelihoods after each iteration so far, ``save()`` what another process needs.
    """
    return report(
        lambda: model() | course(log_likelihoods()),
        lambda: {"log-likelihood": log_likelihoods()[-1]},
        save,
    )


class Ascents:
    """Fits that follow each other; where they go on, those that had ended are not repeated.

    Parameters
    ----------
    fit : callable
        ``fit(start, report=..., saved=...)`` as in ``em.fit``.
    report : callable
        ``report(mixture, trace, save) -> bool`` hears of each iteration; ``save()`` returns what
        is the ``saved`` of other ascents that go on from there.
    saved : dict or None, default=None
        Where to go on.
    """

    def __init__(self, fit, report, saved=None):
        self._fit, self._report, self._number = fit, report, 0
        self._ended = list(saved["ended"]) if saved else []
        self._begun = saved and saved["begun"]

    def __call__(self, start):
        """The fit from a start, or what it was."""
        number, self._number = self._number, self._number + 1
        if number == len(self._ended):
            begun, self._begun = self._begun, None
            self._ended.append(self._fit(start, report=self._told, saved=begun))
        return self._ended[number]

    def _told(self, mixture, objective, trace):
        begun = mixture, objective, trace
        return self._report(mixture, trace, lambda: {"ended": self._ended, "begun": begun})
