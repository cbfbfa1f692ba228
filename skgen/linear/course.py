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


def tell(report, model, log_likelihoods):
    """Report an iteration; whether to stop.

    ``model()`` returns the fitted attributes that describe the model, ``log_likelihoods()`` the
    total log-likelihoods after each iteration so far.
    """
    return report(
        lambda: model() | course(log_likelihoods()),
        lambda: {"log-likelihood": log_likelihoods()[-1]},
    )
