"""How long a machine trains where rows are few: by a first run that holds some of them out."""

import math

import numpy as np

from skgen.base.run import Settings
from skgen.base.torch_estimator import trial_fit, trial_of
from skgen.base.training_rows import hold_out
from skgen.base.trials.held_out_epochs import epochs_by_held_out_rows

# With more rows in all, or a hidden unit, machines hardly learn rows by heart.
MOST_ROWS = 2000
ROWS_A_UNIT = 50
HELD_OUT = 0.2
FIRST_LOOK = 10
GROWTH = 1.25  # of the number of updates from one look to the next
PATIENCE = 3  # times the updates of the best look, after which no better one is awaited
FEW_ROWS = 1000  # of machines that learn rows by heart sooner, or of which fits take longer
# A first run needs no more: its weights are small where the choice is made.
N_AIS_STEPS = 200


def has_few_rows(n_samples, n_hidden, most=MOST_ROWS):
    """Whether so many rows are few for so many hidden units, but enough to hold one out."""
    return 2 <= n_samples < min(most, ROWS_A_UNIT * n_hidden)


class HeldOutRows:
    """Rows for a first run, and those that it holds out, which ``score``, a method, judges."""

    def __init__(self, columns, score):
        rows = hold_out(columns.X.shape[0], HELD_OUT, np.random.RandomState(0))
        weights = [None if columns.weight is None else columns.weight[part] for part in rows]
        self.training, self.held_out = zip((columns.X[part] for part in rows), weights)
        self.score = score

    def updates_an_epoch(self, estimator):
        """Updates of an epoch of the first run."""
        n_rows = self.training[0].shape[0]
        return math.ceil(n_rows / Settings(estimator.batch_size).rows_an_update(n_rows))

    def score_after(self, twin, n_epochs):
        """Mean score of the rows held out after so many epochs, or so many more."""
        X, weight = self.training
        trial_fit(twin.set_params(max_iter=n_epochs), X, sample_weight=weight)
        X, weight = self.held_out
        return np.average(getattr(twin, self.score)(X), weights=weight)


def updates_by_held_out_rows(estimator, columns, most, score, *, growth=GROWTH, **changes):
    """Updates, at most so many, after which held-out rows have the highest score on average.

    ``estimator`` is an unfitted machine, and ``score`` names its method that scores rows. The
    first run has a seed of its own, and parameters as in ``changes``.
    """
    rows = HeldOutRows(columns, score)
    constant = {"early_stopping": False, "learning_rate_schedule": "constant"}
    twin = trial_of(estimator, warm_start=True, **constant, **changes)
    updates_an_epoch = rows.updates_an_epoch(estimator)
    done, look, best, updates = 0, FIRST_LOOK, -np.inf, FIRST_LOOK
    while done < most and done <= PATIENCE * max(updates, 3 * FIRST_LOOK):
        mean = rows.score_after(twin, max(1, round((look - done) / updates_an_epoch)))
        done, look = twin.n_iter_ * updates_an_epoch, look * growth
        if mean > best:
            best, updates = mean, done
    return min(updates, most)


def updates_by_short_fits(estimator, columns, most, score, **changes):
    """The same by fits of a 64th, a 16th and a quarter of the updates, and of all of them.

    It is for machines that learn layer by layer, or whose start depends on how long they will
    learn. Fits after two that were worse than an earlier one are left out.
    """
    rows = HeldOutRows(columns, score)
    updates_an_epoch = rows.updates_an_epoch(estimator)
    best, updates, n_worse = -np.inf, most, 0
    for look in (most / 64, most / 16, most / 4, most):
        twin = trial_of(estimator, early_stopping=False, **changes)
        mean = rows.score_after(twin, max(1, round(look / updates_an_epoch)))
        n_worse = n_worse + 1 if mean <= best else 0
        if mean > best:
            best, updates = mean, look
        if n_worse == 2:
            break
    return max(1, round(updates))


def updates_by_early_stopping(estimator, columns, most, patience):
    """Updates, at most so many, after which held-out rows have the lowest loss of training.

    The first run ends ``patience`` updates after the best epoch.
    """
    n_rows = columns.X.shape[0]
    a_batch = Settings(estimator.batch_size).rows_an_update(n_rows)
    an_epoch = math.ceil(n_rows / a_batch)
    looks = (math.ceil(n_updates / an_epoch) for n_updates in (most, patience))
    n_epochs = epochs_by_held_out_rows(estimator, columns.X, *looks, sample_weight=columns.weight)
    # What makes as many epochs again.
    return n_epochs * n_rows // a_batch


def shortened(estimator, columns, n_hidden):
    """Updates by short fits, where rows are few and these are better than long ones, or None."""
    few = has_few_rows(columns.X.shape[0], n_hidden, FEW_ROWS)
    if estimator.max_iter != "auto" or estimator.early_stopping or not few:
        return None
    most, how = estimator._n_updates, {"n_ais_steps": N_AIS_STEPS}
    updates = updates_by_short_fits(estimator, columns, most, "score_samples", **how)
    return updates if updates < most else None
