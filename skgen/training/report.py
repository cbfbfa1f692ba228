"""What a fit tells its user and its callbacks, epoch by epoch."""

import logging
import sys

import numpy as np

logger = logging.getLogger("skgen")


def epoch_reporter(stage, number, max_iter, verbose, callback):
    """``report(history, seconds) -> bool`` for the loop: log, then ask ``callback(history)``."""
    name = stage.phases[0].name

    def report(history, seconds):
        if verbose:
            _log_epoch(name, number, history, max_iter, seconds)
        return callback(history)

    return report


def _log_epoch(name, number, history, max_iter, seconds):
    """One line an epoch at level INFO."""
    _ensure_visible()
    losses = "  ".join(f"{key} {np.mean(curve[-1]):.6g}" for key, curve in history.losses.items())
    held_out = f"  validation {history.validation[-1]:.6g}" if history.validation else ""
    logger.info(
        "stage %d epoch %d/%d  %s%s  %.2f s",
        number + 1,
        history.n_epochs,
        max_iter,
        losses,
        held_out,
        seconds,
    )


def _ensure_visible():
    """Show INFO lines on stdout unless the application has set up logging itself."""
    if logger.handlers or logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("[skgen] %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
