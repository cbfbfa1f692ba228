"""The codes of any fitted model: what makes them, what decodes them, what their prior is."""

from sklearn.pipeline import Pipeline


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


def _first_of(model, *verbs):
    """The first verb that a model has, None where it has none."""
    return next((getattr(model, verb) for verb in verbs if hasattr(model, verb)), None)
