"""Conditions behind rows: split off, unknown where there are none, and hidden at random."""

import numpy as np
import pytest
import torch

from skgen.nets.conditions import HIDDEN, ConditionColumns, of_hidden_conditions

D, WIDTHS = 3, [3, 2]
N = 20_000


def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def columns():
    return ConditionColumns(D, WIDTHS)


@pytest.fixture
def code():
    """A class that is known and a number, in every row."""
    return torch.tensor([0.0, 1.0, 0.0, 0.7, 0.0]).expand(N, -1)


def test_rows_without_conditions_have_unknown_ones(columns):
    x, code = columns.split(torch.ones(2, 4, D))
    assert x.shape == (2, 4, D)
    assert code[0, 0].tolist() == [0, 0, 1, 0, 1]
    x, code = columns.split(torch.arange(8.0)[None])
    assert code.tolist() == [[3, 4, 5, 6, 7]]


def test_rows_of_other_widths_are_refused(columns):
    with pytest.raises(RuntimeError, match="split"):
        columns.split(torch.ones(1, D + 1))


def test_some_conditions_are_hidden_as_a_whole_and_some_block_by_block(columns, code):
    hidden = columns.hide(code, generator())
    flags = hidden[:, [2, 4]].numpy().astype(bool)
    known = ~flags
    # A hidden block is 0 beside its flag, and a known one as it was.
    torch.testing.assert_close(hidden[:, 1], torch.tensor(known[:, 0]).float())
    torch.testing.assert_close(hidden[:, 3], 0.7 * torch.tensor(known[:, 1]).float())
    one = HIDDEN + (1 - HIDDEN) * HIDDEN
    both = HIDDEN + (1 - HIDDEN) * HIDDEN**2
    error = 5 / np.sqrt(N)
    assert flags[:, 0].mean() == pytest.approx(one, abs=error)
    assert flags.all(axis=1).mean() == pytest.approx(both, abs=error)


def test_a_single_block_is_hidden_in_a_tenth_of_the_rows(code):
    hidden = ConditionColumns(D, [3]).hide(code[:, :3], generator())
    assert hidden[:, 2].mean() == pytest.approx(HIDDEN, abs=5 / np.sqrt(N))


def test_what_is_unknown_stays_unknown(columns):
    unknown = columns.unknown.expand(100, -1)
    torch.testing.assert_close(columns.hide(unknown, generator()), unknown)


def test_a_bound_sees_the_features_as_they_are(columns, code):
    x = torch.rand(N, D, generator=generator())
    seen = of_hidden_conditions(columns, lambda rows, g: rows)(torch.cat([x, code], 1), generator())
    torch.testing.assert_close(seen[:, :D], x)
    torch.testing.assert_close(seen[:, D:], columns.hide(code, generator()))
    assert of_hidden_conditions(columns, None) is None
