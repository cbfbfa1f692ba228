"""Constructor parameters of the sparse coder."""

from skgen.base.parameters import (
    AUTO,
    COUNT,
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    one_of,
    param,
)
from skgen.base.progress.parameters import IterationParameters

LASSO = {"transform_algorithm": one_of("lasso")}
PURSUIT = {"transform_algorithm": one_of("omp")}
LEARNED = {"dictionary": None}


class SparseCoderParameters(IterationParameters):
    """What a dictionary is learned by, and how rows are coded.

    Parameters
    ----------
    n_components : int or None, default=None
        Number of atoms; None takes the rows of ``dictionary`` or ``dict_init``, else
        ``n_features`` but at most 256.
    alpha : float, default=1.0
        Weight of the l1 norm, in the units of the data. Zero gives least squares.
    algorithm : {"auto", "ista", "fista", "cd"}, default="auto"
        Solver of the lasso codes, in ``fit`` and ``transform``. ``"auto"`` is an exact active-set
        method, the fastest; ``"ista"`` and ``"fista"`` are proximal gradient without and with
        acceleration; ``"cd"`` is coordinate descent. All reach the same codes.
    transform_algorithm : {"lasso", "omp"}, default="lasso"
        What ``transform`` computes: the lasso code, or orthogonal matching pursuit, which adds
        atoms one by one. The dictionary is learned with lasso codes either way.
    n_nonzero_coefs : int or None, default=None
        Most atoms a row in matching pursuit; None takes a tenth of ``n_features``, at least one,
        or as many as ``residual_tol`` needs.
    residual_tol : float or None, default=None
        Matching pursuit stops at a row once the length of its residual, ``|x - a D|``, is no more
        than this, in the units of the data; None stops by ``n_nonzero_coefs`` alone. Lengths
        below 1e-7 of ``|x|`` drown in rounding.
    dictionary : array-like of shape (n_components, n_features) or None, default=None
        A fixed dictionary, used as it is: nothing is learned but the prior of the codes.
        ``transform``, ``inverse_transform`` and the scores then work without ``fit``.
    dict_init : array-like of shape (n_components, n_features) or None, default=None
        Atoms that learning starts at, once scaled to unit norm; None draws them from the rows.
    positive_code : bool, default=False
        Whether lasso codes are non-negative.
    positive_dict : bool, default=False
        Whether atoms are non-negative.
    split_sign : bool, default=False
        Whether ``transform`` returns positive and negative parts as separate columns.
    batch_size : int or "auto", default="auto"
        Rows in a step of the dictionary; ``"auto"`` takes 256, or the number of atoms if that is
        more.
    max_iter : int, default=100
        Most epochs, passes over the training rows.
    tol : float, default=5e-4
        The fit stops when the objective has not improved by this fraction of itself ...
    n_iter_no_change : int, default=5
        ... for this many epochs.
    early_stopping : bool, default=False
        Whether to watch the objective of held-out rows. Otherwise the watched objective is that
        of each batch before the dictionary has used it.
    validation_fraction : float, default=0.1
        Fraction of the rows held out for early stopping.
    code_tol : float, default=1e-4
        Tolerance of the lasso codes: the largest violation of their optimality conditions,
        relative to ``alpha`` (to the row's largest inner product with an atom if ``alpha`` is
        zero), or what rounding in the precision of X permits, if that is more.
    code_max_iter : int, default=1000
        Most iterations of the solver a row.
    random_state : int, RandomState instance or None, default=None
        Source of the first atoms, the order of the rows and the draws of ``sample``.
    """

    n_components: int | None = param(COUNT, None, default=None, kw_only=False)
    alpha: float = param(NON_NEGATIVE, default=1.0)
    algorithm: str = param(one_of("auto", "ista", "fista", "cd"), default="auto")
    transform_algorithm: str = param(one_of("lasso", "omp"), default="lasso")
    n_nonzero_coefs: int | None = param(COUNT, None, default=None, needs=PURSUIT)
    residual_tol: float | None = param(NON_NEGATIVE, None, default=None, needs=PURSUIT)
    dictionary: object = param("array-like", None, default=None)
    dict_init: object = param("array-like", None, default=None, needs=LEARNED)
    positive_code: bool = param("boolean", default=False, needs=LASSO)
    positive_dict: bool = param("boolean", default=False, needs=LEARNED)
    split_sign: bool = param("boolean", default=False)
    batch_size: int | str = param(COUNT, AUTO, default="auto")
    max_iter: int = param(COUNT, default=100)
    tol: float = param(NON_NEGATIVE, default=5e-4)
    n_iter_no_change: int = param(COUNT, default=5)
    early_stopping: bool = param("boolean", default=False, needs=LEARNED)
    validation_fraction: float = param(FRACTION, default=0.1)
    code_tol: float = param(POSITIVE, default=1e-4)
    code_max_iter: int = param(COUNT, default=1000)
    random_state: object = param("random_state", default=None)
