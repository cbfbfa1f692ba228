"""Conditions of rows: coded as columns, recorded, and drawn."""

from skgen.base.conditions.coding import Conditions, learned_conditions
from skgen.base.conditions.record import class_frequencies, drawn_conditions, updated_record

__all__ = [
    "Conditions",
    "class_frequencies",
    "drawn_conditions",
    "learned_conditions",
    "updated_record",
]
