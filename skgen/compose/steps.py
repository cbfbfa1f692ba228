"""What a generative pipeline does with its steps, whatever their number."""

import warnings

import numpy as np
from sklearn.base import is_outlier_detector
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import check_array, get_tags

from skgen.compose.jacobians import find_log_jacobian


def _flat_steps(pipeline):
    """Yield (name, step) with nested pipelines taken apart."""
    for name, step in pipeline.steps:
        if isinstance(step, Pipeline):
            yield from ((f"{name}__{inner}", part) for inner, part in _flat_steps(step))
        else:
            yield name, step


def _is_active(step):
    return step is not None and not isinstance(step, str)


def split_steps(pipeline):
    """List of the (name, transformer) that act, and the model at the end."""
    try:
        *transforms, (_, model) = _flat_steps(pipeline)
    except (TypeError, ValueError):
        # Steps are validated by fit; until then the pipeline offers nothing.
        raise AttributeError("the steps are not a list of (name, estimator) pairs") from None
    return [(name, step) for name, step in transforms if _is_active(step)], model


def all_steps_allow_nan(pipeline):
    """Whether NaN passes every step, as far as their tags tell before they are validated."""
    try:
        steps = [step for _, step in _flat_steps(pipeline) if _is_active(step)]
        return all(get_tags(step).input_tags.allow_nan for step in steps)
    except (AttributeError, TypeError, ValueError):
        return False


def has_density(model):
    """Whether ``score_samples`` of the model is a log-density, exact or bounded."""
    if getattr(model, "likelihood_kind_", "exact") == "error":
        return False
    return not is_outlier_detector(model)


def take_back(transforms, Z):
    """Take rows back through the steps; NaN where a power has no inverse."""
    with warnings.catch_warnings():
        # PowerTransformer warns of values outside its range, which the callers look for.
        warnings.filterwarnings("ignore", message="Some values in column|invalid value encountered")
        for name, step in reversed(transforms):
            if isinstance(step, FunctionTransformer) and step.func and not step.inverse_func:
                raise ValueError(
                    f"Step {name!r}, {step!r}, has no inverse_func, so draws cannot be taken back "
                    "through it; pass inverse_func."
                )
            Z = step.inverse_transform(Z)
    return np.asarray(Z)


def carry_incomplete(transforms, X):
    """X as an array and its image under steps that map column by column."""
    for name, step in transforms:
        if not find_log_jacobian(name, step).columnwise:
            raise ValueError(
                f"Step {name!r}, {step!r}, mixes columns, so NaN cannot pass it; move it out of "
                "the pipeline or put the model before it."
            )
    rows = check_array(X, dtype=(np.float64, np.float32), ensure_all_finite="allow-nan", copy=True)
    for _, step in transforms:
        X = step.transform(X)
    return rows, X


def fill_missing(X, X_full):
    """X with its NaN taken from X_full."""
    return np.where(np.isnan(X), X_full, X).astype(X.dtype, copy=False)
