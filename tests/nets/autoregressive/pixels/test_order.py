"""Networks of pixels: what each value depends on, and that pixel by pixel gives the same."""

import numpy as np
import pytest
import torch

from skgen.nets.autoregressive.pixels.drawing import complete
from skgen.nets.autoregressive.pixels.gated import GatedNet
from skgen.nets.autoregressive.pixels.recurrent import RecurrentNet
from skgen.nets.autoregressive.pixels.values import Bits, Levels, Logistics
from skgen.nets.conditions import ConditionColumns

N_ROWS = 10
NETS = {
    "gated": (GatedNet, {}),
    "row": (RecurrentNet, {"recurrence": "row"}),
    "diagonal": (RecurrentNet, {"recurrence": "diagonal"}),
}
VALUES = {
    "bits": Bits(),
    "levels": Levels(4),
    "density": Logistics(3, 0.0, -np.inf, np.inf, -200.0, 200.0),
    "cells": Logistics(2, 0.25, -2.0, 3.0, -52.0, 53.0),
}
every_net = pytest.mark.parametrize("kind", NETS)
channels = pytest.mark.parametrize("order", [(0,), (0, 1, 2), (2, 0, 1), (1, 0)], ids=str)


def raster_order(shape):
    """Place (channels, H, W) of each value in the order of the factors."""
    n_channels, height, width = shape
    place = torch.arange(n_channels * height * width)
    return place.view(height, width, n_channels).permute(2, 0, 1)


def make(kind, values="bits", order=(0,), sides=(4, 3), kernels=(3, 3), n_layers=3, columns=None):
    """A network with random weights, in float64."""
    torch.manual_seed(0)
    net_class, how = NETS[kind]
    shape, values = (len(order), *sides), VALUES[values]
    net = net_class(
        shape,
        6 * len(order),
        values,
        torch.zeros(len(order), values.n_outputs, *sides),
        order,
        columns,
        n_layers=n_layers,
        kernel_size=kernels[0],
        first_kernel_size=kernels[1],
        dropout=torch.nn.Identity,
        **how,
    )
    net = net.double().eval().requires_grad_(False)
    for parameter in net.parameters():
        parameter.add_(0.3 * torch.randn_like(parameter))
    return net


def dependence(net):
    """Which values (rows) depend on which (columns), both in the order of the factors."""
    place = raster_order(net.image_shape).flatten()
    # Where activations are off there is no derivative, but of few rows at once.
    x = torch.randn(N_ROWS, *net.image_shape, dtype=torch.float64)
    x = x.unsqueeze(0).repeat(len(place), 1, 1, 1, 1).requires_grad_()
    out = (
        net.outputs(x.flatten(0, 1), None).square().sum(2).flatten(1).unflatten(0, (len(place), -1))
    )
    # Each copy of the rows has the gradient of one output.
    out[torch.arange(len(place)), :, torch.arange(len(place))].sum().backward()
    J = x.grad.abs().sum(1).flatten(1)
    return J[place.argsort()][:, place.argsort()] > 0


@every_net
@channels
@pytest.mark.parametrize("kernels", [(1, 1), (3, 3), (3, 5), (5, 7)], ids=str)
def test_a_value_depends_on_those_before_it_alone(kind, order, kernels):
    assert not dependence(make(kind, order=order, kernels=kernels)).triu().any()


@pytest.mark.parametrize(("kind", "n_layers"), [("gated", 5), ("diagonal", 1)])
@pytest.mark.parametrize("order", [(0,), (1, 0)], ids=str)
def test_no_value_before_it_is_out_of_sight(kind, n_layers, order):
    found = dependence(make(kind, order=order, sides=(4, 4), n_layers=n_layers))
    earlier = torch.ones_like(found).tril(-1)
    assert (found == earlier).all()


def test_states_of_rows_see_a_triangle():
    place = raster_order((1, 5, 7))[0]
    seen = dependence(make("row", sides=(5, 7), n_layers=1))[place[4, 3]][place]
    assert seen[3, 1:5].all()
    assert seen[2, 1:6].all()
    assert not seen[3, 5:].any()
    assert not seen[2, 6]


def test_channels_follow_the_order_that_is_asked_for():
    net = make("gated", order=(2, 0, 1))
    x = torch.randn(2, 36, dtype=torch.float64)
    np.testing.assert_array_equal(net.rows(net.parts(x)[0]), x)
    # The first channel in order is the third of the rows.
    np.testing.assert_array_equal(net.parts(x)[0][:, 0].flatten(1), x[:, 24:])


@every_net
@channels
@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("width", [0, 4])
def test_pixel_by_pixel_equals_full_passes(kind, order, values, width):
    columns = ConditionColumns(12 * len(order), [width]) if width else None
    net = make(kind, values, order, columns=columns)
    torch.manual_seed(1)
    code = torch.randn(3, width, dtype=torch.float64) if width else None
    x = torch.randint(0, 2, (3, *net.image_shape)).double()
    missing = torch.rand(x.shape) < 0.6
    missing[:, :, 0] = False
    drawn = complete(net, x, code, missing, torch.Generator().manual_seed(2))
    generator = torch.Generator().manual_seed(2)
    naive = torch.where(missing, 0.0, x)
    for place in raster_order(net.image_shape).flatten().argsort().tolist():
        channel, row, column = np.unravel_index(place, net.image_shape)
        asked = missing[:, channel, row, column]
        if asked.any():
            out = net.outputs(naive, code)[:, channel : channel + 1, :, row, column]
            value = net.values.draw(out, generator).squeeze(1)
            own = naive[:, channel, row, column]
            naive[:, channel, row, column] = torch.where(asked, value, own)
    np.testing.assert_allclose(drawn, naive, atol=1e-10)
    np.testing.assert_array_equal(drawn[~missing], x[~missing])


def test_draws_in_one_place_follow_their_distribution():
    for values in VALUES.values():
        torch.manual_seed(3)
        out = torch.randn(1, 1, values.n_outputs).double()
        draws = values.draw(out.expand(40_000, -1, -1), torch.Generator().manual_seed(0))
        error = draws.std() / 200
        assert abs(draws.mean() - values.mean(out)) < 4 * error
        # Draws score the entropy: the mean of minus log p over the law equals that over draws.
        log_p = values.log_probability(
            draws.unsqueeze(-1), out.expand(40_000, -1, -1).unsqueeze(-1)
        )
        if values is VALUES["density"]:
            grid = torch.linspace(-150, 150, 300_001).double()
            weight = 300 / 300_000
        else:
            grid = {"Bits": (0, 1), "Levels": range(4), "Logistics": np.arange(-2, 3.5, 0.5)}
            grid, weight = torch.tensor(list(grid[type(values).__name__])).double(), 1.0
        at_grid = values.log_probability(
            grid.view(-1, 1, 1), out.expand(len(grid), -1, -1).unsqueeze(-1)
        ).flatten()
        p = at_grid.exp() * weight
        assert p.sum() == pytest.approx(1, abs=1e-5)
        assert log_p.mean() == pytest.approx(
            float((p * at_grid).sum()), abs=4 * float(log_p.std()) / 200
        )
