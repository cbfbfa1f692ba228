"""Stacks of convolutional machines: the draws of each conditional, and the estimator."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from skgen import ConvolutionalDBN, ConvolutionalRBM, FineTunedClassifier
from skgen.nets.boltzmann.convolutional.blocks import draw_within
from skgen.nets.boltzmann.convolutional.dbn import ConvolutionalDBN as Stack
from tests.boltzmann.convolutional.machines import (
    hidden_states,
    images,
    joint_table,
    random_machine,
)

X = load_digits().data.astype("float32") / 16
QUICK = {"max_iter": 2, "n_burn_in": 5, "n_thinning": 5, "random_state": 0}
N_DRAWS = 40_000


def pooled_of(net, h):
    """Whether a unit of each block is on, (n, blocks), by looking at each block."""
    size, maps = net.pool_size, h.view(-1, *net.hidden_shape)
    rows, columns = net.map_shape
    on = [
        maps[:, k, row : row + size, column : column + size].sum((1, 2))
        for k in range(len(net.hidden_bias))
        for row in range(0, rows, size)
        for column in range(0, columns, size)
    ]
    return torch.stack(on, 1)


def visible_given_pooled(net):
    """Every image of a binary machine, and its probability given each state of pooled units."""
    log_joint, pooled = joint_table(net), pooled_of(net, hidden_states(net))
    states, number = pooled.unique(dim=0, return_inverse=True)
    parts = [torch.logsumexp(log_joint[:, number == n], 1) for n in range(len(states))]
    return images(len(net.visible_bias)), states, [torch.softmax(part, 0) for part in parts]


def test_a_block_that_is_on_draws_one_unit_by_its_odds():
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(1, 3, 5, generator=generator, dtype=torch.float64)
    pooled = torch.tensor([[[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]], dtype=torch.float64)
    drawn = draw_within(inputs.expand(N_DRAWS, 3, 5), pooled.expand(N_DRAWS, 2, 3), 2, generator)
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    expected = torch.zeros(3, 5, dtype=torch.float64)
    for row, column in pooled[0].nonzero().tolist():
        block = slice(2 * row, 2 * row + 2), slice(2 * column, 2 * column + 2)
        part = inputs[0][block]
        expected[block] = torch.softmax(part.flatten(), 0).view_as(part)
        assert torch.all(drawn[:, *block].sum((1, 2)) == 1)
    error = torch.sqrt(expected * (1 - expected) / N_DRAWS)
    assert torch.all((drawn.mean(0) - expected).abs() <= 5 * error)


def test_draws_downwards_have_the_distribution_of_the_stack():
    lowest = random_machine((3, 3), 2, (2, 2), 2, seed=1)
    top = random_machine(lowest.pooled_shape, 2, (1, 1), 1, seed=2)
    V, states, given = visible_given_pooled(lowest)
    p_top = torch.softmax(-top.free_energy(states), 0)
    exact = sum(weight * p for weight, p in zip(p_top, given))
    generator = torch.Generator().manual_seed(0)
    numbers = torch.multinomial(p_top, N_DRAWS, replacement=True, generator=generator)
    stack, u = Stack([lowest, top]), states[numbers]
    drawn, means = stack.draw_data(u, generator), stack.draw_means(u, generator)
    frequencies = (drawn @ (2.0 ** torch.arange(9).double())).long().bincount(minlength=2**9)
    error = torch.sqrt(exact * (1 - exact) / N_DRAWS)
    assert torch.all((frequencies / N_DRAWS - exact).abs() <= 5 * error + 1e-4)
    assert (drawn.std(0) > means.std(0)).all()
    expected = exact @ V
    error = torch.sqrt(expected * (1 - expected) / N_DRAWS)
    for rows in (drawn, means):
        assert torch.all((rows.mean(0) - expected).abs() <= 5 * error)


def test_the_lowest_layer_is_the_machine_alone():
    stack = ConvolutionalDBN([5, (4, 2)], **QUICK).fit(X)
    alone = ConvolutionalRBM(5, **QUICK).fit(X)
    np.testing.assert_array_equal(stack.filters_[0], alone.filters_)
    np.testing.assert_array_equal(stack.intercepts_hidden_[0], alone.intercept_hidden_)
    lowest, second = (stack.set_params(layer=n).transform(X) for n in (0, 1))
    np.testing.assert_allclose(lowest, alone.transform(X), atol=1e-6)
    np.testing.assert_array_equal(
        stack.set_params(layer="all").transform(X), np.hstack([lowest, second])
    )
    rebuilt = stack.set_params(layer=0).inverse_transform(lowest)
    np.testing.assert_allclose(rebuilt, alone.inverse_transform(lowest), atol=1e-5)


def test_the_second_layer_learns_what_the_first_finds():
    model = ConvolutionalDBN([12, (8, 2, 1)], max_iter=15, random_state=0).fit(X)
    assert model.visible_ == "gaussian"
    assert model.pooled_shapes_ == [(12, 3, 3), (8, 2, 2)]
    net = model.module_.layers[1].averaged_net
    u = torch.from_numpy(model.set_params(layer=0).transform(X))
    generator = torch.Generator().manual_seed(0)
    bits = (torch.rand(u.shape, generator=generator) < u).float()
    independent = (bits.mean(0) * bits).sum(1) + ((1 - bits.mean(0)) * (1 - bits)).sum(1)
    h = net.hidden_mean(net.hidden_input(bits))
    p = net.visible_mean(h)
    rebuilt = (p * bits).sum(1) + ((1 - p) * (1 - bits)).sum(1)
    assert rebuilt.mean() > independent.mean() + 1


def test_draws_are_on_the_scale_of_the_data():
    scale, shift = 50.0, 7.0
    model = ConvolutionalDBN([6, (4, 2)], max_iter=20, random_state=0).fit(scale * X + shift)
    mean = model.sample(400, random_state=0).mean(axis=0)
    expected = scale * X.mean(axis=0) + shift
    assert np.abs(mean - expected).mean() < 0.1 * scale


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([8], r"layers=\[8\] has 1 layers, .* at least 2; use ConvolutionalRBM"),
        ([8, 0], "holds 0; give a number of filters"),
        ([8, ("auto", 2)], "holds .'auto', 2.; give a number of filters"),
        ([8, (4, 2, 2, 2)], "holds .4, 2, 2, 2.; give"),
        ([8, (4, 9)], r"layers\[1\]: filter_size=9 is more than an image of 3 x 3 pixels"),
    ],
)
def test_layers_that_cannot_be_are_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionalDBN(layers, **QUICK).fit(X[:50])


def test_it_goes_on_and_refuses_other_layers():
    model = ConvolutionalDBN([3, (2, 2)], warm_start=True, **QUICK).fit(X)
    before = [filters.copy() for filters in model.filters_]
    model.set_params(layers=(3, (2, 2))).partial_fit(X)
    assert all(np.abs(now - old).max() > 0 for now, old in zip(model.filters_, before))
    with pytest.raises(ValueError, match="built with layers="):
        model.set_params(layers=[3, (2, 1)]).fit(X[:200])


def test_its_filters_start_a_classifier():
    y = load_digits().target
    stack = ConvolutionalDBN([12, (16, 2)], max_iter=10, random_state=0)
    model = FineTunedClassifier(stack, max_iter=60, random_state=0)
    assert model.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.7
