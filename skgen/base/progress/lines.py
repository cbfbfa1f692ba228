"""Lines of the logger ``skgen``, one for each iteration of a fit."""

import logging
import sys

from skgen.workers import reports

logger = logging.getLogger("skgen")


def log_line(task, done, most, numbers, times, heading=""):
    """Log how far a fit is.

    Parameters
    ----------
    task : str
        What is counted: "epoch", "iteration".
    done, most : int or None
        How many are done, and how many there will be at most; None where that is not known.
    numbers : dict of str to float
        What to watch, by name.
    times : str
        How long it took.
    heading : str, default=""
        What stands in front of the line.
    """
    if not reports():
        return
    _ensure_visible()
    logger.info("%s%s", heading, progress_line(task, done, most, numbers, times))


def progress_line(task, done, most, numbers, times):
    """The text of such a line."""
    counted = f"{task} {done}" if most is None else f"{task} {done}/{most}"
    return "  ".join([counted, *(f"{name} {x:.6g}" for name, x in numbers.items()), times])


def _ensure_visible():
    """Show INFO lines on stdout unless the application has set up logging itself."""
    if logger.handlers or logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("[skgen] %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
