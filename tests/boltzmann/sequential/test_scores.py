"""Conditional log-probabilities, log Z and features, against sums over all states."""

import copy

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, logsumexp, softmax

from skgen import BernoulliRBM, ConditionalRBM
from skgen.boltzmann.sequential import scores
from skgen.kernels.sequences.steps import starts_of
from tests.boltzmann.sequential.sequence_machines import (
    ESTIMATORS,
    GROUPS,
    STATES,
    X,
    joint_by_hand,
    model_of,
    randomize,
)
from tests.instances import label

each = pytest.mark.parametrize("estimator", ESTIMATORS, ids=label)


def pasts():
    """Rows before each row in its sequence."""
    first = np.maximum.accumulate(np.where(starts_of(len(X), GROUPS), np.arange(len(X)), 0))
    return [X[start:t] for t, start in enumerate(first)]


@each
def test_scores_are_those_of_enumeration(estimator):
    model = model_of(estimator)
    scores = model.score_sequence(X, GROUPS)
    log_z, error = model.log_partitions(X, GROUPS)
    features = model.transform_sequence(X, GROUPS)
    assert model.likelihood_kind_ == "exact"
    assert (error == 0).all()
    for t, past in enumerate(pasts()):
        joint, hidden = joint_by_hand(model, past)
        here = (X[t] == STATES).all(axis=1)
        np.testing.assert_allclose(log_z[t], logsumexp(joint), atol=1e-10)
        np.testing.assert_allclose(scores[t], logsumexp(joint[here]) - logsumexp(joint), atol=1e-10)
        np.testing.assert_allclose(features[t], softmax(joint[here][0]) @ hidden, atol=1e-10)
    np.testing.assert_allclose(model.score(X, groups=GROUPS), scores.mean())


@each
def test_rows_given_the_past_have_the_probability_one(estimator):
    model = model_of(estimator)
    scores = [model.score_sequence(np.vstack([X[:6], row]))[-1] for row in STATES]
    np.testing.assert_allclose(logsumexp(scores), 0, atol=1e-10)


@each
def test_the_pseudo_likelihood_is_that_of_each_feature_given_the_others(estimator):
    model = model_of(estimator)
    states = torch.from_numpy(model._states(X, GROUPS))
    net = copy.deepcopy(model._net).double()
    found = net.machines(states).pseudo_loss(torch.from_numpy(X))
    for t in (0, 7, 30):
        past = X[25:t] if t >= 25 else X[:t]
        log_p = log_softmax(np.logaddexp.reduce(joint_by_hand(model, past)[0], axis=1))
        own = (X[t] == STATES).all(axis=1)
        expected = 0.0
        for j in range(3):
            others = np.delete(X[t] == STATES, j, axis=1).all(axis=1)
            expected -= log_p[own][0] - np.logaddexp.reduce(log_p[others])
        np.testing.assert_allclose(float(found[t]), expected, rtol=1e-6)


@each
def test_a_later_row_changes_no_earlier_score(estimator):
    model = model_of(estimator)
    before = model.score_sequence(X)
    features = model.transform_sequence(X)
    changed = X.copy()
    changed[20] = 1 - changed[20]
    after = model.score_sequence(changed)
    np.testing.assert_array_equal(after[:20], before[:20])
    np.testing.assert_array_equal(model.transform_sequence(changed)[:20], features[:20])
    assert after[20] != before[20]
    # And of what comes after what depends on it.
    assert np.array_equal(after[21], before[21]) == (estimator.get_params().get("lag") == 0)


@each
def test_groups_keep_sequences_apart(estimator):
    model = model_of(estimator)
    scores = model.score_sequence(X, GROUPS)
    apart = [model.score_sequence(X[g == GROUPS]) for g in (0, 1)]
    np.testing.assert_allclose(scores, np.concatenate(apart), atol=1e-12)
    other = np.where(GROUPS[:, None] == 0, 1 - X, X)
    np.testing.assert_array_equal(model.score_sequence(other, GROUPS)[25:], scores[25:])
    if estimator.get_params().get("lag") != 0:
        assert not np.allclose(model.score_sequence(X)[25:], scores[25:])


@each
def test_annealing_finds_log_z_within_three_standard_errors(estimator):
    model = model_of(estimator, scale=1.5)
    exact, _ = model.log_partitions(X, GROUPS, "exact")
    estimate, error = model.log_partitions(X, GROUPS, "ais", 400, 100)
    assert (error > 0).all()
    assert error.max() < 0.2
    # Forty rows that share their draws: all of them within four, and most within two.
    assert (np.abs(estimate - exact) < 4 * error).all()
    assert (np.abs(estimate - exact) < 2 * error).mean() > 0.7
    again, _ = model.log_partitions(X[:7], None, "ais", 400, 100)
    np.testing.assert_allclose(again, estimate[:7], atol=1e-5)


@each
def test_scores_take_the_annealed_log_z_where_units_are_many(estimator, monkeypatch):
    model = model_of(estimator)
    exact = model.score_sequence(X, GROUPS)
    monkeypatch.setattr(scores, "MOST_ENUMERATED", 1)
    assert model.likelihood_kind_ == "ais"
    _, error = model.log_partitions(X, GROUPS)
    assert (error > 0).all()
    assert (np.abs(model.score_sequence(X, GROUPS) - exact) < 4 * error).all()
    with pytest.raises(ValueError, match=r'method="exact" would enumerate 2\^'):
        model.log_partitions(X, GROUPS, "exact")


def test_without_lag_it_is_a_plain_machine():
    model = model_of(ESTIMATORS[1])
    twin = BernoulliRBM(2, max_iter=1, random_state=0).fit(X)
    net, own = twin.module_.averaged_net, model.module_.net
    for name in ("weight", "visible_bias", "hidden_bias"):
        getattr(net, name).copy_(getattr(own, name))
    twin._finish(X)
    np.testing.assert_allclose(model.score_sequence(X), twin.score_samples(X), atol=1e-10)
    log_z, _ = model.log_partitions(X)
    energies = -model.score_sequence(X) - log_z
    np.testing.assert_allclose(energies, twin.free_energy(X), atol=1e-10)


def test_wrong_methods_and_groups_are_refused():
    model = ConditionalRBM(2, max_iter=1, random_state=0).fit(X)
    with pytest.raises(ValueError, match="method=\"sum\" is unknown|method='sum' is unknown"):
        model.log_partitions(X, method="sum")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.score_sequence(X, groups=[0, 1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        ConditionalRBM(2).fit(X, groups=[0, 1])


def test_annealing_is_right_of_machines_as_large_as_those_it_is_for():
    """Thirty columns and 12 hidden units, strongly coupled: 4096 terms a row are the truth."""
    rng = np.random.default_rng(3)
    rows = (rng.random((25, 30)) < 0.2).astype(float)
    model = ConditionalRBM(12, lag=2, max_iter=1, random_state=0).fit(rows)
    randomize(model.module_.net, 0.5)
    exact, _ = model.log_partitions(rows, method="exact")
    estimate, error = model.log_partitions(rows, method="ais", n_chains=100, n_steps=200)
    assert error.mean() < 0.1
    assert (np.abs(estimate - exact) < 4 * error).all()
    assert np.std(exact) > 1
