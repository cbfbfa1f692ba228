"""Which conditions training rows had, and how often: what draws without a condition follow."""

import numpy as np

# More conditions than these are thinned out, to as many of equal weight.
MOST_CONDITIONS = 5000


def updated_record(code, unknown, weight, earlier=None):
    """Conditions and their weights, from the code of rows (n, width) and an earlier record.

    Rows that are ``unknown`` (n,) are left out where others are known.
    """
    weight = np.ones(len(code)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not unknown.all():
        code, weight = code[~unknown], weight[~unknown]
    if earlier is not None:
        code = np.concatenate([earlier["code"], code])
        weight = np.concatenate([earlier["weight"], weight])
    code, place = np.unique(code, axis=0, return_inverse=True)
    weight = np.bincount(place.ravel(), weights=weight, minlength=len(code))
    if len(code) > MOST_CONDITIONS:
        total = weight.sum()
        steps = (np.arange(MOST_CONDITIONS) + 0.5) / MOST_CONDITIONS
        chosen = np.searchsorted(np.cumsum(weight) / total, steps).clip(max=len(code) - 1)
        code, weight = code[chosen], np.full(MOST_CONDITIONS, total / MOST_CONDITIONS)
    return {"code": code, "weight": weight}


def drawn_conditions(record, n_samples, rng):
    """The code of conditions drawn as often as training rows had them, (n_samples, width)."""
    p = record["weight"] / record["weight"].sum()
    return record["code"][rng.choice(len(p), n_samples, p=p)]


def class_frequencies(record, n_classes):
    """How frequent each class is among the rows that know theirs, (n_classes,)."""
    shares = record["weight"] @ record["code"][:, :n_classes].astype(np.float64)
    return shares / shares.sum()
