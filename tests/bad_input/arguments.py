"""Odd values for what stands beside the rows: labels, weights, numbers, constructor parameters."""

import datetime

import numpy as np
import pandas as pd

from skgen.base.sklearn_compat import Interval, make_constraint

# What stands beside each row.
BESIDE_ROWS = {
    "None": lambda n: None,
    "two kinds": lambda n: np.arange(n) % 2,
    "zeros": np.zeros,
    "ones": np.ones,
    "one kind": lambda n: np.full(n, 7),
    "a kind a row": np.arange,
    "text": lambda n: np.array(["a", "b"])[np.arange(n) % 2],
    "bits": lambda n: np.arange(n) % 2 == 0,
    "numbers": lambda n: np.linspace(-1, 1, n),
    "tiny numbers": lambda n: np.linspace(1e-300, 1e-299, n),
    "huge numbers": lambda n: np.linspace(1e299, 1e300, n),
    "negative": lambda n: -np.ones(n),
    "NaN in one": lambda n: np.r_[np.nan, np.ones(n - 1)],
    "NaN alone": lambda n: np.full(n, np.nan),
    "inf in one": lambda n: np.r_[np.inf, np.ones(n - 1)],
    "None in one": lambda n: np.array([None, *["a", "b"] * n][:n], dtype=object),
    "one too few": lambda n: np.arange(n - 1) % 2,
    "one too many": lambda n: np.arange(n + 1) % 2,
    "none": lambda n: np.zeros(0),
    "a number": lambda n: 1.0,
    "a word": lambda n: "y",
    "a column": lambda n: np.arange(n)[:, None] % 2,
    "two columns": lambda n: np.arange(2 * n).reshape(n, 2) % 3,
    "three axes": lambda n: np.zeros((n, 2, 2)),
    "complex": lambda n: np.arange(n) + 1j,
    "dates": lambda n: np.arange(n).astype("datetime64[D]"),
    "dates of Python": lambda n: [datetime.date(2000, 1, 1)] * n,
    "ragged": lambda n: [[1], *[[1, 2]] * (n - 1)],
    "mixed": lambda n: np.array([1, *["a"] * (n - 1)], dtype=object),
    "objects": lambda n: [object() for _ in range(n)],
    "dict": lambda n: {"a": 1},
    "frame": lambda n: pd.DataFrame({"a": np.arange(n) % 2}),
    "categories": lambda n: pd.Series(np.array(["a", "b"])[np.arange(n) % 2], dtype="category"),
    "read-only": lambda n: np.broadcast_to(np.ones(1), (n,)),
    "unlabeled": lambda n: np.full(n, -1),
}
# What is one number or word.
SCALARS = {
    "None": None,
    "0": 0,
    "-1": -1,
    "2": 2,
    "2.5": 2.5,
    "nan": np.nan,
    "inf": np.inf,
    "10**30": 10**30,
    "True": True,
    "word": "no such word",
    "list": [1],
    "dict": {},
    "array": np.arange(3),
    "NumPy's integer": np.int64(2),
    "NumPy's generator": np.random.default_rng(0),
    "object": object(),
    "type": int,
}
NO_VALUES = {
    name: value for name, value in SCALARS.items() if name not in ("NumPy's integer", "2")
} | {"empty text": "", "empty tuple": (), "tuple of words": ("a", "b"), "complex": 1j}


def constraints_of(estimator):
    """Constraints of each parameter of an estimator and of those within it, by name."""
    found = {}
    for name in estimator.get_params():
        owner, _, last = name.rpartition("__")
        holder = estimator.get_params()[owner] if owner else estimator
        declared = getattr(type(holder), "_parameter_constraints", {}).get(last, "no_validation")
        if type(holder).__module__.startswith("skgen.") and not isinstance(declared, str):
            found[name] = [make_constraint(constraint) for constraint in declared]
    return found


def values_out_of_range(constraints):
    """Values that satisfy none of the constraints, by name."""
    edges = {}
    for each in constraints:
        if isinstance(each, Interval):
            for end, beyond in ((each.left, -1), (each.right, 1)):
                if end is not None and np.isfinite(end):
                    edges[f"beyond {end}"] = end + beyond
    return {
        name: value
        for name, value in (NO_VALUES | edges).items()
        if not any(_satisfies(each, value) for each in constraints)
    }


def _satisfies(constraint, value):
    try:
        return bool(np.all(constraint.is_satisfied_by(value)))
    except (TypeError, ValueError):
        return False
