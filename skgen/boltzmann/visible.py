"""What the machines must know of the visible units before they learn."""

from skgen.base.data_range import FARTHEST_CHECKED, column_scales, noise_floors, range_of_bits
from skgen.boltzmann.learning.denoising_start import first_rows
from skgen.boltzmann.learning.state import data_means


def inspect_bits(estimator, columns):
    """Set the range that the machine takes; return center and scale of its rows."""
    estimator._value_range = range_of_bits(columns, *estimator._of_bits, FARTHEST_CHECKED)
    return 0.0, 1.0


def inspect_numbers(estimator, columns):
    """Keep the rows that the machine starts from until then; return center and scale of all."""
    center, scale = column_scales(columns)
    estimator._first_rows = first_rows(estimator, columns, center, scale)
    return center, scale


def measure_bits(estimator, columns):
    """Set the means of binary units."""
    estimator._means = data_means(columns.total(), columns.n_rows)


def measure_numbers(estimator, columns):
    """Set the means of Gaussian units, and how little noise their rows vouch for."""
    estimator._means, _ = columns.moments()
    estimator._noise_floor = noise_floors(columns)


MEASURES = {"binary": measure_bits, "gaussian": measure_numbers}
