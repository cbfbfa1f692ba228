"""Draws of workers, put together, are those that one makes for all rows."""

import pytest
import torch
from torch.nn import functional as F

from skgen.training import OwnDropout, own_draws, seeded
from skgen.training.workers.draws import DRAWS, SharedDraws, part_of
from skgen.workers import Share

N = 7


def fill(name, *args):
    return lambda x, g: getattr(torch.empty_like(x), name)(*args, generator=g)


def images(function, n_axes):
    """A layer that drops channels, on rows with some channels of places."""
    return lambda x, g: function(
        x.unflatten(1, (2, 2, *[1] * (n_axes - 1))), 0.4, training=True
    ).flatten(1)


# One call of each function, at rows x (n, 4) with entries in (0, 1).
CALLS = {
    torch.rand: lambda x, g: torch.rand(x.shape, generator=g),
    torch.randn: lambda x, g: torch.randn(*x.shape, generator=g),
    torch.randint: lambda x, g: torch.randint(9, (len(x), 2), generator=g),
    torch.normal: lambda x, g: torch.normal(x, 1 + x, generator=g),
    torch.bernoulli: lambda x, g: torch.bernoulli(x, generator=g),
    torch.multinomial: lambda x, g: torch.multinomial(x, 3, replacement=True, generator=g),
    torch.Tensor.bernoulli: lambda x, g: x.bernoulli(generator=g),
    torch.Tensor.multinomial: lambda x, g: x.multinomial(2, generator=g),
    torch.Tensor.bernoulli_: fill("bernoulli_", 0.3),
    torch.Tensor.cauchy_: fill("cauchy_"),
    torch.Tensor.exponential_: fill("exponential_"),
    torch.Tensor.geometric_: fill("geometric_", 0.3),
    torch.Tensor.log_normal_: fill("log_normal_"),
    torch.Tensor.normal_: fill("normal_"),
    torch.Tensor.random_: fill("random_", 100),
    torch.Tensor.uniform_: fill("uniform_"),
    torch.rand_like: lambda x, g: torch.rand_like(x),
    torch.randn_like: lambda x, g: torch.randn_like(x),
    torch.randint_like: lambda x, g: torch.randint_like(x, 9),
    torch.dropout: lambda x, g: torch.dropout(x, 0.4, True),
    F.alpha_dropout: lambda x, g: F.alpha_dropout(x, 0.4, training=True),
    F.dropout: lambda x, g: F.dropout(x, 0.4, training=True),
    F.dropout1d: images(F.dropout1d, 1),
    F.dropout2d: images(F.dropout2d, 2),
    F.dropout3d: images(F.dropout3d, 3),
    F.feature_alpha_dropout: images(F.feature_alpha_dropout, 2),
    F.gumbel_softmax: lambda x, g: F.gumbel_softmax(x),
}
OTHER_CALLS = {
    "sizes by name": lambda x, g: torch.rand(size=(len(x), 3), generator=g),
    "numbers of a size": lambda x, g: torch.randint(2, 9, (len(x),), generator=g),
    "normal of a size": lambda x, g: torch.normal(1.0, 2.0, (len(x), 3), generator=g),
    "probabilities in place": lambda x, g: torch.empty_like(x).bernoulli_(x, generator=g),
    "importance samples": lambda x, g: torch.randn(3, len(x), 2, generator=g).movedim(1, 0),
    "columns beside rows": lambda x, g: torch.rand(5, len(x), generator=g).T,
    "rows several times": lambda x, g: (
        torch.rand(3 * len(x), 5, generator=g).view(3, len(x), 5).movedim(1, 0)
    ),
}


@pytest.fixture
def x():
    return torch.rand(N, 4, generator=torch.Generator().manual_seed(1))


def drawn(call, x, shares=None):
    """Draws with a fresh generator, and the states that it and torch's own are left in."""
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if shares is None:
            draws = call(x, generator)
        else:
            with SharedDraws(shares):
                draws = call(x, generator)
        states = torch.cat([generator.get_state(), torch.get_rng_state()])
    return draws, states


def by_workers(call, x, size):
    """The draws of all workers put together; each leaves the states that one alone leaves."""
    alone, states = drawn(call, x)
    parts = []
    for rank in range(size):
        share = Share.of(N, rank, size)
        own = x[share.start : share.start + share.n]
        part, left = drawn(call, own, [share])
        assert torch.equal(left, states)
        parts.append(part)
    return alone, torch.cat(parts)


def test_no_function_is_without_a_call():
    # How many numbers these take depends on the rows: a worker does not know those of others.
    assert set(DRAWS) - set(CALLS) == {torch.poisson, torch.rrelu, F.rrelu}


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize(
    "call",
    [*CALLS.values(), *OTHER_CALLS.values()],
    ids=[*(f.__name__ for f in CALLS), *OTHER_CALLS],
)
def test_draws_of_workers_are_parts_of_those_of_one(call, size, x):
    alone, together = by_workers(call, x, size)
    assert torch.equal(together, alone)
    assert len(torch.unique(alone, dim=0)) > 1


def test_layers_that_draw_from_generators_of_a_fit_share_their_draws(x):
    def call(x, generator):
        with seeded(generator), own_draws():
            return OwnDropout(0.5)(x)

    alone, together = by_workers(call, x, 2)
    assert torch.equal(together, alone)


def test_gradients_pass_layers_that_draw(x):
    x.requires_grad_()
    _, together = by_workers(CALLS[F.alpha_dropout], x, 2)
    together.sum().backward()
    assert (x.grad.abs().sum(1) > 0).all()


def test_what_is_for_no_rows_is_the_same_in_all_workers(x):
    shares = [Share.of(N, rank, 2) for rank in range(2)]
    one, other = (
        drawn(lambda x, g: torch.rand(5, generator=g), x[: share.n], [share])[0] for share in shares
    )
    assert torch.equal(one, other)


def test_rows_come_before_chains():
    rows, chains = Share(0, 3, 6), Share(0, 4, 8)
    assert part_of((3, 4), [rows, chains]).share is rows
    assert part_of((4, 3), [rows, chains]).share is chains
    assert part_of((8, 2), [rows, chains]).share is chains
    assert part_of((5, 2), [rows, chains]) is None
