"""Parameters that count only beside certain values of others."""

from dataclasses import fields

import numpy as np


def refuse_useless(estimator):
    """Refuse parameters that were set, but do nothing beside the others.

    What a parameter needs is declared by ``param(..., needs={other: constraint})``. A value equal
    to the default may stay: nobody expects anything of it.
    """
    for field in fields(estimator) if hasattr(estimator, "__dataclass_fields__") else ():
        value = getattr(estimator, field.name, field.default)
        for other, constraint in field.metadata.get("needs", {}).items():
            beside = getattr(estimator, other)
            if not constraint.is_satisfied_by(beside) and not _same(value, field.default):
                raise ValueError(
                    f"{field.name}={_shown(value)} does nothing with {other}={_shown(beside)}; "
                    f"leave it at {field.default!r}, or let {other} be {constraint}."
                )


def _shown(value):
    """A value in a message: of an array no more than its shape."""
    return f"<array of shape {np.shape(value)}>" if np.ndim(value) > 1 else repr(value)


def _same(value, default):
    # A clone has a tuple of its own.
    plain = np.isscalar(value) or (isinstance(value, tuple) and isinstance(default, tuple))
    return value is default or (plain and value == default)
