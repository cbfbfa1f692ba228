"""What the machines must know of the visible units before they learn."""

from dataclasses import replace

from skgen.base.data_range import FARTHEST_CHECKED, column_scales, noise_floors, range_of_bits
from skgen.boltzmann.learning.denoising_start import enough_updates, first_rows
from skgen.boltzmann.learning.state import data_means


def inspect_bits(estimator, columns):
    """Set the range that the machine takes; return center and scale of its rows."""
    estimator._value_range = range_of_bits(columns, *estimator._of_bits, FARTHEST_CHECKED)
    return 0.0, 1.0


def inspect_numbers(estimator, columns, n_updates, denoises):
    """Return center and scale of rows; set those that the machine starts from, if it denoises.

    Those are kept until it is built. Then ``max_iter="auto"`` stands for ``n_updates``, as long as
    rows are not few.
    """
    center, scale = column_scales(columns)
    estimator._first_rows = estimator._enough_updates = None
    if denoises:
        estimator._first_rows = first_rows(estimator, columns, center, scale)
        estimator._enough_updates = enough_updates(columns.n_rows, n_updates)
    return center, scale


def shorten_start(estimator, n_updates):
    """Let ``max_iter="auto"`` stand for so many updates, before which as many denoise."""
    estimator._enough_updates = n_updates
    first = vars(estimator).get("_first_rows")
    if first is not None:
        estimator._first_rows = replace(first, n_updates=min(first.n_updates, n_updates))


def measure_bits(estimator, columns):
    """Set the means of binary units."""
    estimator._means = data_means(columns.total(), columns.n_rows)


def measure_numbers(estimator, columns):
    """Set the means of Gaussian units, and how little noise their rows vouch for."""
    estimator._means, _ = columns.moments()
    estimator._noise_floor = noise_floors(columns)


MEASURES = {"binary": measure_bits, "gaussian": measure_numbers}
