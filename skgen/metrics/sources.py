"""How well independent component analysis found the sources."""

import numpy as np
from sklearn.utils import check_array


def amari_distance(W, A):
    """Distance of an unmixing times a mixing matrix from a permutation with scales.

    With the squares R = (W A)^2,
    ``sum_i (sum_j R_ij / max_j R_ij - 1) + sum_j (sum_i R_ij / max_i R_ij - 1)``, over 2 k: zero
    if and only if each row of W finds one source and no two find the same.

    Parameters
    ----------
    W : array-like of shape (n_components, n_features)
        Unmixing matrix, such as ``components_`` of :class:`skgen.ICA`.
    A : array-like of shape (n_features, n_components)
        The true mixing matrix; rows are ``X = S A^T``.

    Returns
    -------
    distance : float
        From 0 to ``n_components - 1``, without a unit. Order and signs of sources are immaterial;
        scales only where the distance is zero, so give W and A sources of one variance.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the product has a row or column of zeros.

    Notes
    -----
    The squares are those of python-picard. Others take absolute values, or divide by
    k (k - 1), so that figures of two papers may be of two measures.

    References
    ----------
    Amari, S., Cichocki, A., and Yang, H. H. (1996). A new learning algorithm for blind signal
    separation. Advances in Neural Information Processing Systems.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen.metrics import amari_distance
    >>> A = np.array([[2.0, 1.0], [1.0, 1.0]])
    >>> W = np.linalg.inv(A)[::-1] * [[-3.0], [1.0]]  # another order, sign and scale
    >>> round(amari_distance(W, A), 9)
    0.0
    >>> amari_distance(np.eye(2), [[1, 1], [1, 1]])
    1.0
    """
    W = check_array(W, dtype=np.float64, input_name="W")
    A = check_array(A, dtype=np.float64, input_name="A")
    if W.shape != A.shape[::-1]:
        raise ValueError(
            f"W has the shape {W.shape} and A {A.shape}, but W A must be square with a row for "
            "each source; give W as (n_components, n_features) and A as its transpose's shape."
        )
    R = (W @ A) ** 2
    if not (R.any(axis=0).all() and R.any(axis=1).all()):
        raise ValueError("W A has a row or column of zeros: a source is missing from W or from A.")
    return float((_excess(R) + _excess(R.T)) / (2 * len(R)))


def _excess(R):
    """What the rows hold beside their largest entries, each over that entry, in total."""
    return (R.sum(axis=1) / R.max(axis=1) - 1).sum()
