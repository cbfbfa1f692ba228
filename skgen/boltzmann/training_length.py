"""How long a machine trains where rows are few: by a first run that holds some of them out."""

import numpy as np

from skgen.base.training_rows import hold_out
from skgen.base.warn import held
from skgen.exceptions import DataRangeWarning

# With more rows in all, or a hidden unit, machines hardly learn rows by heart.
MOST_ROWS = 2000
ROWS_A_UNIT = 50
HELD_OUT = 0.2
FIRST_LOOK = 10
GROWTH = 1.25  # of the number of updates from one look to the next
PATIENCE = 3  # times the updates of the best look, after which no better one is awaited


def has_few_rows(n_samples, n_hidden):
    """Whether so many rows are few for so many hidden units, but enough to hold one out."""
    return 2 <= n_samples < min(MOST_ROWS, ROWS_A_UNIT * n_hidden)


def updates_by_held_out_rows(estimator, X, most):
    """Updates, at most so many, after which held-out rows have the highest pseudo-likelihood.

    ``estimator`` is an unfitted machine, and X are all rows. The first run has a seed of its own,
    so that its answer depends on X and the parameters alone. On small tables of bits, the highest
    pseudo-likelihood came with the highest likelihood, which is slow to estimate.
    """
    training, held_out = hold_out(X.shape[0], HELD_OUT, np.random.RandomState(0))
    twin = type(estimator)(**estimator.get_params(deep=False)).set_params(
        warm_start=True,
        early_stopping=False,
        learning_rate_schedule="constant",
        random_state=0,
        verbose=False,
    )
    updates_an_epoch = -(-len(training) // min(estimator.batch_size, len(training)))
    done, look, best, updates = 0, FIRST_LOOK, -np.inf, FIRST_LOOK
    while done < most and done <= PATIENCE * max(updates, 3 * FIRST_LOOK):
        epochs = max(1, round((look - done) / updates_an_epoch))
        # The fit on all rows says the same of them.
        with held(DataRangeWarning):
            twin.set_params(max_iter=epochs).fit(X[training])
        done, look = twin.n_iter_ * updates_an_epoch, look * GROWTH
        log_p = twin.pseudo_likelihood(X[held_out]).mean()
        if log_p > best:
            best, updates = log_p, done
    return min(updates, most)
