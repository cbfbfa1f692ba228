"""How many epochs serve an estimator on torch, by a first fit that holds rows out."""

import math

import numpy as np

from skgen.base.torch_estimator import trial_fit, trial_of

HELD_OUT = 0.2


def epochs_by_held_out_rows(estimator, X, most, patience, **about_rows):
    """Epochs, at most so many, after which held-out rows have the lowest loss.

    The first fit ends ``patience`` epochs after the best one. Where the learning rate falls, the
    answer has a whole schedule to go through. ``about_rows`` are what ``fit`` takes beside X.
    """
    trial = trial_of(
        estimator,
        max_iter=most,
        early_stopping=True,
        validation_fraction=HELD_OUT,
        n_iter_no_change=patience,
        tol=0.0,
    )
    trial_fit(trial, X, **about_rows)
    best = 1 + int(np.argmax(trial.validation_scores_))
    if estimator.learning_rate_schedule == "constant":
        return best
    return epochs_at_the_same_pace(best, most)


def epochs_at_the_same_pace(n_epochs, most):
    """Epochs of a whole schedule with the sum of learning rates of the first of ``most``.

    Weights so travel as far, and still settle at the end.
    """
    progress = n_epochs / most
    return math.ceil(most * (progress + math.sin(math.pi * progress) / math.pi) - 1e-9)
