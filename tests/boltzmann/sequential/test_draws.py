"""Draws that go on in time, and gaps filled, against sums over all states."""

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.base import clone

from skgen.nets.boltzmann.rbm import gibbs
from skgen.nets.boltzmann.steps import StepRBMs
from tests.boltzmann.sequential.sequence_machines import (
    ESTIMATORS,
    GROUPS,
    STATES,
    X,
    joint_by_hand,
    model_of,
)
from tests.instances import label

each = pytest.mark.parametrize("estimator", ESTIMATORS, ids=label)
NAN = np.nan


def next_row(model, past):
    """Probability of each state of the row that follows."""
    joint, _ = joint_by_hand(model, past)
    return softmax(np.logaddexp.reduce(joint, axis=1))


def assert_counts(rows, expected):
    """States of rows occur as often as expected (8,), within five standard errors."""
    counts = (rows[:, None] == STATES).all(axis=2).mean(axis=0)
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected / len(rows)) + 1e-3).all()


@each
def test_the_next_row_is_drawn_from_its_distribution(estimator):
    model = model_of(estimator)
    gap = np.vstack([X[:5], [NAN, NAN, NAN]])
    draws = model.sample_conditional(gap, 4000, random_state=0)
    assert_counts(draws[:, 5], next_row(model, X[:5]))
    rng = np.random.RandomState(0)
    rows = [model.set_params(n_burn_in=20).sample(1, rng, start=X[:5]) for _ in range(600)]
    assert_counts(np.vstack(rows), next_row(model, X[:5]))


@each
def test_what_a_long_draw_scores_is_minus_its_entropy(estimator):
    """So it is of rows that are drawn from the distributions that score them, each in its time."""
    model = model_of(estimator).set_params(n_burn_in=20)
    rows = model.sample(400, random_state=0)
    p = [next_row(model, rows[:t][-40:]) for t in range(len(rows))]
    gain = model.score_sequence(rows) + [-np.sum(one * np.log(one)) for one in p]
    assert abs(gain.mean()) < 4 * gain.std() / np.sqrt(len(gain))


def test_a_long_draw_goes_from_row_to_row_as_often_as_the_model_says():
    model = model_of(clone(ESTIMATORS[0]).set_params(lag=1)).set_params(n_burn_in=20)
    rows = model.sample(2500, random_state=0)
    number = (rows[:, None] == STATES).all(axis=2).argmax(axis=1)
    common = np.bincount(number).argsort()[-3:]
    for before in common:
        assert_counts(rows[1:][number[:-1] == before], next_row(model, STATES[[before]]))


@each
def test_the_chain_of_a_row_is_in_detailed_balance(estimator):
    """From rows of the exact distribution a sweep goes from a to b as often as from b to a."""
    model = model_of(estimator)
    p = next_row(model, X[:5])
    net, state = model._net, torch.from_numpy(model._states(X[:6], None)[-1:]).float()
    one = net.machines(state)
    n = 200_000
    number = np.random.default_rng(0).choice(8, n, p=p)
    many = StepRBMs(
        one.weight, *(b.expand(n, -1) for b in (one.visible_bias, one.hidden_bias)), one.gates
    )
    v = torch.from_numpy(STATES[number]).float()
    moved = gibbs(many, v, 1, torch.Generator().manual_seed(0)).numpy()
    to = (moved[:, None] == STATES).all(axis=2).argmax(axis=1)
    flow = np.zeros((8, 8))
    np.add.at(flow, (number, to), 1)
    assert (np.abs(flow - flow.T) < 5 * np.sqrt(flow + flow.T) + 1e-9).all()
    assert (flow > 0).all()


@each
def test_gaps_have_their_mean_given_the_row_and_the_rows_before(estimator):
    model = model_of(estimator)
    rows = X[:8].copy()
    rows[5, 1] = NAN
    filled = model.impute(rows)
    np.testing.assert_array_equal(filled[~np.isnan(rows)], rows[~np.isnan(rows)])
    p = next_row(model, X[:5])
    fits = (STATES[:, [0, 2]] == X[5, [0, 2]]).all(axis=1)
    expected = (p * fits * STATES[:, 1]).sum() / (p * fits).sum()
    # The mean of 100 means given hidden states.
    assert abs(filled[5, 1] - expected) < 0.15
    draws = model.sample_conditional(rows, 4000, random_state=0)[:, 5, 1]
    assert abs(draws.mean() - expected) < 5 * np.sqrt(expected * (1 - expected) / 4000)


@each
def test_a_missing_row_leaves_what_follows_to_its_draws(estimator):
    """The second of two missing rows follows the drawn first one."""
    model = model_of(estimator)
    rows = np.vstack([X[:4], np.full((2, 3), NAN)])
    draws = model.sample_conditional(rows, 6000, random_state=1)
    expected = np.zeros(8)
    for state, weight in zip(STATES, next_row(model, X[:4])):
        expected += weight * next_row(model, np.vstack([X[:4], state]))
    assert_counts(draws[:, 5], expected)


@each
def test_a_gap_sees_its_own_sequence_alone(estimator):
    model = model_of(estimator)
    rows = X.copy()
    rows[30] = NAN
    other = rows.copy()
    other[:25] = 1 - other[:25]
    filled = model.impute(rows, groups=GROUPS)
    np.testing.assert_array_equal(model.impute(other, groups=GROUPS)[25:], filled[25:])
    later = rows.copy()
    later[31:] = 1 - later[31:]
    np.testing.assert_array_equal(model.impute(later, groups=GROUPS)[30], filled[30])


def test_types_and_sizes():
    model = model_of(ESTIMATORS[0])
    assert model.sample(4, start=X[:3]).shape == (4, 3)
    assert model.transform_sequence(X.astype(np.float32)).dtype == np.float32
    with pytest.raises(ValueError, match="3 features"):
        model.sample(2, start=X[:, :2])
