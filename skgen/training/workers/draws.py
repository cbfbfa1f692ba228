"""Random draws for a part of the rows, as if they were made for all of them."""

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

# Of the arguments of rows that others work on: a probability, a weight, a deviation.
FILLER = 0.5


class SharedDraws(TorchFunctionMode):
    """Draws for the rows of one worker are those that a lone worker makes for these rows.

    A draw whose first or second axis has the length of a ``Share`` is made for all workers, and the
    own part is taken, so that generators stay in step. Where both have, it is the first, but of a
    size of three axes, such as particles, rows and units, the second. The first may be a multiple,
    which holds all rows several times, one time after the other. Any other draw is the same in all
    workers.

    Parameters
    ----------
    shares : list of Share
        Of rows and chains.
    """

    def __init__(self, shares):
        super().__init__()
        self.shares = shares

    def __torch_function__(self, func, types, args=(), kwargs=None):
        draw = DRAWS.get(func)
        if draw is None:
            return func(*args, **(kwargs or {}))
        return draw(self.shares, func, list(args), dict(kwargs or {}))


class _Part:
    """Where in a draw for all workers that of one lies: ``n`` of ``n_all`` along an axis."""

    def __init__(self, shape, axis, share):
        self.shape, self.axis, self.share = shape, axis, share
        self.n_times = shape[axis] // share.n
        self.whole = [*shape[:axis], self.n_times * share.n_all, *shape[axis + 1 :]]

    def of(self, whole):
        """The own part of a result for all."""
        parts = whole.unflatten(self.axis, (self.n_times, self.share.n_all))
        parts = parts.narrow(self.axis + 1, self.share.start, self.share.n)
        return parts.flatten(self.axis, self.axis + 1)

    def amid(self, own):
        """An argument for all that holds the own one in its place."""
        share, axis = self.share, self.axis + 1
        parts = own.unflatten(self.axis, (self.n_times, share.n))
        lengths = share.start, share.n_all - share.start - share.n
        sizes = [(*parts.shape[:axis], length, *parts.shape[axis + 1 :]) for length in lengths]
        before, after = (own.new_full(size, FILLER) for size in sizes)
        return torch.cat([before, parts, after], axis).flatten(self.axis, axis)


def _is_one(length, n):
    return length == n


def _is_multiple(length, n):
    return n > 1 and length > 0 and length % n == 0


WAYS = (0, _is_one), (0, _is_multiple), (1, _is_one)


def part_of(shape, shares, ways=WAYS):
    """The ``_Part`` of a draw of a shape, or None where it is for no rows."""
    for axis, fits in ways:
        for share in shares:
            if len(shape) > axis and fits(shape[axis], share.n):
                return _Part(list(shape), axis, share)
    return None


def _sized(shares, func, args, kwargs):
    """Draws of a size alone, which is given by name, as a sequence or as numbers."""
    if "size" in kwargs:
        size = kwargs.pop("size")
    elif args and isinstance(args[-1], tuple | list):
        size = args.pop()
    else:
        size, args = args, []
    return _of_size(shares, func, args, kwargs, size)


def _ranged(shares, func, args, kwargs):
    """Draws of a size behind other numbers."""
    size = kwargs.pop("size") if "size" in kwargs else args.pop()
    return _of_size(shares, func, args, kwargs, size)


def _of_size(shares, func, args, kwargs, size):
    part = part_of(size, shares, WAYS[::-1] if len(size) == 3 else WAYS)
    if part is None:
        return func(*args, tuple(size), **kwargs)
    return part.of(func(*args, tuple(part.whole), **kwargs)).clone()


def _normal(shares, func, args, kwargs):
    """Draws with means and deviations, of which either may be a tensor."""
    given = [*args, *kwargs.values()]
    if any(isinstance(one, torch.Tensor) for one in given):
        return _of_tensors(shares, func, args, kwargs)
    return _ranged(shares, func, args, kwargs)


def _of_tensors(shares, func, args, kwargs):
    """Draws, or layers that draw, whose arguments have the rows."""
    first = next(a for a in [*args, *kwargs.values()] if isinstance(a, torch.Tensor))
    part = part_of(first.shape, shares)
    if part is None:
        return func(*args, **kwargs)

    def amid(one):
        has_rows = isinstance(one, torch.Tensor) and one.shape == first.shape
        return part.amid(one) if has_rows else one

    args = [amid(one) for one in args]
    kwargs = {name: amid(one) for name, one in kwargs.items()}
    return part.of(func(*args, **kwargs))


def _in_place(shares, func, args, kwargs):
    """Draws that fill a tensor."""
    own, *rest = args
    part = part_of(own.shape, shares)
    if part is None:
        return func(own, *rest, **kwargs)
    return own.copy_(part.of(func(own.new_empty(part.whole), *rest, **kwargs)))


def _in_place_of_tensors(shares, func, args, kwargs):
    """The same, where the numbers that tell the distribution may be a tensor."""
    own, *rest = args
    if not any(isinstance(one, torch.Tensor) for one in [*rest, *kwargs.values()]):
        return _in_place(shares, func, args, kwargs)
    part = part_of(own.shape, shares)
    if part is None:
        return func(own, *rest, **kwargs)
    rest = [part.amid(one.expand_as(own)) for one in rest]
    kwargs = {
        name: part.amid(one.expand_as(own)) if name == "p" else one for name, one in kwargs.items()
    }
    return own.copy_(part.of(func(own.new_empty(part.whole), *rest, **kwargs)))


DRAWS = {
    torch.rand: _sized,
    torch.randn: _sized,
    torch.randint: _ranged,
    torch.normal: _normal,
    torch.Tensor.bernoulli_: _in_place_of_tensors,
    **dict.fromkeys(
        [
            torch.Tensor.cauchy_,
            torch.Tensor.exponential_,
            torch.Tensor.geometric_,
            torch.Tensor.log_normal_,
            torch.Tensor.normal_,
            torch.Tensor.random_,
            torch.Tensor.uniform_,
        ],
        _in_place,
    ),
    **dict.fromkeys(
        [
            F.alpha_dropout,
            F.dropout,
            F.dropout1d,
            F.dropout2d,
            F.dropout3d,
            F.feature_alpha_dropout,
            F.gumbel_softmax,
            F.rrelu,
            torch.Tensor.bernoulli,
            torch.Tensor.multinomial,
            torch.bernoulli,
            torch.dropout,
            torch.multinomial,
            torch.poisson,
            torch.rand_like,
            torch.randint_like,
            torch.randn_like,
            torch.rrelu,
        ],
        _of_tensors,
    ),
}
