"""Types of columns of polars, and intervals of pandas, as names and plain values."""

import sys

# What types of polars are made of beside their name, and attributes that hold it.
SETTINGS = {
    "Datetime": ("time_unit", "time_zone"),
    "Decimal": ("precision", "scale"),
    "Duration": ("time_unit",),
    "Enum": ("categories",),
}
WITHIN = ("List", "Array", "Struct", "Object", "Unknown")  # types that hold others, or anything


def polars_settings(value):
    """What a type of polars is made of beside its name, by name; None if it is no such type."""
    polars = sys.modules.get("polars")
    if polars is None or not isinstance(value, polars.DataType):
        return None
    name = type(value).__name__
    if name in WITHIN or getattr(polars, name, None) is not type(value):
        return None
    found = {setting: getattr(value, setting) for setting in SETTINGS.get(name, ())}
    if "categories" in found:
        found["categories"] = found["categories"].to_list()
    return found


def polars_type(name, settings):
    """The type of polars of a name; ValueError if there is none."""
    import polars

    found = getattr(polars, name, None)
    if not (isinstance(found, type) and issubclass(found, polars.DataType)) or name in WITHIN:
        raise ValueError(f"polars has no type {name!r} of columns")
    if set(settings) != set(SETTINGS.get(name, ())):
        raise ValueError(f"the type {name} of polars has other settings than {sorted(settings)}")
    return found(**settings)


def is_interval(value):
    """Whether a value is an interval of pandas, such as ``pandas.cut`` gives."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Interval)
