"""Rotations of a loading matrix toward simple structure."""

import numpy as np
from scipy import linalg


def rotate(A, method, max_iter=5000, tol=1e-8, *, normalize=False):
    """Factor rotation ``T`` of the loadings ``A``.

    Latent rows rotate as ``F = U @ T``, loadings as ``L = A @ inv(T).T``, and the factors then
    have correlations ``Phi = T.T @ T``, so that ``L @ Phi @ L.T == A @ A.T``. ``T`` is orthonormal
    for varimax and quartimax; its columns have unit length for promax and oblimin.

    Parameters
    ----------
    A : ndarray of shape (d, k)
        Loadings before the rotation.
    method : {"varimax", "quartimax", "promax", "oblimin"}
        Criterion. Promax raises the varimax loadings to the fourth power; oblimin is the
        quartimin criterion, gamma = 0.
    max_iter : int, default=5000
        Most gradient steps of one descent.
    tol : float, default=1e-8
        Largest violation at which the iteration stops.
    normalize : bool, default=False
        Bring the rows of A to unit length for the criterion (Kaiser 1958). The powers of promax
        are those of the loadings as they are.

    Returns
    -------
    T : ndarray of shape (k, k)
        Rotation, float64.
    violation : float
        Norm of the projected gradient of the criterion over the sum of fourth powers of the
        loadings; for promax, of the varimax stage.

    References
    ----------
    Kaiser, H. F. (1958). The varimax criterion for analytic rotation in factor analysis.
    Psychometrika 23.

    Hendrickson, A. E., and White, P. O. (1964). Promax: a quick method for rotation to oblique
    simple structure. British Journal of Statistical Psychology 17.

    Jennrich, R. I. (2002). A simple general method for oblique rotation. Psychometrika 67.

    Bernaards, C. A., and Jennrich, R. I. (2005). Gradient projection algorithms and software for
    arbitrary rotation criteria in factor analysis. Educational and Psychological Measurement 65.

    Examples
    --------
    >>> import numpy as np
    >>> A = np.array([[1.0, 1.0], [0.5, 0.5], [1.0, -1.0]])
    >>> T, violation = rotate(A, "varimax")
    >>> np.sort(np.abs(A @ T).round(3), axis=1)
    array([[0.   , 1.414],
           [0.   , 0.707],
           [0.   , 1.414]])
    """
    A = np.asarray(A, dtype=np.float64)
    size = np.abs(A).max(initial=0.0)
    if A.shape[1] < 2 or size == 0.0:
        return np.eye(A.shape[1]), 0.0
    # All criteria are quartic: scaling A by a constant moves no optimum.
    return _ROTATIONS[method](A / size, _unit_rows if normalize else _unchanged, max_iter, tol)


def orthomax(L, gamma):
    """Orthomax criterion of the loadings L, to be maximized, and its gradient, shape (d, k)."""
    shrunk = gamma / len(L) * (L**2).sum(axis=0)
    value = 0.25 * ((L**4).sum() - shrunk @ (L**2).sum(axis=0))
    return value, L**3 - shrunk * L


def quartimin(L):
    """Quartimin criterion of the loadings L, to be minimized, and its gradient, shape (d, k)."""
    squares = L**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return 0.25 * (squares * others).sum(), L * others


def orthogonal_state(A, T, gamma):
    """Minus the orthomax at T, its gradient projected on rotations, and the violation."""
    L = A @ T
    value, G = orthomax(L, gamma)
    G = -(A.T @ G)
    S = T.T @ G
    # The tangent part, T skew(T'G), keeps digits that G - T sym(T'G) would cancel.
    G = T @ (S - S.T) / 2
    return -value, G, linalg.norm(G) / (L**4).sum()


def oblique_state(A, T):
    """Quartimin at T, its gradient projected on unit-length columns, and the violation."""
    T_inv = linalg.inv(T)
    L = A @ T_inv.T
    value, G = quartimin(L)
    G = -(L.T @ G @ T_inv).T
    G -= T * (T * G).sum(axis=0)
    return value, G, linalg.norm(G) / (L**4).sum()


def _unit_rows(A):
    lengths = linalg.norm(A, axis=1, keepdims=True)
    return A / np.where(lengths > 0, lengths, 1.0)


def _unchanged(A):
    return A


def _varimax(A, rows, max_iter, tol):
    return _orthogonal(rows(A), 1.0, max_iter, tol)


def _quartimax(A, rows, max_iter, tol):
    return _orthogonal(rows(A), 0.0, max_iter, tol)


def _orthogonal(A, gamma, max_iter, tol):
    """Planar ascents from a few fixed starts, the best one followed to its stationary point."""
    best, best_value = None, -np.inf
    for T in _orthogonal_starts(A):
        T = _turn_planes(A, T, gamma, n_sweeps=min(max_iter, 20))
        value = orthomax(A @ T, gamma)[0]
        if value > best_value + 1e-9 * abs(value):
            best, best_value = T, value
    return _gradient_projection(
        lambda T: orthogonal_state(A, T, gamma), _nearest_orthonormal, best, max_iter, tol
    )


def _orthogonal_starts(A):
    """Identity, principal axes, and axes along the most extreme, most different rows."""
    yield np.eye(A.shape[1])
    yield linalg.svd(A.T @ A)[0]
    yield linalg.qr(A.T, pivoting=True)[0]


def _turn_planes(A, T, gamma, n_sweeps):
    """Turn every plane of two columns to its own optimum, until little is gained."""
    rounds = _disjoint_pairs(A.shape[1])
    L, T = A @ T, T.copy()
    value = orthomax(L, gamma)[0]
    for _ in range(n_sweeps):
        for p, q in rounds:
            c, s = _planar_optimum(L[:, p], L[:, q], gamma)
            for M in (L, T):
                M[:, p], M[:, q] = M[:, p] * c + M[:, q] * s, M[:, q] * c - M[:, p] * s
        earlier, value = value, orthomax(L, gamma)[0]
        if value <= earlier + 1e-6 * abs(earlier):
            break
    return _nearest_orthonormal(T)


def _planar_optimum(x, y, gamma):
    """Cosines and sines of the best turns of column pairs (Kaiser 1958)."""
    u, v = x**2 - y**2, 2 * x * y
    a, b = u.sum(axis=0), v.sum(axis=0)
    numerator = 2 * ((u * v).sum(axis=0) - gamma * a * b / len(x))
    denominator = (u**2 - v**2).sum(axis=0) - gamma * (a**2 - b**2) / len(x)
    # In a plane where the criterion is flat, rounding must not choose the angle.
    flat = np.hypot(numerator, denominator) <= 1e-14 * ((x**2 + y**2) ** 2).sum(axis=0)
    angle = np.where(flat, 0.0, np.arctan2(numerator, denominator) / 4)
    return np.cos(angle), np.sin(angle)


def _disjoint_pairs(k):
    """Rounds of a tournament: in each, index arrays (p, q) of pairs that share no column."""
    # Pairs of one round do not interact, so a whole round is turned at once.
    table = list(range(k)) + [None] * (k % 2)
    rounds = []
    for _ in range(len(table) - 1):
        pairs = zip(table[: len(table) // 2], table[::-1])
        pairs = [pair for pair in pairs if None not in pair]
        rounds.append(tuple(np.array(side) for side in zip(*pairs)))
        table = [table[0], table[-1], *table[1:-1]]
    return rounds


def _full_rank_part(A):
    """Orthonormal V whose first r columns carry all of A, and r; the identity at full rank."""
    _, s, Vt = linalg.svd(A, full_matrices=True)
    r = int((s > s[0] * max(A.shape) * np.finfo(float).eps).sum())
    return (np.eye(A.shape[1]) if r == A.shape[1] else Vt.T), r


def _oblique(A, rotate_full_rank):
    """Rotate the part of A that has full rank; an oblique T is not determined elsewhere."""
    V, r = _full_rank_part(A)
    T_part, violation = rotate_full_rank((A @ V)[:, :r])
    return V @ linalg.block_diag(T_part, np.eye(A.shape[1] - r)), violation


def _promax(A, rows, max_iter, tol):
    def full_rank(B):
        T, violation = _varimax(B, rows, max_iter, tol)
        return _promax_from(B, T), violation

    return _oblique(A, full_rank)


def _promax_from(B, T):
    """Oblique rotation of B nearest to the fourth power of its varimax loadings B @ T."""
    V = B @ T
    U = linalg.lstsq(V, V * np.abs(V) ** 3)[0]
    # L = V @ U, so the rotation is T inv(U)' with its columns brought to unit length.
    T = T @ linalg.inv(U).T
    return T / linalg.norm(T, axis=0)


def _oblimin(A, rows, max_iter, tol):
    def full_rank(B):
        B = rows(B)
        # The best orthogonal rotation minimizes quartimin among orthogonal ones; promax
        # starts beyond it, where another valley may be lower.
        orthogonal = [_orthogonal(B, gamma, max_iter, tol)[0] for gamma in (0.0, 1.0)]
        starts = orthogonal[0], _promax_from(B, orthogonal[1])
        fits = [
            _gradient_projection(lambda T: oblique_state(B, T), _unit_columns, T, max_iter, tol)
            for T in starts
        ]
        return min(fits, key=lambda fit: oblique_state(B, fit[0])[0])

    return _oblique(A, full_rank)


def _nearest_orthonormal(T):
    left, _, right = linalg.svd(T)
    return left @ right


def _unit_columns(T):
    return T / linalg.norm(T, axis=0)


def _gradient_projection(state_of, retract, T, max_iter, tol):
    """Descend from T along projected gradients (Jennrich 2002; Bernaards & Jennrich 2005)."""
    # Barzilai and Borwein's steps, and descent from the worst of ten values instead of the
    # last, replace the step doubling of the original: tenfold fewer iterations.
    value, G, violation = state_of(T)
    values, step = [value], 1.0
    for _ in range(max_iter):
        if violation <= tol:
            break
        T_new, state = _backtrack(state_of, retract, T, G, max(values[-10:]), step)
        dT, dG = T_new - T, state[1] - G
        step = np.clip((dT**2).sum() / max(abs((dT * dG).sum()), 1e-300), 1e-6, 1e6)
        T, (value, G, violation) = T_new, state
        values.append(value)
    return T, violation


def _backtrack(state_of, retract, T, G, ceiling, step):
    """First point along the projected path that falls below the ceiling, and its state."""
    slope = (G**2).sum()
    for _ in range(40):
        T_new = retract(T - step * G)
        state = state_of(T_new)
        # Near the optimum the value moves by less than its own rounding.
        if state[0] <= ceiling - 1e-4 * step * slope + 1e-14 * abs(ceiling):
            break
        step /= 4
    return T_new, state


_ROTATIONS = {
    "varimax": _varimax,
    "quartimax": _quartimax,
    "promax": _promax,
    "oblimin": _oblimin,
}
