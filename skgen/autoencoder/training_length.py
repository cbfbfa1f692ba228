"""How long an autoencoder of bits trains where rows are few: by a first fit that holds some out."""

import math

import numpy as np

from skgen.base.torch_estimator import trial_fit, trial_of

EPOCHS = 100
# More rows are hardly learned by heart in so many epochs.
MOST_ROWS = 2000
HELD_OUT = 0.2
PATIENCE = 20  # epochs after the best one


def chosen_epochs(estimator, columns):
    """Epochs that max_iter="auto" stands for where the loss is a cross-entropy."""
    if estimator.max_iter != "auto" or estimator.early_stopping:
        return EPOCHS
    if not 2 <= columns.X.shape[0] < MOST_ROWS:
        return EPOCHS
    return epochs_by_held_out_rows(estimator, columns)


def epochs_by_held_out_rows(estimator, columns):
    """Epochs after which held-out rows have the lowest loss, if they are fewer than ``EPOCHS``."""
    trial = trial_of(
        estimator,
        max_iter=EPOCHS,
        early_stopping=True,
        validation_fraction=HELD_OUT,
        n_iter_no_change=PATIENCE,
        tol=0.0,
    )
    trial_fit(trial, columns.X, columns.weight)
    best = 1 + int(np.argmax(trial.validation_scores_))
    if estimator.learning_rate_schedule == "constant":
        return best
    return epochs_at_the_same_pace(best)


def epochs_at_the_same_pace(n_epochs):
    """Epochs of a whole schedule with the sum of learning rates of the first of ``EPOCHS``.

    Weights so travel as far, and still settle at the end.
    """
    progress = n_epochs / EPOCHS
    return math.ceil(EPOCHS * (progress + math.sin(math.pi * progress) / math.pi) - 1e-9)
