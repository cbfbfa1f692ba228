"""Draws from models that are not skgen's own."""

from copy import copy
from inspect import signature

from sklearn.utils import check_random_state

from skgen.base.wording import naming

N_ATTEMPTS = 100  # to draw what has an inverse


def call_with_random_state(model, verb, *args, random_state):
    """Call a drawing verb under a random state, whether or not it takes one.

    None leaves the choice to the model. A tuple such as GaussianMixture's gives its first part.
    """
    method = getattr(model, verb)
    if "random_state" in signature(method).parameters:
        result = method(*args, random_state=random_state)
    elif random_state is None:
        result = method(*args)
    else:
        result = getattr(_reseeded(model, random_state), verb)(*args)
    return result[0] if isinstance(result, tuple) else result


def with_seed(model, random_state):
    """The unfitted model with this ``random_state`` wherever it, or a part of it, has None."""
    unset = [name for name, value in model.get_params().items() if value is None]
    seeds = [name for name in unset if name.rpartition("__")[2] == "random_state"]
    return model.set_params(**dict.fromkeys(seeds, random_state))


def redraw_seeds(model, random_state):
    """Endless random states for further draws after a first one under ``random_state``."""
    source = getattr(model, "random_state", None) if random_state is None else random_state
    if source is None:
        while True:
            yield None
    with naming("random_state"):
        rng = check_random_state(source)
    while True:
        yield rng.randint(2**31 - 1)


def drawn_within(draw, n_samples, model, random_state, *, of_each):
    """Rows of ``draw(n, seed)``, of which those that it marks as outside are drawn again.

    Where each row has a condition of its own, ``of_each``, all are drawn again for the places.
    """
    X, inside = draw(n_samples, random_state)
    seeds = redraw_seeds(model, random_state)
    for _ in range(N_ATTEMPTS):
        if inside.all():
            return X
        outside = ~inside
        if of_each:
            drawn = draw(n_samples, next(seeds))
            X[outside], inside[outside] = (part[outside] for part in drawn)
        else:
            X[outside], inside[outside] = draw(int(outside.sum()), next(seeds))
    raise ValueError(
        f"{(~inside).sum()} of {n_samples} draws of {model!r} have no inverse under the steps "
        f"before it, after {N_ATTEMPTS} attempts; use a milder transformation, such as "
        "StandardScaler."
    )


def _reseeded(model, random_state):
    """A shallow copy of a fitted model with another ``random_state`` parameter."""
    if "random_state" not in model.get_params(deep=False):
        raise ValueError(
            f"random_state={random_state!r} was given, but neither {type(model).__name__} nor its "
            "drawing method has a random_state; pass random_state=None."
        )
    return copy(model).set_params(random_state=random_state)
