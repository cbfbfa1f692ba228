"""What a generative pipeline asks of its steps, whatever their number."""

import numpy as np
from sklearn.base import BaseEstimator, is_outlier_detector
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import BernoulliRBM
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, QuantileTransformer
from sklearn.utils import get_tags

from skgen.base.blocks import refuse_lazy
from skgen.base.sklearn_compat import ignored
from skgen.compose.categories.encoders import let_gaps_pass
from skgen.compose.categories.groups import dense, grouped_columns, lacks_rank_in_groups_only
from skgen.compose.links import Chain, flat_steps, is_active
from skgen.compose.quantiles import TailedQuantileTransformer


def split_steps(pipeline):
    """The chain of the steps that act, and the model at the end."""
    try:
        *transforms, (_, model) = flat_steps(pipeline)
    except (TypeError, ValueError):
        # Steps are validated by fit; until then the pipeline offers nothing.
        raise AttributeError("the steps are not a list of (name, estimator) pairs") from None
    return Chain(transforms), model


def refuse_lazy_rows(pipeline, X):
    """Refuse a collection of dask that the fit of a step of scikit-learn would read as a whole."""
    for _, step in flat_steps(pipeline):
        reads = is_active(step) and type(step).__module__.startswith("sklearn.")
        if reads and not (isinstance(step, FunctionTransformer) and not step.validate):
            refuse_lazy(step, X)


def model_has(*verbs):
    """Whether the last step has one of the verbs."""

    def check(self):
        model = split_steps(self)[1]
        # Where it has none, its own error becomes the cause of the pipeline's.
        return any(hasattr(model, verb) for verb in verbs) or getattr(model, verbs[0])

    return check


def can_return_from(verb):
    """Whether the last step has the verb and every step before has an inverse."""

    def check(self):
        chain, model = split_steps(self)
        chain.check_invertible()
        return hasattr(model, verb)

    return check


def every_step_has_an_inverse(pipeline):
    """Whether rows can be taken back through all steps, the last one included."""
    try:
        Chain(flat_steps(pipeline)).check_invertible()
    except (TypeError, ValueError):
        return False
    return True


def all_steps_allow_nan(pipeline):
    """Whether NaN passes every step, as far as their tags tell before they are validated."""
    try:
        steps = [step for _, step in flat_steps(pipeline)]
        allowed = [get_tags(step).input_tags.allow_nan for step in steps if is_active(step)]
        return bool(steps) and all(allowed)
    except (AttributeError, TypeError, ValueError):
        return False


def has_density(model):
    """Whether ``score_samples`` of the model is a log-density, exact or bounded."""
    if getattr(model, "likelihood_kind_", "exact") == "error":
        return False
    return not is_outlier_detector(model)


def model_measure(model):
    """What the scores of a fitted model are relative to, None where it has no density.

    Models that do not say so have a density in the units of their input.
    """
    if not has_density(model) or not hasattr(model, "score_samples"):
        return None
    if isinstance(model, BernoulliRBM):
        return "counting"
    return getattr(model, "measure_", "lebesgue")


def prepare(steps, container):
    """Make unfitted clones of steps what a generative pipeline asks of them.

    A QuantileTransformer gets tails. Codes of categories are dense where the model, or the
    container of the outputs, takes nothing else, and those of missing ones are NaN where the model
    takes that.
    """
    steps = [entry[-1] for entry in steps if isinstance(entry, tuple | list) and entry]
    parts = [
        part
        for step in steps
        if isinstance(step, BaseEstimator)
        for part in (step, *step.get_params(deep=True).values())
    ]
    sparse = bool(steps) and container == "default" and _takes_sparse(steps[-1])
    gaps = all(_may_pass_nan(step) for step in steps)
    for part in parts:
        if type(part) is QuantileTransformer:
            part.__class__ = TailedQuantileTransformer
        if isinstance(part, OneHotEncoder) and not sparse:
            part.set_params(sparse_output=False)
        if gaps:
            let_gaps_pass(part)


def _may_pass_nan(step):
    """Whether a step takes NaN, as far as its tag tells; parts of a ColumnTransformer have none."""
    if isinstance(step, ColumnTransformer) or not is_active(step):
        return True
    try:
        return get_tags(step).input_tags.allow_nan
    except (AttributeError, TypeError, ValueError):
        return False


def _takes_sparse(model):
    try:
        return get_tags(model).input_tags.sparse
    except (AttributeError, TypeError, ValueError):
        return False


def noise_may_vanish(pipeline, X):
    """Whether the codes of categories alone explain that a model of X finds no noise.

    Of a density over codes only ratios between valid ones count, so no noise is no fault there.
    """
    chain, model = split_steps(pipeline)
    groups = chain.groups() if chain.has_categories() else None
    if not groups:
        return False
    Z = dense(chain.transform(X))
    # Where each feature has its noise, that of another column may have vanished.
    if (
        np.ndim(getattr(model, "noise_variance_", 0.0))
        and len(grouped_columns(groups)) < Z.shape[1]
    ):
        return False
    return lacks_rank_in_groups_only(Z, groups)


def name_overflow(steps, X):
    """Raise ValueError if a step, fitted by a fit that failed, made finite rows overflow."""
    for name, step in steps[:-1]:
        if not is_active(step):
            continue
        try:
            with np.errstate(all="ignore"), ignored(Warning):
                Z = step.transform(X)
        except (NotFittedError, AttributeError, ValueError, TypeError):
            return
        if _are_finite(X) and _are_finite(Z) is False:
            largest = np.abs(dense(X)).max()
            raise ValueError(
                f"The step {name!r} makes NaN or infinity of finite rows: they hold values up to "
                f"{largest:.2g}, whose squares or sums overflow in {type(step).__name__}; divide X "
                "so that none exceeds 1e+140."
            )
        X = Z


def _are_finite(X):
    """Whether all numbers of X are finite; None where it does not hold numbers."""
    try:
        return bool(np.isfinite(dense(X)).all())
    except (TypeError, ValueError):
        return None


def scores_holes(model):
    """Whether a row with NaN has a score under a model, that of its observed part."""
    if hasattr(model, "steps"):
        return all_steps_allow_nan(model) and scores_holes(model.steps[-1][1])
    return getattr(model, "_scores_holes", True) and get_tags(model).input_tags.allow_nan
