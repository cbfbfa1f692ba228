"""Warnings of what did not converge, and of codes that hold nothing."""

from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.extmath import row_norms

from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.exceptions import DataRangeWarning


def warn_of_epochs(max_iter, tol):
    """Say that the epochs ran out; with ``tol=0`` their number was a choice."""
    if tol > 0:
        warn(
            f"The objective was still falling after {counted(max_iter, 'epoch')}; raise "
            f"max_iter={max_iter} or tol={tol}.",
            ConvergenceWarning,
        )


def warn_of_codes(gap, code_tol, code_max_iter):
    """Say that codes miss their tolerance, of which ``gap`` is the multiple reached."""
    if gap > 1:
        warn(
            f"Some codes miss code_tol={code_tol} by a factor of {gap:.1e}; raise "
            f"code_max_iter={code_max_iter} or code_tol, or scale the features.",
            ConvergenceWarning,
        )


def warn_of_no_codes(usage, X, alpha):
    """Say that the penalty outweighs all rows; ``usage`` is how often each atom is used."""
    if usage.any():
        return
    # An atom of length one is used where its product with the row exceeds alpha.
    longest = float(row_norms(X).max())
    if longest > 0:
        warn(
            f"All codes are 0: alpha={alpha} outweighs the rows of X, the longest of which has the "
            f"length {longest:.3g}; scale X, or lower alpha to a fraction of that.",
            DataRangeWarning,
        )
