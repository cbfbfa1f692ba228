"""The recursion of NADE against the naive sum."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from skgen.nets.autoregressive.nade import Nade


@pytest.mark.parametrize("hidden", [(7,), (7, 5, 6)])
def test_the_recursion_equals_the_naive_sum(hidden, make_chain, rows_of):
    net = make_chain(Nade, real=2, grid=1, bits=3, sizes=(3, 2), hidden=hidden)
    x, order = rows_of(net, 6), torch.tensor([4, 0, 7, 2, 6, 1, 5, 3])
    inputs, place = net.inputs(x), order.argsort()
    outputs = torch.empty(6, len(net.output_column), dtype=torch.float64)
    for column in range(8):
        # The sum over all earlier columns, afresh for each of them.
        earlier = (place < place[column]).double()
        state = net.state + earlier @ net.u + (inputs * earlier[net.input_column]) @ net.W
        own = net.output_column == column
        outputs[:, own] = net.head(net.body(state))[:, own]
    expected = net.log_conditionals(x, inputs, outputs, order)
    np.testing.assert_allclose(net(x, order), expected, rtol=1e-12)


def test_it_is_the_published_model_of_bits(make_chain, rows_of):
    """Larochelle & Murray (2011), eq. 2, with v in {0, 1}."""
    net = make_chain(Nade, real=0, grid=0, bits=5, sizes=(), hidden=(7,))
    net.body = torch.nn.Sequential(torch.nn.Sigmoid())
    v = rows_of(net, 4)
    # Bits enter as 2 v - 1, and being given has a weight of its own.
    W, steps = 2 * net.W, net.u - net.W
    total = 0.0
    for i in range(5):
        h = torch.sigmoid(net.state + steps[:i].sum(0) + v[:, :i] @ W[:i])
        p = torch.sigmoid(h @ net.head.weight[i] + net.head.bias[i])
        total = total + torch.log(torch.where(v[:, i] == 1, p, 1 - p))
    np.testing.assert_allclose(net(v, torch.arange(5)).sum(1), total, rtol=1e-12)


def test_the_cost_grows_with_columns_times_hidden_units(make_chain, rows_of):
    """Multiplications of one row's pass: each weight of an input and of an output counts once."""

    def cost(d):
        net = make_chain(Nade, real=0, grid=0, bits=d, sizes=(), hidden=(50,)).float()
        x = rows_of(net, 1).float()
        with FlopCounterMode(display=False) as counter:
            net(x, torch.arange(d))
        return counter.get_total_flops()

    assert cost(40) == pytest.approx(4 * cost(10), rel=0.01)
    assert cost(40) <= 2 * 2 * 40 * 50


def test_hidden_features_do_not_depend_on_the_order(make_chain, rows_of):
    net = make_chain(Nade)
    x = rows_of(net, 3)
    first, second = (net.hidden(x, order) for order in (torch.arange(4), torch.arange(4).flip(0)))
    assert torch.equal(first, second)
    assert first.std() > 0
