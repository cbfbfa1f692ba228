"""The masks of MADE against their definition."""

import numpy as np
import pytest
import torch

from skgen.nets.autoregressive.made import Made


def paths(net, order):
    """Number of ways (outputs, inputs) that the masks leave, by products of the masks."""
    ones = {name: p.clone() for name, p in net.named_parameters()}
    for name, p in net.named_parameters():
        p.fill_(0.0 if name.endswith(("bias", "u")) else 1.0)
    net.activation = torch.nn.Identity()
    eye = torch.eye(len(net.input_column), dtype=torch.float64)
    found = net.outputs(eye, order).T
    for name, p in net.named_parameters():
        p.copy_(ones[name])
    return found


@pytest.mark.parametrize("hidden", [(6,), (40,), (13, 9)])
@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [3, 0, 4, 2, 1]])
def test_masks_leave_ways_from_earlier_columns_alone(hidden, order, make_chain):
    net = make_chain(Made, real=1, grid=1, bits=2, sizes=(3,), hidden=hidden)
    order = torch.tensor(order)
    place = order.argsort()
    earlier = place[net.input_column] < place[net.output_column].unsqueeze(1)
    found = paths(net, order)
    assert (found[~earlier] == 0).all()
    # With as many hidden units as columns or more there is a way from each earlier one.
    assert (found[earlier] > 0).all()


def test_one_column_alone_equals_all_at_once(make_chain, rows_of):
    net = make_chain(Made, real=2, grid=1, bits=2, sizes=(3, 4))
    inputs, order = net.inputs(rows_of(net, 4)), torch.randperm(7)
    together = net.outputs(inputs, order)
    for column in range(7):
        chosen = net.outputs_of(*net.kind_of(column))
        alone = net.outputs(inputs, order, chosen)
        np.testing.assert_allclose(alone, together[:, chosen], rtol=1e-12)


def test_one_column_has_no_inputs(make_chain):
    net = make_chain(Made, real=0, grid=0, bits=1, sizes=(), hidden=(3,))
    both = net(torch.tensor([[0.0], [1.0]]).double(), torch.tensor([0]))
    assert both.exp().sum() == pytest.approx(1)
