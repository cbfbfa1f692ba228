"""Online dictionary learning: mini-batch steps, epochs, replacement of dead atoms, stopping."""

import copy
from typing import NamedTuple

import numpy as np
from sklearn.utils import check_array

from skgen.interrupts import innermost
from skgen.kernels.moments import dense_rows
from skgen.kernels.sparse.code_prior import code_sums, merged
from skgen.kernels.sparse.online_dictionary import (
    accumulate,
    initial_atoms,
    normalized_rows,
    replace_atoms,
    update_atoms,
)
from skgen.sparse.coding import lasso_codes, objective, residuals

# Step t keeps the fraction (1 - 1/t)^f of the older statistics: a memory of t / f steps. Of f from
# 3 to 100, 50 gave the lowest objectives where rows come again and ``consolidate`` ends the fit; a
# stream of fresh rows, perhaps few at a time, wants a longer memory.
_FORGETTING = 50.0
_STREAM_FORGETTING = 10.0

# Passes over the atoms in the last step, when the statistics are those of all rows.
_LAST_PASSES = 3

# Rows from which the first atoms are drawn, and rows coded at a time when all are surveyed.
_START_ROWS = 8192
_SURVEY_ROWS = 16384

# Residuals among which dead atoms look for a new direction.
_CANDIDATES = 2048

# Surveys in which atoms that no row uses are given another chance.
_SURVEYS = 4


class Coded(NamedTuple):
    """Rows with their codes: what a step and a survey learn from."""

    codes: np.ndarray
    residual: np.ndarray
    objective: np.ndarray
    gap: np.ndarray


class Trace(NamedTuple):
    """What a fit reports of its course."""

    losses: list
    validation: list
    n_replaced: int
    converged: bool

    def watched(self):
        """Numbers of the last epoch, by name."""
        numbers = {"objective": self.losses[-1]}
        if self.validation:
            numbers["validation"] = -self.validation[-1]
        return numbers


def code_rows(X, D, problem, workers, start=None):
    """Code rows of an array and evaluate the codes."""
    codes, gap = lasso_codes(X, D, problem, workers, start)
    residual = residuals(X, D, codes, workers)
    return Coded(codes, residual, objective(residual, codes, problem.alpha), gap)


def starting_atoms(X, n_atoms, positive, rng):
    """First atoms from distinct rows of X, whatever their order and however often they occur."""
    n = X.shape[0]
    rows = slice(None) if n <= _START_ROWS else rng.choice(n, _START_ROWS, replace=False)
    distinct = np.unique(dense_rows(X, rows), axis=0)
    return initial_atoms(distinct, n_atoms, positive, rng)


def given_atoms(coder, name, X):
    """A parameter that holds atoms, as a copy in the dtype of X and of the right shape."""
    atoms = check_array(getattr(coder, name), dtype=X.dtype, input_name=name, copy=True)
    expected = (coder.n_components or len(atoms), X.shape[1])
    if atoms.shape != expected:
        raise ValueError(
            f"{name} has shape {atoms.shape}, but n_components and X ask for {expected}; "
            "give one atom a row and one column a feature."
        )
    return atoms


def checked_start(atoms, positive):
    """First atoms that a user gave; refuses those that no scaling makes a direction."""
    lengths = np.linalg.norm(np.maximum(atoms, 0) if positive else atoms, axis=1)
    if not lengths.all():
        raise ValueError(
            f"dict_init has no direction in row {np.flatnonzero(lengths == 0)[0]}: it is zero"
            f"{', or negative under positive_dict=True' if positive else ''}; give another atom."
        )
    return atoms


class OnlineDictionary:
    """Unit-norm atoms with the decaying statistics that their next step needs."""

    def __init__(self, atoms, problem, positive, fixed=False):
        self.atoms = atoms if fixed else normalized_rows(atoms, positive).astype(atoms.dtype)
        self.problem = problem
        self.positive = positive
        self.n_steps = 0
        # Fraction of the older statistics that the latest step kept.
        self.memory = 0.0
        self.A = np.zeros((len(atoms), len(atoms)), dtype=atoms.dtype)
        self.B = np.zeros_like(self.atoms)

    def step(self, X, weight, workers, start=None, forgetting=_FORGETTING):
        """Code a batch with the present atoms, then move the atoms; returns the ``Coded`` batch."""
        coded = code_rows(X, self.atoms, self.problem, workers, start)
        self.n_steps += 1
        self.memory = (1.0 - 1.0 / self.n_steps) ** forgetting
        self.A *= self.memory
        self.B *= self.memory
        accumulate(coded.codes, X, weight.astype(X.dtype, copy=False), self.A, self.B)
        update_atoms(self.atoms, self.A, self.B, self.positive)
        return coded

    def copy(self, problem):
        """An independent copy that goes on under another problem."""
        other = copy.copy(self)
        other.problem = problem
        other.atoms, other.A, other.B = self.atoms.copy(), self.A.copy(), self.B.copy()
        return other

    def stream(self, X, weight, sums, workers, batch_size, *, fixed):
        """One step a batch in the given order; objectives, code sums with decay, atoms revived."""
        losses = []
        for first in range(0, X.shape[0], batch_size):
            rows = slice(first, first + batch_size)
            batch, w = dense_rows(X, rows), weight[rows]
            if fixed:
                coded, memory = code_rows(batch, self.atoms, self.problem, workers), 1.0
            else:
                coded = self.step(batch, w, workers, forgetting=_STREAM_FORGETTING)
                memory = self.memory
            losses.append(float(np.average(coded.objective, weights=w)))
            part = code_sums(coded.codes, coded.residual, w)
            sums = part if sums is None else merged(sums, part, memory)
        # Forgotten at this rate, an atom's count falls below a millionth only if it is dead.
        dead = np.flatnonzero(sums.active <= 1e-6 * sums.weight)
        revived = 0 if fixed or len(dead) == 0 else self.revive(dead, coded.residual)
        return losses, sums, revived

    def revive(self, dead, residual):
        """Point dead atoms along residuals that are long enough to be coded; return how many."""
        lengths = np.linalg.norm(residual, axis=1)
        # A residual that is only what the penalty costs has length alpha along the row's atom.
        shortest = max(1.01 * self.problem.alpha, 1e-6 * lengths.max(initial=0.0))
        worst = np.argsort(-lengths, kind="stable")[:_CANDIDATES]
        worst = worst[lengths[worst] > shortest]
        return replace_atoms(
            self.atoms, self.A, self.B, dead, residual[worst], shortest, self.positive
        )

    def consolidate(self, X, weight, workers):
        """One step from the codes of all rows under the present atoms, which forgets the rest."""
        self.A[:], self.B[:] = 0, 0
        for rows in survey_blocks(X):
            batch = dense_rows(X, rows)
            codes, _ = lasso_codes(batch, self.atoms, self.problem, workers)
            accumulate(codes, batch, weight[rows].astype(X.dtype, copy=False), self.A, self.B)
        for _ in range(_LAST_PASSES):
            update_atoms(self.atoms, self.A, self.B, self.positive)

    def learn(self, X, weight, workers, rng, *, batch_size, max_iter, stopping, report, saved=None):
        """Epochs of steps over shuffled rows until ``stopping`` says so; returns the ``Trace``.

        ``report(trace, save)`` hears of each epoch, and ends the fit where it returns True. With
        what ``save()`` returned as ``saved`` the fit goes on, bitwise, and begins with that report.
        """
        # Iterative solvers gain from a start at the row's last code; the active set does not.
        kept = None
        if self.problem.algorithm != "auto":
            kept = np.zeros((X.shape[0], len(self.atoms)), dtype=self.atoms.dtype)
        losses, n_replaced, used, residual = [], 0, None, None
        if saved is not None:
            losses, n_replaced, used, residual = saved["course"]
            vars(self).update(saved["dictionary"])
            vars(stopping).update(saved["stopping"])
            rng.set_state(saved["rng"])
            kept = saved["kept"]

        def save():
            return {
                "course": (list(losses), n_replaced, used, residual),
                "dictionary": self._changing(),
                "stopping": stopping.changing(),
                "rng": rng.get_state(),
                "kept": kept,
            }

        while True:
            if saved is None:
                loss, used, residual = self._epoch(X, weight, workers, rng, batch_size, kept)
                losses.append(loss)
                if innermost().stopped:
                    return Trace(losses, stopping.scores, n_replaced, True)
                stopping.judge(loss, self, workers)
            saved = None
            trace = Trace(losses, stopping.scores, n_replaced, True)
            if report(trace, save) or stopping.stops:
                return trace
            if len(losses) == max_iter:
                return trace._replace(converged=False)
            if not used.all():
                n_replaced += self.revive(np.flatnonzero(~used), residual)

    def _epoch(self, X, weight, workers, rng, batch_size, kept):
        """Steps over the rows in random order, until Ctrl-C; writes their codes to ``kept``.

        Returns the mean objective of the batches, which atoms were used, and the residual of the
        last batch.
        """
        n = X.shape[0]
        order = rng.permutation(n)
        total, used = 0.0, np.zeros(len(self.atoms), dtype=bool)
        for first in range(0, n, batch_size):
            rows = np.sort(order[first : first + batch_size])
            start = None if kept is None else kept[rows]
            coded = self.step(dense_rows(X, rows), weight[rows], workers, start)
            if kept is not None:
                kept[rows] = coded.codes
            total += float(weight[rows] @ coded.objective)
            used |= coded.codes.any(axis=0)
            if innermost().ask():
                seen = min(first + batch_size, n)
                return total / float(weight[order[:seen]].sum()), used, coded.residual
        return total / float(weight.sum()), used, coded.residual

    def _changing(self):
        """What steps change, by name; not a copy."""
        names = "atoms", "A", "B", "n_steps", "memory"
        return {name: getattr(self, name) for name in names}


class Stopping:
    """Ends a fit when an objective has not improved by ``tol`` (relative) for some epochs.

    The objective is that of held-out rows where there are any; otherwise the mean over an epoch's
    batches, each coded before the atoms have seen it.
    """

    def __init__(self, tol, patience, held_out=None, weight=None):
        self.tol, self.patience = tol, patience
        self.held_out, self.weight = held_out, weight
        self.scores = []
        self._best, self._waited = np.inf, 0

    def changing(self):
        """What epochs change, by name."""
        return {"scores": list(self.scores), "_best": self._best, "_waited": self._waited}

    @property
    def stops(self):
        """Whether it is time to stop."""
        return self._waited >= self.patience

    def judge(self, loss, dictionary, workers):
        """Note the objective after an epoch."""
        if self.held_out is not None:
            coded = code_rows(self.held_out, dictionary.atoms, dictionary.problem, workers)
            loss = float(np.average(coded.objective, weights=self.weight))
            self.scores.append(-loss)
        if loss < self._best - self.tol * abs(self._best if np.isfinite(self._best) else 0.0):
            self._best, self._waited = loss, 0
        else:
            self._waited += 1


def survey_blocks(X):
    """Slices of the rows that are coded at a time."""
    n = X.shape[0]
    return [slice(i, min(i + _SURVEY_ROWS, n)) for i in range(0, n, _SURVEY_ROWS)]


def survey(X, weight, dictionary, workers):
    """Code all rows; code sums, weighted mean objective, worst gap and the worst residuals."""
    sums, total, gap, residual = None, 0.0, 0.0, None
    for rows in survey_blocks(X):
        coded = code_rows(dense_rows(X, rows), dictionary.atoms, dictionary.problem, workers)
        part = code_sums(coded.codes, coded.residual, weight[rows])
        sums = part if sums is None else merged(sums, part)
        total += float(weight[rows] @ coded.objective)
        gap = max(gap, float(coded.gap.max()))
        residual = coded.residual if residual is None else residual
    return sums, total / float(weight.sum()), gap, residual


def final_survey(X, weight, dictionary, workers, *, fixed):
    """Survey all rows, reviving atoms that none of them uses; the survey and how many."""
    n_replaced = 0
    for _ in range(_SURVEYS):
        found = survey(X, weight, dictionary, workers)
        dead = np.flatnonzero(found[0].active == 0)
        if fixed or len(dead) == 0:
            break
        revived = dictionary.revive(dead, found[3])
        if revived == 0:
            break
        n_replaced += revived
    else:
        found = survey(X, weight, dictionary, workers)
    return found, n_replaced
