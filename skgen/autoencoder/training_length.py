"""How long an autoencoder of bits trains where rows are few: by a first fit that holds some out."""

from skgen.base.trials.held_out_epochs import epochs_by_held_out_rows

EPOCHS = 100
# More rows are hardly learned by heart in so many epochs.
MOST_ROWS = 2000
PATIENCE = 20  # epochs after the best one


def chosen_epochs(estimator, columns):
    """Epochs that max_iter="auto" stands for where the loss is a cross-entropy."""
    if estimator.max_iter != "auto" or estimator.early_stopping:
        return EPOCHS
    if not 2 <= columns.X.shape[0] < MOST_ROWS:
        return EPOCHS
    about_rows = {"y": columns.y, "sample_weight": columns.weight}
    return epochs_by_held_out_rows(estimator, columns.X, EPOCHS, PATIENCE, **about_rows)
