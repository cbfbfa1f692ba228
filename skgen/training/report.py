"""What a fit tells its user and its callbacks, epoch by epoch."""

import logging
import sys

import numpy as np

logger = logging.getLogger("skgen")


def epoch_reporter(place, max_iter, verbose, callback):
    """``report(history, seconds) -> bool`` for the loop: log, then ask ``callback(history)``.

    ``place`` says which stage of how many this is, counted from zero.
    """
    number, n_stages = place
    heading = f"stage {number + 1} of {n_stages}  " if n_stages > 1 else ""
    elapsed = 0.0

    def report(history, seconds):
        nonlocal elapsed
        elapsed += seconds
        if verbose:
            _ensure_visible()
            logger.info("%s%s", heading, epoch_line(history, max_iter, seconds, elapsed))
        return callback(history)

    return report


def epoch_line(history, max_iter, seconds, elapsed):
    """Losses of the last epoch, how long it took, and how long the rest of the stage may take."""
    losses = "  ".join(f"{key} {np.mean(curve[-1]):.6g}" for key, curve in history.losses.items())
    held_out = f"  validation {history.validation[-1]:.6g}" if history.validation else ""
    n_epochs = history.n_epochs
    left = (max_iter - n_epochs) * elapsed / n_epochs
    return f"epoch {n_epochs}/{max_iter}  {losses}{held_out}  {seconds:.2f} s, {left:.0f} s left"


def _ensure_visible():
    """Show INFO lines on stdout unless the application has set up logging itself."""
    if logger.handlers or logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("[skgen] %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
