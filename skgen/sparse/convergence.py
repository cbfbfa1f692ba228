"""Warnings of what did not converge."""

from sklearn.exceptions import ConvergenceWarning

from skgen.base.warn import warn
from skgen.base.wording import counted


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
