"""Steps as maps that know their inverse, their log-Jacobian and their categories."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skgen.base.sklearn_compat import ignored
from skgen.base.wording import naming
from skgen.compose.categories.groups import (
    ENCODERS,
    dense,
    encoder_groups,
    grouped_columns,
    merges_categories,
    snap,
    transform_rows,
)
from skgen.compose.jacobians import (
    WITHOUT_IMPUTER,
    find_log_jacobian,
    is_imputer,
    transform_with_log_jacobian,
)
from skgen.compose.tables import column_numbers, is_missing, take_columns


def flat_steps(pipeline):
    """Yield (name, step) with nested pipelines taken apart."""
    for name, step in pipeline.steps:
        if isinstance(step, Pipeline):
            yield from ((f"{name}__{inner}", part) for inner, part in flat_steps(step))
        else:
            yield name, step


def is_active(step):
    """Whether a step does anything."""
    return step is not None and not isinstance(step, str)


class Chain:
    """Fitted steps one after the other; a link of a longer chain, too."""

    def __init__(self, steps):
        self.links = [_link(name, step) for name, step in steps if is_active(step)]

    def check_invertible(self):
        """Raise an AttributeError that names a step without an inverse."""
        for link in self.links:
            link.check_invertible()

    def check_density(self):
        """Raise a ValueError that names a step which is known to have no log-Jacobian."""
        for link in self.links:
            link.check_density()

    def check_incomplete(self):
        """Raise a ValueError that names a step which NaN cannot pass."""
        for link in self.links:
            link.check_incomplete()

    def has_categories(self):
        """Whether a step makes codes of categories."""
        return any(link.has_categories() for link in self.links)

    def groups(self, groups=()):
        """Groups of the output, given those of the input; None where columns are mixed."""
        for link in self.links:
            groups = link.groups(groups)
            if groups is None:
                return None
        return list(groups)

    @naming("X")
    @np.errstate(all="ignore")  # an overflow is told by its outcome
    def transform(self, X):
        """Output of the last step."""
        for link in self.links:
            X = link.step.transform(X)
        return X

    @naming("X")
    @np.errstate(all="ignore")
    def forward(self, X, groups=()):
        """Output and the log-Jacobian of each row, to which categories contribute nothing."""
        change = 0.0
        for link in self.links:
            X, part = link.forward(X, groups)
            change, groups = change + part, link.groups(groups)
        return X, change

    @naming("X")
    @np.errstate(all="ignore")
    def forward_incomplete(self, X):
        """Output for rows in which NaN, or None among strings, marks what is missing."""
        for link in self.links:
            X = link.forward_incomplete(X)
        return X

    @np.errstate(all="ignore")
    def back(self, Z):
        """Rows that map to Z, and whether each has such a row at all."""
        inside = np.ones(len(Z) if isinstance(Z, list) else Z.shape[0], dtype=bool)
        for link in reversed(self.links):
            Z, within = link.back(Z)
            inside &= within
        return np.asarray(Z), inside


def _link(name, step):
    if isinstance(step, ENCODERS):
        return EncoderLink(name, step)
    if isinstance(step, ColumnTransformer):
        return ColumnsLink(name, step)
    return SmoothLink(name, step)


class SmoothLink:
    """A map of numbers to numbers."""

    def __init__(self, name, step):
        self.name, self.step = name, step

    def has_categories(self):
        """No encoder."""
        return False

    def check_invertible(self):
        """Raise where there is no inverse."""
        if is_imputer(self.step):
            raise AttributeError(
                f"step {self.name!r}, {self.step!r}, fills holes, and draws have no way back "
                f"through it; {WITHOUT_IMPUTER}"
            )
        if not hasattr(self.step, "inverse_transform"):
            raise AttributeError(f"step {self.name!r}, {self.step!r}, has no inverse_transform")

    def check_density(self):
        """Raise where there is no log-Jacobian."""
        find_log_jacobian(self.name, self.step)

    def check_incomplete(self):
        """Raise where columns are mixed."""
        if not find_log_jacobian(self.name, self.step).columnwise:
            raise ValueError(
                f"Step {self.name!r}, {self.step!r}, mixes columns, so NaN cannot pass it; move it "
                "out of the pipeline or put the model before it."
            )

    def groups(self, groups):
        """The same columns, with the images of the corners."""
        if not groups:
            return groups
        try:
            if not find_log_jacobian(self.name, self.step).columnwise:
                return None
        except ValueError:
            return None
        n_rows = max(len(group.corners) for group in groups)
        rows = np.full((n_rows, self.step.n_features_in_), np.nan)
        for group in groups:
            rows[:, group.columns] = np.resize(group.corners, (n_rows, len(group.columns)))
        images = dense(transform_rows(self.step, rows))
        return [
            group._replace(corners=images[: len(group.corners), group.columns]) for group in groups
        ]

    def forward(self, X, groups):
        """Output and log-Jacobian."""
        return transform_with_log_jacobian(self.name, self.step, X, grouped_columns(groups))

    def forward_incomplete(self, X):
        """Output; NaN passes."""
        if isinstance(self.step, FunctionTransformer):
            # Whether a function works by column shows on rows alone.
            self.forward(X, ())
        return self.step.transform(X)

    def back(self, Z):
        """Rows, and whether they are finite."""
        step = self.step
        if isinstance(step, FunctionTransformer) and step.func and not step.inverse_func:
            raise ValueError(
                f"Step {self.name!r}, {step!r}, has no inverse_func, so draws cannot be taken back "
                "through it; pass inverse_func."
            )
        # PowerTransformer warns of values outside its range, which the callers look for.
        with ignored(Warning, "Some values in column", "invalid value encountered"):
            X = step.inverse_transform(Z)
        finite = np.isfinite(dense(X)).all(axis=1)
        return X, finite


class EncoderLink:
    """A OneHotEncoder or OrdinalEncoder."""

    def __init__(self, name, step):
        self.name, self.step = name, step

    @cached_property
    def _groups(self):
        return encoder_groups(self.step)

    def has_categories(self):
        """An encoder."""
        return True

    def check_invertible(self):
        """Every encoder has an inverse."""

    def check_density(self):
        """Raise where categories share a code."""
        if merges_categories(self.step):
            raise ValueError(
                f"Step {self.name!r}, {self.step!r}, gives several infrequent categories one code, "
                "whose probability is that of none of them; use min_frequency=None and "
                "max_categories=None."
            )

    def check_incomplete(self):
        """What is missing passes as NaN in all columns of its group."""

    def groups(self, groups):
        """One group a feature."""
        return self._groups

    def forward(self, X, groups):
        """Output; a code changes no volume."""
        return self.step.transform(X), 0.0

    def forward_incomplete(self, X):
        """Codes, NaN where a value is missing that is no category of its own."""
        rows = np.array(X, dtype=object)
        missing = is_missing(rows)
        for j, categories in enumerate(self.step.categories_):
            missing[:, j] &= ~is_missing(np.asarray(categories, dtype=object)).any()
            rows[missing[:, j], j] = categories[0]
        codes = dense(transform_rows(self.step, rows)).copy()
        for j, group in enumerate(self._groups):
            codes[np.ix_(missing[:, j], group.columns)] = np.nan
        return codes

    def back(self, Z):
        """Categories whose codes are nearest."""
        codes = snap(dense(Z), self._groups)
        return self.step.inverse_transform(codes), np.ones(len(codes), dtype=bool)


class Part(NamedTuple):
    """What a ColumnTransformer does with some columns."""

    chain: Chain
    columns: np.ndarray  # of the input
    output: slice

    def groups(self, groups):
        """Those of the given groups that the part takes, by its own columns."""
        place = {column: number for number, column in enumerate(self.columns)}
        return [
            group._replace(columns=np.array([place[c] for c in group.columns]))
            for group in groups
            if all(c in place for c in group.columns)
        ]


class ColumnsLink:
    """A ColumnTransformer in which every column has one part, and every part an inverse."""

    def __init__(self, name, step):
        self.name, self.step = name, step

    def _given(self):
        """Names and steps of the parts, and the columns that they take, fitted or not."""
        parts = getattr(self.step, "transformers_", None)
        return parts or [*self.step.transformers, ("remainder", self.step.remainder, None)]

    def _chains(self):
        for name, part, columns in self._given():
            steps = flat_steps(part) if isinstance(part, Pipeline) else [(name, part)]
            yield part, Chain([(f"{self.name}__{n}", s) for n, s in steps]), columns

    def _parts(self):
        """The parts that take columns, fitted."""
        outputs = self.step.output_indices_
        names = [name for name, _, _ in self._given()]
        found = [
            Part(chain, column_numbers(columns, self.step), outputs[name])
            for name, (_, chain, columns) in zip(names, self._chains())
        ]
        return [part for part in found if len(part.columns)]

    def _check_partition(self):
        """Every column must be in one part, and none dropped."""
        d = self.step.n_features_in_
        counts = np.zeros(d, dtype=int)
        for part, _, columns in self._chains():
            if not (isinstance(part, str) and part == "drop"):
                np.add.at(counts, column_numbers(columns, self.step), 1)
        if (counts == 1).all():
            return
        names = getattr(self.step, "feature_names_in_", np.arange(d))
        wrong = np.flatnonzero(counts != 1)[0]
        what = "drops" if counts[wrong] == 0 else "uses more than once"
        raise ValueError(
            f"Step {self.name!r}, a ColumnTransformer, {what} column {names[wrong]!r}, so rows "
            "cannot be taken back; give each column to one of its transformers, and remove what "
            "is not to be modeled before the pipeline."
        )

    def has_categories(self):
        """Whether a part makes codes of categories."""
        return any(chain.has_categories() for _, chain, _ in self._chains())

    def check_invertible(self):
        """Raise where a part has no inverse."""
        for _, chain, _ in self._chains():
            chain.check_invertible()

    def check_density(self):
        """Raise where a part has no log-Jacobian."""
        self._check_partition()
        for _, chain, _ in self._chains():
            chain.check_density()

    def check_incomplete(self):
        """Raise where a part mixes columns."""
        self._check_partition()
        for _, chain, _ in self._chains():
            chain.check_incomplete()

    def groups(self, groups):
        """Groups of the parts, and those that pass a part."""
        found = []
        for part in self._parts():
            inner = part.chain.groups(part.groups(groups))
            if inner is None:
                return None
            found += [group.shifted(part.output.start) for group in inner]
        return found

    def forward(self, X, groups):
        """Output and the sum of the log-Jacobians of the parts."""
        change = 0.0
        for part in self._parts():
            rows = take_columns(X, part.columns, self.step)
            change = change + part.chain.forward(rows, part.groups(groups))[1]
        return self.step.transform(X), change

    def forward_incomplete(self, X):
        """Output of the parts side by side."""
        parts = self._parts()
        Z = np.empty((len(X), max(part.output.stop for part in parts)))
        for part in parts:
            Z[:, part.output] = dense(
                part.chain.forward_incomplete(take_columns(X, part.columns, self.step))
            )
        return Z

    def back(self, Z):
        """Columns of the input, of objects where not all are numbers."""
        self._check_partition()
        Z = dense(Z)
        inside, columns = np.ones(len(Z), dtype=bool), {}
        for part in self._parts():
            rows, within = part.chain.back(Z[:, part.output])
            inside &= within
            columns.update(zip(part.columns, rows.T))
        kinds = {column.dtype.kind for column in columns.values()}
        rows = np.empty((len(Z), len(columns)), dtype=float if kinds <= set("fiub") else object)
        for j, column in columns.items():
            rows[:, j] = column
        return rows, inside
