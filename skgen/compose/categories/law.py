"""Probabilities and draws of categories under a model of their codes."""

from itertools import product

import numpy as np
from scipy.special import logsumexp
from sklearn.utils import check_random_state

from skgen.base.wording import naming
from skgen.compose.categories.groups import (
    category_numbers,
    dense,
    distances,
    grouped_columns,
    missing_groups,
    named_rows,
    snap,
)
from skgen.compose.drawing import call_with_random_state, redraw_seeds
from skgen.compose.given import GivenModel, name_of
from skgen.compose.steps import scores_holes

MOST_COMBINATIONS = 2**13
MOST_ROWS = 2**16  # scored at once
MOST_ROUNDS = 10  # of drawing again what is no valid row
LEAST_VALID = 0.05  # fraction of draws below which that is given up
N_SWEEPS = 2


class CategoryLaw:
    """Distribution of rows whose categories are valid, under a fitted model.

    Of a model that counts states it is the model's own, given that the row is valid. A density
    over codes says how a row is distributed given its categories, but not how frequent they are:
    there the frequencies of each feature are those of the training data, unless a condition is
    given, and how the features go together is the model's.
    """

    def __init__(self, model, measure, groups, frequencies):
        self.model, self.groups = model, groups
        self.has_density, self.counts = measure is not None, measure == "counting"
        self.frequencies = frequencies
        self.n_columns = model.n_features_in_
        self.shape = tuple(len(group.corners) for group in groups)
        self.others = np.setdiff1d(np.arange(self.n_columns), grouped_columns(groups))
        self.n_combinations = np.prod(self.shape, dtype=float)

    @property
    def measure(self):
        """What the scores are relative to."""
        return "mixed" if len(self.others) and not self.counts else "counting"

    def is_enumerable(self):
        """Whether the probability of each combination of categories can be computed."""
        if not self.has_density or self.n_combinations > MOST_COMBINATIONS:
            return False
        if not len(self.others):
            return True
        conditional = scores_holes(self.model) and hasattr(self.model, "sample_conditional")
        return not self.counts and conditional

    def check_score(self):
        """Raise where the model says nothing of the probabilities of categories."""
        name = name_of(self.model)
        if self.is_enumerable():
            return
        if not self.counts:
            why = (
                f"the categories have more than {MOST_COMBINATIONS} combinations"
                if self.n_combinations > MOST_COMBINATIONS
                else f"{name} cannot tell the density of some columns alone"
            )
            raise ValueError(
                f"{name} has a density over the codes of categories, and {why}, so their "
                "probabilities are not known. Use a model of bits, such as BernoulliRBM or "
                'VAE(likelihood="bernoulli"), for categories alone, or one that takes NaN, such as '
                "ProbabilisticPCA, for few of them beside numbers."
            )
        if not all(np.isin(group.corners, (0, 1)).all() for group in self.groups):
            raise ValueError(
                f"{name} counts the states of bits, but the codes of categories are other numbers; "
                "use a OneHotEncoder."
            )

    def score_samples(self, Z):
        """Log-probability, or density, of rows of codes; minus infinity where one is invalid.

        A missing category contributes nothing: the scores of all that it may be are summed.
        """
        self.check_score()
        rows = dense(Z)
        known = category_numbers(rows, self.groups)[1]
        if not self.is_enumerable():
            scores = np.asarray(self.model.score_samples(Z), dtype=np.float64)
            return np.where(known, scores, -np.inf)
        scores = np.empty(len(rows))
        for part, (_, options) in self._options(rows):
            scores[part] = logsumexp(options, axis=1)
        return np.where(known, scores, -np.inf)

    def _place(self, numbers):
        return np.ravel_multi_index(tuple(numbers.T), self.shape)

    def _log_shift(self):
        """What the log-probability of each combination adds to the model's density at it."""
        log_marginal, log_probability = self._table()
        return log_probability - log_marginal

    def has_missing_categories(self, Z):
        """Whether a category is missing whose probability the model tells."""
        return self.is_enumerable() and bool(missing_groups(dense(Z), self.groups).any())

    def fill_categories(self, Z, rng=None):
        """Codes of missing categories: the most probable given the row, or draws by ``rng``."""
        if not self.has_missing_categories(Z):
            return Z
        Z = np.array(dense(Z))
        incomplete = np.flatnonzero(missing_groups(Z, self.groups).any(axis=1))
        for part, (candidates, scores) in self._options(Z[incomplete]):
            if rng is not None:
                scores = scores + rng.gumbel(size=scores.shape)
            best = np.arange(len(part)) * scores.shape[1] + scores.argmax(axis=1)
            Z[incomplete[part]] = candidates[best]
        return Z

    def _options(self, Z):
        """Numbers of rows, part by part, with all codes that they may have and their scores."""
        missing, shift = missing_groups(Z, self.groups), self._log_shift()
        for pattern in np.unique(missing, axis=0):
            rows = np.flatnonzero((missing == pattern).all(axis=1))
            n_options = np.prod(self.shape, where=pattern, dtype=float)
            n_parts = int(np.ceil(len(rows) * n_options / MOST_ROWS))
            for part in np.array_split(rows, n_parts):
                yield part, self._scored_options(Z[part], pattern, shift)

    def _scored_options(self, Z, pattern, shift):
        """Rows with every combination of the groups in ``pattern``, and scores (n, n_options)."""
        chosen = np.flatnonzero(pattern)
        options = np.array(list(product(*(range(self.shape[i]) for i in chosen))), dtype=int)
        candidates = np.repeat(Z, len(options), axis=0)
        for i, index in zip(chosen, options.T):
            group = self.groups[i]
            candidates[:, group.columns] = np.tile(group.corners[index], (len(Z), 1))
        place = self._place(category_numbers(candidates, self.groups)[0])
        scores = self._log_density(candidates) + shift[place]
        return candidates, scores.reshape(len(Z), -1)

    def sample_conditional(self, Z, n_draws, random_state):
        """Completed rows of codes: categories given what is observed, then the numbers."""
        rng, Z = self._rng(random_state), dense(Z)
        rows = self.fill_categories(np.tile(Z, (n_draws, 1)), rng)
        return self._fill_numbers(rows, rng).reshape(n_draws, *Z.shape)

    def _fill_numbers(self, rows, rng):
        """One draw of what is missing beside the categories."""
        if not np.isnan(rows).any():
            return rows
        rows, seed = named_rows(self.model, rows), rng.randint(2**31 - 1)
        draws = call_with_random_state(self.model, "sample_conditional", rows, 1, random_state=seed)
        return dense(draws[0])

    def _rng(self, random_state):
        own = getattr(self.model, "random_state", None)
        with naming("random_state"):
            return check_random_state(own if random_state is None else random_state)

    def _log_density(self, rows):
        """Scores of an array under the names that the model knows."""
        return np.asarray(self.model.score_samples(named_rows(self.model, rows)), np.float64)

    def _corner_rows(self, numbers):
        """Rows with the codes of given categories, NaN in all other columns."""
        rows = np.full((len(numbers), self.n_columns), np.nan)
        for group, index in zip(self.groups, numbers.T):
            rows[:, group.columns] = group.corners[index]
        return rows

    def _combinations(self):
        return np.stack(np.unravel_index(np.arange(np.prod(self.shape)), self.shape), axis=1)

    def _table(self):
        """Log-density of the model at each combination of categories, and its log-probability."""
        rows = self._corner_rows(self._combinations())
        log_marginal = self._log_density(rows)
        table = log_marginal.reshape(self.shape)
        # Frequencies of the training data are those of no single condition.
        if not self.counts and not isinstance(self.model, GivenModel):
            table = rake(table, self.frequencies)
        return log_marginal, table.ravel() - logsumexp(table)

    def sample(self, n_samples, random_state):
        """Valid rows of codes."""
        if self.is_enumerable():
            return self._draw_from_table(n_samples, random_state)
        Z = dense(self._draw(n_samples, random_state))
        if self.counts:
            Z = self._keep_valid(Z, random_state)
        return snap(Z, self.groups)

    def _draw(self, n_samples, random_state):
        return call_with_random_state(self.model, "sample", n_samples, random_state=random_state)

    def _draw_from_table(self, n_samples, random_state):
        rng = self._rng(random_state)
        probability = np.exp(self._table()[1])
        chosen = rng.choice(len(probability), n_samples, p=probability / probability.sum())
        return self._fill_numbers(self._corner_rows(self._combinations()[chosen]), rng)

    def _keep_valid(self, Z, random_state):
        """Draws of bits in which every group is valid: drawn again, and then mended."""
        seeds = redraw_seeds(self.model, random_state)
        wrong = self._is_wrong(Z).any(axis=1)
        fraction = 1 - wrong.mean()
        for _ in range(MOST_ROUNDS if fraction > LEAST_VALID else 0):
            if not wrong.any():
                return Z
            fresh = dense(self._draw(int(np.ceil(wrong.sum() / fraction)), next(seeds)))
            fresh = fresh[~self._is_wrong(fresh).any(axis=1)][: wrong.sum()]
            Z[np.flatnonzero(wrong)[: len(fresh)]] = fresh
            wrong = self._is_wrong(Z).any(axis=1)
        rng = check_random_state(next(seeds))
        Z[wrong] = self._mend(Z[wrong], rng)
        return Z

    def _is_wrong(self, Z):
        """Which groups of which rows are at no corner, (n, n_groups)."""
        return np.stack([~category_numbers(Z, [group])[1] for group in self.groups], axis=1)

    def _mend(self, Z, rng):
        """Invalid groups drawn given the rest of their rows."""
        wrong, Z = self._is_wrong(Z), np.array(Z)
        for group, rows, frequency in zip(self.groups, wrong.T, self.frequencies):
            # No bit of a group, or several: the nearest codes are many.
            distance = distances(Z[rows], group)
            near = distance <= distance.min(axis=1, keepdims=True) + 1e-9
            scores = np.where(near, np.log(frequency), -np.inf)
            Z[np.ix_(rows, group.columns)] = _draw_corners(group, scores, rng)
        # Where the score of a row takes many samples, its reconstruction tells as much.
        slow = getattr(self.model, "likelihood_kind_", "exact") == "lower_bound"
        redraw = self._redraw_by_means if slow else self._redraw_by_scores
        for _ in range(N_SWEEPS):
            redraw(Z, wrong, rng)
        return Z

    def _redraw_by_scores(self, Z, wrong, rng):
        """One group after the other, by the model's probabilities given all other columns."""
        for group, rows in zip(self.groups, wrong.T):
            if not rows.any():
                continue
            candidates = np.repeat(Z[rows], len(group.corners), axis=0)
            candidates[:, group.columns] = np.tile(group.corners, (rows.sum(), 1))
            scores = self._log_density(candidates).reshape(rows.sum(), -1)
            Z[np.ix_(rows, group.columns)] = _draw_corners(group, scores, rng)

    def _redraw_by_means(self, Z, wrong, rng):
        """All groups at once, by the probabilities of bits given the latent code of the row."""
        codes = self.model.transform(named_rows(self.model, Z))
        means = np.clip(dense(self.model.inverse_transform(codes)), 1e-6, 1 - 1e-6)
        for group, rows in zip(self.groups, wrong.T):
            mean = means[np.ix_(rows, group.columns)]
            scores = np.log(mean) @ group.corners.T + np.log1p(-mean) @ (1 - group.corners).T
            Z[np.ix_(rows, group.columns)] = _draw_corners(group, scores, rng)


def _draw_corners(group, scores, rng):
    """Codes of categories, one a row, by their log-probabilities."""
    # The largest of logits with Gumbel noise is a draw.
    return group.corners[(scores + rng.gumbel(size=scores.shape)).argmax(axis=1)]


def rake(table, frequencies, max_iter=200, tol=1e-9):
    """Log-table of the same interactions, with given marginals (Deming and Stephan 1940)."""
    table = table - table.max()
    for _ in range(max_iter):
        change = 0.0
        for axis, wanted in enumerate(frequencies):
            rest = tuple(i for i in range(table.ndim) if i != axis)
            step = np.log(wanted) - _log_marginal(table, rest)
            table = table + np.expand_dims(step, rest)
            change = max(change, np.abs(step).max())
        if change < tol:
            break
    return table


def _log_marginal(table, axes):
    largest = table.max(axis=axes, keepdims=True)
    total = np.exp(table - largest).sum(axis=axes)
    return np.log(total) + largest.reshape(total.shape)
