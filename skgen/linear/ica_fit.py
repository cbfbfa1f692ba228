"""Fits of independent component analysis: white rows, unmixing matrix, densities of the sources."""

from typing import NamedTuple

import numpy as np

from skgen.base.wording import counted
from skgen.kernels.ica import passes, picard, single, source_density
from skgen.kernels.ica.contrast import CONTRASTS
from skgen.kernels.ica.mixture_rows import table_contrast
from skgen.kernels.ica.rows import negentropy, source_log_density
from skgen.kernels.ica.whitening import (
    by_norm,
    fourth_order_start,
    nearest_rotation,
    of_all,
    of_axes,
    white_rows,
)
from skgen.kernels.linear import held_out, ppca
from skgen.kernels.linear.spectrum import top_eigenpairs
from skgen.kernels.moments import moments
from skgen.kernels.threads import RowWorkers

# Fixed points find the solution in few passes, where the sources are independent; the quasi-Newton
# method is the one that also converges on rows that no independent sources explain. Where rows are
# few, more of the former end more often in the best of several maxima.
FIXED_POINTS = 20
NEIGHBORHOOD = 0.3  # standard errors of a gradient that sampling leaves to any solution
LARGE = 1 << 18  # entries of white rows from which single precision saves time
ROUGH_GRADIENT = 3e-5
ROWS_OF_PART, MOST_STRIDE = 400, 16  # a source, in the part of many rows that comes first
DENSITY_ROUNDS = 5
LARGEST_STREAMED_STEP = 0.2
# Covariance beside the identity that rows may have, as where other rows decided on the whitening.
NOT_WHITE, SAMPLING_ERRORS = 0.1, 5.0
ROUGH_TOL, ROUGH_ITERATIONS, ROWS_A_SOURCE = 1e-3, 30, 4


class Plan(NamedTuple):
    """How to unmix."""

    solver: str
    orthogonal: bool
    fun: str
    tol: float
    max_iter: int


def never(W, gradient):
    """Report of a fit that nobody watches."""
    return False


def unmix(Z, weight, plan, *, start=None, white=True, report=never):
    """Unmix white rows Z (n, k): the solution, whose sources have the scale of their contrast."""
    with RowWorkers() as workers:
        covariance = None if white else moments(Z, weight, precise=True).covariance

        def measure_by(contrast, dtype=Z.dtype, chosen=slice(None)):
            rows = Z[chosen].astype(dtype, copy=False)
            own = None if weight is None else weight[chosen]
            return passes.Pass(rows, own, contrast, workers, covariance)

        W = fourth_order_start(Z, weight) if start is None else nearest_rotation(start)
        solution = _solve(measure_by, W, plan, report)
        if plan.fun != "fitted":
            return solution
        n_iter = solution.n_iter
        for _ in range(DENSITY_ROUNDS):
            scale = _spreads(solution.W, covariance)
            counts = measure_by(None).counts(solution.W / scale[:, None])
            density = source_density.scaled(source_density.fit(counts), scale)
            left = plan._replace(max_iter=max(0, plan.max_iter - n_iter))
            measure = measure_by(table_contrast(density, scale))
            solution = _refine(measure, solution.W, left, report)
            n_iter += solution.n_iter
            if solution.n_iter == 0 or n_iter >= plan.max_iter:
                break
        return solution._replace(n_iter=n_iter)


def _solve(measure_by, W, plan, report):
    """Unmix with a contrast that is given; many rows in single precision first."""
    fun = "logcosh" if plan.fun == "fitted" else plan.fun
    measure = measure_by(CONTRASTS[fun])
    if fun != "logcosh" or measure.Z.size < LARGE:
        return _descend(measure, W, plan, report)
    # The way to the neighborhood needs few digits, and few of many rows; the end is found with all.
    n, k = measure.Z.shape
    stride, n_iter = min(MOST_STRIDE, n // (ROWS_OF_PART * k)), 0
    if stride > 1:
        part = measure_by(single.log_cosh, np.float32, by_norm(measure.Z)[::stride])
        near = plan._replace(
            tol=max(plan.tol, ROUGH_TOL), max_iter=min(plan.max_iter, FIXED_POINTS)
        )
        first = _fixed_points(part, W, near, report)
        W, n_iter = first.W, first.n_iter
    near = plan._replace(tol=max(plan.tol, ROUGH_GRADIENT), max_iter=plan.max_iter - n_iter)
    rough = _descend(measure_by(single.log_cosh, np.float32), W, near, report)
    n_iter += rough.n_iter
    left = plan._replace(max_iter=plan.max_iter - n_iter)
    if plan.solver == "fixed_point":
        solution = _fixed_points(measure, rough.W, left, report)
    else:
        solution = _quasi_newton(measure, rough.W, left, report)
    return solution._replace(n_iter=n_iter + solution.n_iter)


def _fixed_points(measure, W, plan, report, patience=None):
    return picard.iterate_fixed_point(
        measure,
        W,
        signs_of=picard.adaptive_signs,
        tol=plan.tol,
        max_iter=plan.max_iter,
        report=report,
        patience=patience,
    )


def _quasi_newton(measure, W, plan, report):
    return picard.minimize(
        measure,
        W,
        picard.Rotations if plan.orthogonal else picard.AllMatrices,
        signs_of=picard.adaptive_signs,
        tol=plan.tol,
        max_iter=plan.max_iter,
        report=report,
    )


def _descend(measure, W, plan, report):
    """Fixed points, and then the quasi-Newton method where they are not the end."""
    if plan.solver == "fixed_point":
        return _fixed_points(measure, W, plan, report)
    near = plan
    if not plan.orthogonal:
        near = plan._replace(tol=max(plan.tol, measure.noise(NEIGHBORHOOD)))
    first = _fixed_points(measure, W, near, report, FIXED_POINTS)
    if plan.orthogonal and first.converged:
        return first
    W = first.W if plan.orthogonal else _at_likeliest_scales(measure, first.W)
    left = plan._replace(max_iter=plan.max_iter - first.n_iter)
    solution = _quasi_newton(measure, W, left, report)
    return solution._replace(n_iter=first.n_iter + solution.n_iter)


def _at_likeliest_scales(measure, W):
    """W with the scales that its sources have under their assumed densities."""
    spread = np.sqrt(np.diag(measure.second_moment(W)))
    counts = measure.counts(W / spread[:, None])
    point = picard.Point(W, measure(W), measure.second_moment(W))
    signs = picard.adaptive_signs(picard.AllMatrices.curvature(point))
    scales = picard.likeliest_scales(counts, source_density.cell_places(), signs)
    return (scales / spread)[:, None] * W


def _refine(measure, W, plan, report):
    """Go on under fitted densities, whose contrasts are what they are: no sign is chosen."""
    options = {
        "signs_of": picard.no_signs,
        "tol": plan.tol,
        "max_iter": plan.max_iter,
        "report": report,
    }
    if plan.solver == "fixed_point":
        return picard.iterate_fixed_point(measure, W, **options)
    geometry = picard.Rotations if plan.orthogonal else picard.AllMatrices
    return picard.minimize(measure, W, geometry, **options)


def _spreads(W, covariance):
    """Standard deviations (k,) of the sources."""
    second = W @ W.T if covariance is None else W @ covariance @ W.T
    return np.sqrt(np.diag(second))


def rounding(mean, dtype):
    """Variance (d,) that the rounding of the values alone gives each column."""
    return (np.finfo(dtype).eps * np.abs(mean)) ** 2


def start_at(components, white):
    """Unmixing matrix of white rows for what unmixed others, or None where numbers differ."""
    W = components @ white.back
    return W if len(W) == len(white.K) else None


def start_of(w_init, components, white):
    """Start for white rows: what the user gives, what unmixed rows before, or None."""
    if w_init is None:
        return None if components is None else start_at(components, white)
    start, k = np.asarray(w_init, dtype=float), len(white.K)
    if start.shape != (k, k) or not np.isfinite(start).all():
        raise ValueError(
            f"w_init must be a finite matrix of shape {(k, k)}, a row for each source, but has "
            f"the shape {start.shape}; leave it None to start at a fourth moment."
        )
    rank = np.linalg.matrix_rank(start)
    if rank < k:
        raise ValueError(
            f"w_init has rank {rank}, with which {counted(k, 'source')} cannot be told apart; "
            "give an invertible matrix, or leave it None to start at a fourth moment."
        )
    return start


def spectrum_of(moment, rounding):
    """Eigenvalues, axes, and the least that counts as variance, of a covariance."""
    values, axes = top_eigenpairs(moment.covariance, len(moment.mean))
    values = np.maximum(values, 0.0)
    floor = ppca.least_noise(values, values.sum(), len(values), None, rounding.mean())
    return values, axes, floor


def whitening_for(moment, k, rounding, keep=False):
    """Whitening to k coordinates, or to as many as vary, and whether these are fewer.

    ``rounding`` (d,) is the variance that the rounding of the values alone gives a column;
    ``keep`` keeps all k, whether they vary or not.
    """
    d = len(moment.mean)
    if k is None or k == d:
        complete = of_all(moment.covariance, rounding)
        if complete is not None:
            return complete, False
    values, axes, floor = spectrum_of(moment, rounding)
    rank = max(1, int(np.sum(values > floor)))
    asked = d if k is None else k
    k = asked if keep else min(rank, asked)
    rest = values[k:].sum() / (d - k) if k < d else 0.0
    noise = max(rest, floor) if k < d else 0.0
    return of_axes(np.maximum(values[:k], floor), axes[:k], noise), rank < asked


def check_white(moment):
    """Refuse rows whose covariance differs from the identity by more than sampling explains."""
    d = len(moment.mean)
    off = np.abs(moment.covariance - np.eye(d))
    i, j = np.unravel_index(np.argmax(off), off.shape)
    if off[i, j] > max(NOT_WHITE, SAMPLING_ERRORS / np.sqrt(moment.n_rows)):
        what = f"column {i} has variance" if i == j else f"columns {i} and {j} have covariance"
        raise ValueError(
            f"whiten=False takes white rows, but {what} {moment.covariance[i, j]:.3g}; use "
            "whiten='unit-variance', or orthogonal=False, which takes any rows."
        )


def counts_of(Z, weight, W, factor=None):
    """Counts of the sources of white rows, and the factor by which they were multiplied.

    Small weights count as if their mean were one, or by the ``factor`` of earlier rows.
    """
    with RowWorkers() as workers:
        counts = passes.Pass(Z, weight, None, workers).counts(W)
    factor = max(1.0, len(Z) / counts[0].sum()) if factor is None else factor
    return counts * factor, factor


def model_of(moment, white, W, Z, weight, *, unit_variance, earlier=(None, None)):
    """Fitted attributes, by name, from an unmixing matrix W of white rows Z.

    ``earlier`` holds the counts of the sources of earlier rows, in the order of the rows of W, or
    None, and the factor in them, or None for that of the rows.
    """
    unit = np.sqrt(np.diag(moment.covariance))
    unit[unit == 0] = np.inf
    C, A = W @ white.K, white.back @ np.linalg.inv(W)
    spread = np.sqrt(np.einsum("kd,de,ke->k", C, moment.covariance, C, optimize=True))
    spread[spread == 0] = 1.0
    # What decides the order and the signs has no units.
    loadings = A * spread / unit[:, None]
    explained = (loadings**2).sum(axis=0) / max(np.isfinite(unit).sum(), 1)
    order = np.argsort(-explained, kind="stable")
    largest = np.argmax(np.abs(loadings), axis=0)
    signs = np.where(loadings[largest, np.arange(len(W))] < 0, -1.0, 1.0)
    factor = signs / spread
    counts, a_weight = earlier
    own, a_weight = counts_of(Z, weight, (factor[:, None] * W)[order], a_weight)
    if counts is not None:
        own += np.where(signs[:, None] < 0, counts[:, ::-1], counts)[order]
    density = source_density.fit(own)
    scale = np.ones(len(W)) if unit_variance else spread[order]
    return {
        "components_": scale[:, None] * (factor[:, None] * C)[order],
        "mixing_": (A / factor)[:, order] / scale,
        "mean_": moment.mean,
        "whitening_": white.K,
        "explained_variance_ratio_": explained[order],
        "negentropy_": negentropy(density, own),
        "noise_variance_": float(white.noise),
        "n_components_": len(W),
        "likelihood_kind_": "exact",
        "_density": source_density.scaled(density, scale),
        "_spread": scale / spread[order],
        "_moments": moment,
        "_counts": own,
        "_counts_a_weight": a_weight,
    }


def choose_dimension(X, weight, basis, plan, rounding):
    """The number of sources of the best likelihood on held-out rows, over three folds."""
    folds = held_out.fold_of_rows(X, basis)
    splits = [
        _Split(X[train], X[test], *(None if weight is None else weight[m] for m in (train, test)))
        for train, test in held_out.row_splits(folds)
    ]
    ready = [split.prepared(rounding) for split in splits if len(split.train) > 1]
    if not ready:
        return 1
    most = min(min(len(part[2]), int(part[0].size() / ROWS_A_SOURCE)) for part in ready)
    rough = plan._replace(tol=max(plan.tol, ROUGH_TOL), max_iter=ROUGH_ITERATIONS)
    return held_out.best_size(
        lambda k: sum(_held_out_score(part, k, rough) for part in ready),
        max(1, most),
        growth=1.5,
        resolution=4,
    )


class _Split(NamedTuple):
    """Rows to fit and rows to score."""

    train: np.ndarray
    test: np.ndarray
    train_weight: np.ndarray
    test_weight: np.ndarray

    def size(self):
        """Number of rows to fit, by their weights."""
        return len(self.train) if self.train_weight is None else self.train_weight.sum()

    def prepared(self, rounding):
        """White coordinates on all axes that vary, their variances, and the rest of the energy."""
        moment = moments(self.train, self.train_weight, precise=True)
        values, axes, floor = spectrum_of(moment, rounding)
        rank = max(1, int(np.sum(values > floor)))
        # The variance of what lies beyond k axes, for every k up to the rank.
        d = len(values)
        left = np.maximum(values.sum() - np.cumsum(values)[:rank], 0.0)
        noise = np.maximum(left / np.maximum(d - np.arange(1, rank + 1), 1), floor)
        kept = of_axes(np.maximum(values[:rank], floor), axes[:rank], 0.0)
        Z = [white_rows(rows, moment.mean, kept.K) for rows in (self.train, self.test)]
        centered = self.test - moment.mean
        energy = np.einsum("ij,ij->i", centered, centered)
        return self, Z, np.maximum(values[:rank], floor), (noise, energy, d)


def _held_out_score(prepared, k, plan):
    """Log-likelihood of the test rows under k sources and noise beyond them."""
    split, (Z, T), values, (noise, energy, d) = prepared
    Z, T = np.ascontiguousarray(Z[:, :k]), T[:, :k]
    W = unmix(Z, split.train_weight, plan).W
    W = W / _spreads(W, None)[:, None]
    density = source_density.fit(counts_of(Z, split.train_weight, W)[0])
    out = source_log_density(T @ W.T, density)
    out += np.linalg.slogdet(W)[1] - 0.5 * np.log(values[:k]).sum()
    if k < d:
        beyond = np.maximum(energy - (T.astype(float) ** 2) @ values[:k], 0.0)
        out -= 0.5 * ((d - k) * np.log(2 * np.pi * noise[k - 1]) + beyond / noise[k - 1])
    return float(out.sum() if split.test_weight is None else split.test_weight @ out)


def streamed_step(Z, weight, W, fraction, plan):
    """W after the rows of a batch moved it by their fraction of all rows seen."""
    geometry = picard.Rotations if plan.orthogonal else picard.AllMatrices
    contrast = CONTRASTS["logcosh" if plan.fun == "fitted" else plan.fun]
    if plan.orthogonal:
        W = nearest_rotation(W)
    w = np.ones(len(Z)) if weight is None else weight
    second = (Z.T * w) @ Z / w.sum()
    with RowWorkers() as workers:
        measure = passes.Pass(Z, weight, contrast, workers, second)
        point = picard.Point(W, measure(W), measure.second_moment(W))
    signs = picard.adaptive_signs(geometry.curvature(point))
    G = geometry.gradient(point, signs)
    if plan.orthogonal:
        # The rows together are white: what is not in the batch alone is no reason to turn.
        pull = (signs * np.diag(point.stats.moment))[:, None] * point.extra
        G = G - 0.5 * (pull - pull.T)
    step = -geometry.precondition(point, signs, G)
    # The curvature of a batch is noisy: no step turns far.
    step *= fraction / max(1.0, fraction * np.abs(step).max() / LARGEST_STREAMED_STEP)
    return geometry.move(W, step)
