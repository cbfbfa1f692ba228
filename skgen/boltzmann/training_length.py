"""How long a machine trains where rows are few: by a first run that holds some of them out."""

import numpy as np

from skgen.base.torch_estimator import trial_fit, trial_of
from skgen.base.training_rows import hold_out

# With more rows in all, or a hidden unit, machines hardly learn rows by heart.
MOST_ROWS = 2000
ROWS_A_UNIT = 50
HELD_OUT = 0.2
FIRST_LOOK = 10
GROWTH = 1.25  # of the number of updates from one look to the next
PATIENCE = 3  # times the updates of the best look, after which no better one is awaited


def has_few_rows(n_samples, n_hidden, most=MOST_ROWS):
    """Whether so many rows are few for so many hidden units, but enough to hold one out."""
    return 2 <= n_samples < min(most, ROWS_A_UNIT * n_hidden)


def updates_by_held_out_rows(estimator, columns, most, score, *, growth=GROWTH, **changes):
    """Updates, at most so many, after which held-out rows have the highest score on average.

    ``estimator`` is an unfitted machine, and ``score`` names its method that scores rows. The
    first run has a seed of its own, and parameters as in ``changes``.
    """
    X, weight = columns.X, columns.weight
    training, held_out = hold_out(X.shape[0], HELD_OUT, np.random.RandomState(0))
    twin = trial_of(
        estimator,
        warm_start=True,
        early_stopping=False,
        learning_rate_schedule="constant",
        **changes,
    )
    updates_an_epoch = -(-len(training) // min(estimator.batch_size, len(training)))
    done, look, best, updates = 0, FIRST_LOOK, -np.inf, FIRST_LOOK
    while done < most and done <= PATIENCE * max(updates, 3 * FIRST_LOOK):
        epochs = max(1, round((look - done) / updates_an_epoch))
        twin.set_params(max_iter=epochs)
        trial_fit(twin, X[training], None if weight is None else weight[training])
        done, look = twin.n_iter_ * updates_an_epoch, look * growth
        scores = getattr(twin, score)(X[held_out])
        mean = np.average(scores, weights=None if weight is None else weight[held_out])
        if mean > best:
            best, updates = mean, done
    return min(updates, most)
