"""Modules draw from the generators of a fit what torch's own would have given them."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from skgen.training.rng import OwnDropout, own_draws, own_draws_of, seeded

# Each draws, or makes numbers of torch's default dtype.
DRAWS = {
    "linear": lambda: nn.Linear(3, 4).weight,
    "convolution": lambda: nn.Conv2d(2, 3, 2).bias,
    "orthogonal": lambda: nn.init.orthogonal_(torch.empty(3, 3)),
    "truncated": lambda: nn.init.trunc_normal_(torch.zeros(5)),
    "kaiming": lambda: nn.init.kaiming_normal_(torch.ones(3, 2)),
    "rand": lambda: torch.rand(2, 3),
    "randn": lambda: torch.randn(4),
    "rand_like": lambda: torch.rand_like(torch.ones(3)),
    "normal": lambda: torch.normal(0.0, 1.0, (3,)),
    "bernoulli": lambda: torch.bernoulli(torch.full((9,), 0.5)),
    "permutation": lambda: torch.randperm(9),
    "dropout": lambda: F.dropout(torch.eye(4), 0.4),
    "dropout_in_place": lambda: nn.Dropout(0.4, inplace=True)(torch.linspace(1, 2, 9)),
    "all_dropped": lambda: F.dropout(torch.ones(3), 1.0),
    "channels": lambda: nn.Dropout2d(0.5)(torch.ones(2, 4, 2, 2)),
    "alpha_dropout": lambda: F.alpha_dropout(torch.ones(9), 0.4, training=True),
    "rrelu": lambda: nn.RReLU()(torch.linspace(-1, 1, 9)),
    "gumbel": lambda: F.gumbel_softmax(torch.ones(2, 3)),
    "lstm": lambda: nn.LSTM(2, 3, num_layers=2, dropout=0.5)(torch.ones(4, 2))[0],
    "attention": lambda: nn.MultiheadAttention(4, 2, dropout=0.5)(*3 * [torch.ones(2, 1, 4)])[0],
    "two": lambda: torch.cat([F.dropout(torch.rand(4)), F.rrelu(-torch.rand(4), training=True)]),
}
every_draw = pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)


def by_torch(draw, seed):
    """What torch's own generator gives, put back afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return draw()


@every_draw
def test_draws_are_those_of_torch_whose_generator_stays(draw):
    expected, before = by_torch(draw, 7), torch.get_rng_state()
    with seeded(torch.Generator().manual_seed(7)), own_draws():
        got = draw()
    assert torch.equal(got, expected)
    assert torch.equal(torch.get_rng_state(), before)


@every_draw
def test_draws_do_not_depend_on_the_default_dtype(draw):
    expected = by_torch(draw, 7)
    torch.set_default_dtype(torch.float64)
    try:
        with seeded(torch.Generator().manual_seed(7)), own_draws():
            got = draw()
    finally:
        torch.set_default_dtype(torch.float32)
    assert got.dtype == expected.dtype
    assert torch.equal(got, expected)


def test_a_dtype_that_is_asked_for_is_given():
    with seeded(torch.Generator().manual_seed(7)), own_draws():
        assert torch.zeros(2, dtype=torch.float64).dtype == torch.float64
        assert torch.full((2,), 1).dtype == torch.int64
        assert torch.full((2,), True).dtype == torch.bool


def test_a_generator_that_is_given_is_used():
    expected = torch.rand(3, generator=torch.Generator().manual_seed(1))
    with seeded(torch.Generator().manual_seed(7)), own_draws():
        assert torch.equal(torch.rand(3, generator=torch.Generator().manual_seed(1)), expected)


def test_seeds_nest():
    with seeded(torch.Generator().manual_seed(1)):
        with own_draws():
            first = torch.rand(2)
        with seeded(torch.Generator().manual_seed(9)), own_draws():
            torch.rand(5)
        with own_draws():
            second = torch.rand(2)
    expected = by_torch(lambda: torch.rand(4), 1)
    assert torch.equal(torch.cat([first, second]), expected)


class Mine(nn.Module):
    def forward(self, x):
        return x + torch.rand_like(x)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("layer", [Mine(), nn.Dropout(0.5), nn.RReLU(), nn.Dropout(0.0)])
def test_layers_that_may_draw_do_so_from_the_generators_of_the_fit(layer, compiled):
    module, before = nn.Sequential(nn.Linear(4, 4), layer), torch.get_rng_state()
    expected = by_torch(lambda: module(torch.ones(1, 4)), 3)
    with seeded(torch.Generator().manual_seed(3)), own_draws_of(module, compiled=compiled):
        got = module(torch.ones(1, 4))
    assert torch.equal(got, expected)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_own_dropout_is_that_of_torch(p):
    x, before = torch.linspace(1, 2, 40), torch.get_rng_state()
    expected = by_torch(lambda: nn.Dropout(p)(x), 3)
    layer = OwnDropout(p)
    with seeded(torch.Generator().manual_seed(3)):
        assert torch.equal(layer(x), expected)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(by_torch(lambda: layer(x), 3), expected)
    assert torch.equal(layer.eval()(x), x)
