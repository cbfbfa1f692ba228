"""Two tables of the user guide: what every estimator reached on the digits, and what it takes."""

import inspect

# What the case evaluates, its short name, and how it is written.
COLUMNS = {
    "nats": ("nats", "{:.1f}"),
    "probe": ("probe", "{:.3f}"),
    "coverage": ("coverage", "{:.2f}"),
    "gaps, RMSE": ("gaps", "{:.3f}"),
    "outliers, AUC": ("outliers", "{:.2f}"),
    "fit, CPU s": ("fit", "{:.3g}"),
}
TAKES = ("NaN", "impute", "streams", "weights", "labels", "CUDA")


def tables(record):
    """Return the rows of both tables, headers first, of the record of ``choose_a_model``."""
    rows = [row for row in record["rows"] if row["status"] == "measured"]
    reached = [
        ["estimator", *(short for short, _ in COLUMNS.values())],
        *([_name(row), *_numbers(row)] for row in rows),
    ]
    ours = [row["contender"] for row in rows if row["package"] == "skgen"]
    return reached, [["estimator", *TAKES], *([_role(name), *_takes(name)] for name in ours)]


def _name(row):
    """A link for an estimator of ours, a name and its setting for another."""
    if row["package"] == "skgen":
        return _role(row["contender"])
    return f"*{row['contender']}*, {row['note']}"


def _role(name):
    return f":class:`~skgen.{name}`"


def _numbers(row):
    found = row["objectives"]
    forms = [(key, form) for key, (_, form) in COLUMNS.items()]
    return [form.format(found[key][0]) if key in found else "" for key, form in forms]


def _takes(name):
    """What the class itself says it takes, a mark or nothing for each of ``TAKES``."""
    from sklearn.utils import get_tags

    import skgen

    model = getattr(skgen, name)()
    fit = inspect.signature(model.fit).parameters
    answers = (
        get_tags(model).input_tags.allow_nan,
        hasattr(model, "impute"),
        hasattr(model, "partial_fit"),
        "sample_weight" in fit,
        hasattr(model, "use_labels"),
        "device" in model.get_params(),
    )
    return ["✓" if answer else "" for answer in answers]
