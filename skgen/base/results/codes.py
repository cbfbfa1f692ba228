"""The codes of any fitted model: what makes, takes and decodes them, and their prior."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array

from skgen.base.wording import counted, naming


def decoder(model):
    """The verb that takes codes to rows, None of a model without one."""
    return _first_of(model, "generate", "inverse_transform")


def encoder(model):
    """The verb that gives what :func:`decoder` takes, None of a model without one."""
    # What a GAN transforms rows to are features of its critic.
    return _first_of(model, "invert", "transform")


def has_normal_prior(model):
    """Whether each code is a standard normal before a row is seen."""
    last = model[-1] if isinstance(model, Pipeline) else model
    return getattr(last, "_normal_prior", False)


def checked_codes(X, n_codes, estimator, name="X"):
    """Latent rows as a float array (n_samples, n_codes); ``name`` is what the user calls them."""
    dtypes, least = estimator._float_dtypes, min(1, n_codes)
    with naming(name), np.errstate(invalid="ignore"):
        Z = check_array(X, dtype=dtypes, input_name=name, ensure_min_features=least)
    if Z.shape[1] != n_codes:
        raise ValueError(
            f"{name} has {counted(Z.shape[1], 'column')}, but {type(estimator).__name__} has "
            f"{counted(n_codes, 'latent dimension')}."
        )
    return Z


def _first_of(model, *verbs):
    """The first verb that a model has, None where it has none."""
    return next((getattr(model, verb) for verb in verbs if hasattr(model, verb)), None)
