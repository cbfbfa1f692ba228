"""What the estimators learn of processes whose entropy is known, and how fits are steered."""

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, cross_val_score

from skgen import RNNRBM, ConditionalRBM
from skgen.base.training_rows import hold_out
from skgen.boltzmann.sequential.rows import sequence_starts
from skgen.boltzmann.sequential.windows import Windows
from skgen.testing import fitted
from tests.instances import label

HOW = {"learning_rate": 0.05, "random_state": 0}
LEARNERS = [
    ConditionalRBM(3, lag=1, max_iter=30, **HOW),
    ConditionalRBM(3, lag=1, max_iter=30, negative_phase="cd", **HOW),
    RNNRBM(3, n_recurrent=8, batch_size=8, max_iter=40, **HOW),
]
N_SEQUENCES, LENGTH = 60, 16
GROUPS = np.repeat(np.arange(N_SEQUENCES), LENGTH)


def switches(seed=0):
    """Three bits, each of which turns over with probability 0.2, whatever the others do.

    A row costs the entropy of three such coins, and the first one 3 log 2.
    """
    rng = np.random.default_rng(seed)
    turns = rng.random((N_SEQUENCES, LENGTH, 3)) < 0.2
    turns[:, 0] = rng.random((N_SEQUENCES, 3)) < 0.5
    return (np.cumsum(turns, axis=1) % 2).reshape(-1, 3).astype(float)


COIN = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8))
ENTROPY = 3 * (np.log(2) + (LENGTH - 1) * COIN) / LENGTH


@pytest.mark.parametrize("model", LEARNERS, ids=label)
def test_switches_are_learned_up_to_their_entropy(model):
    model = clone(model).fit(switches(), groups=GROUPS)
    score = model.score(switches(1), groups=GROUPS)
    assert -ENTROPY - 0.15 < score < -ENTROPY + 0.1
    # What it draws are switches, too, and a lost row is most likely as the one before it.
    rows = model.set_params(n_burn_in=10).sample(300, random_state=0)
    np.testing.assert_allclose((rows[1:] != rows[:-1]).mean(0), 0.2, atol=0.12)
    gap = switches(1)[:8]
    gap[5] = np.nan
    np.testing.assert_allclose(model.impute(gap)[5], 0.2 + 0.6 * gap[4], atol=0.3)


def test_a_state_counts_what_a_lag_does_not_see():
    """A bit that blinks every sixth row: three rows back are no clock, a state is one."""
    X = (np.arange(720) % 6 == 0).astype(float)[:, None]
    groups = np.repeat(np.arange(30), 24)
    blind = ConditionalRBM(2, lag=3, max_iter=40, learning_rate=0.02, random_state=0)
    clock = RNNRBM(2, n_recurrent=16, batch_size=5, max_iter=80, learning_rate=0.02, random_state=0)
    assert clock.fit(X, groups=groups).score(X, groups=groups) > -0.1
    assert blind.fit(X, groups=groups).score(X, groups=groups) < -0.2


def turns(n_songs, seed, n_steps=12):
    """Six positions, and a bit that says in which direction a sequence goes round."""
    rng = np.random.default_rng(seed)
    forward, first = rng.integers(0, 2, n_songs), rng.integers(0, 6, n_songs)
    step = np.where(forward, 1, -1)
    place = (first[:, None] + step[:, None] * np.arange(n_steps)) % 6
    bit = np.repeat(forward[:, None, None], n_steps, axis=1)
    X = np.concatenate([np.eye(6)[place], bit], axis=2)
    return X.reshape(-1, 7), np.repeat(np.arange(n_songs), n_steps)


def test_gates_learn_what_moved_biases_cannot():
    """What the position adds depends on the direction; two hidden units are too few to say it."""
    (X, groups), (new, groups_new) = turns(60, 0), turns(40, 1)
    model = ConditionalRBM(2, lag=1, max_iter=100, learning_rate=0.02, random_state=0)
    scores = [
        clone(model).set_params(n_factors=f).fit(X, groups=groups).score(new, groups=groups_new)
        for f in (0, 6)
    ]
    # The first row of a sequence costs log 12, in twelve rows.
    assert scores[0] < -0.8
    assert -0.55 < scores[1] < -np.log(12) / 12


@pytest.mark.parametrize("model", [ConditionalRBM(), RNNRBM(window=16)], ids=label)
def test_few_rows_are_not_learned_by_heart(model):
    """Of tossed coins nothing can be learned, and little is by a fit that looks for its length."""
    rng = np.random.default_rng(0)
    X, new = (rng.random((2, 200, 12)) < 0.5).astype(float)
    short = clone(model).set_params(random_state=0).fit(X)
    whole = clone(short).set_params(max_iter=150).fit(X)
    assert short.n_iter_ < 100
    assert short.score(new) > -12 * np.log(2) - 0.7
    assert short.score(new) > whole.score(new) + 0.5


def test_early_stopping_holds_out_whole_sequences():
    X = switches()
    model = clone(LEARNERS[0]).set_params(early_stopping=True, max_iter=1)
    model._windows = Windows(X, sequence_starts(X, GROUPS), 1, 1)
    rng = np.random.RandomState(0)
    training, held_out = hold_out(len(X), 0.5, rng, model._sequence_of_rows)
    assert sorted([*training, *held_out]) == list(range(len(X)))
    shared = set(GROUPS[training]) & set(GROUPS[held_out])
    assert len(shared) <= 1
    # The one in both ends among the rows held out.
    for number in shared:
        assert max(training[GROUPS[training] == number]) < min(held_out[GROUPS[held_out] == number])
    training, held_out = hold_out(np.arange(3, 40), 0.2, rng, np.ones(len(X), dtype=int))
    assert held_out.tolist() == list(range(33, 40))


def test_groups_are_routed():
    X = switches()
    with config_context(enable_metadata_routing=True):
        model = ConditionalRBM(3, lag=1, max_iter=2, random_state=0)
        model = model.set_fit_request(groups=True).set_score_request(groups=True)
        scores = cross_val_score(model, X, cv=GroupKFold(3), params={"groups": GROUPS})
    train, test = next(GroupKFold(3).split(X, groups=GROUPS))
    expected = clone(model).fit(X[train], groups=GROUPS[train])
    np.testing.assert_allclose(scores[0], expected.score(X[test], groups=GROUPS[test]))


@pytest.mark.parametrize("model", LEARNERS[::2], ids=label)
def test_a_fit_knows_where_sequences_end(model):
    short = clone(model).set_params(max_iter=2)
    X = switches()
    together = short.fit(X).components_
    apart = clone(short).fit(X, groups=GROUPS).components_
    assert not np.allclose(apart, together)
    # Names of sequences do not count, only where they change.
    names = np.array([f"song {number}" for number in GROUPS])
    np.testing.assert_array_equal(clone(short).fit(X, groups=names).components_, apart)


@pytest.mark.parametrize("model", LEARNERS[::2], ids=label)
def test_streams_and_early_stopping(model):
    X = switches()
    stream = clone(model)
    for _ in range(12):
        stream.partial_fit(X, groups=GROUPS)
    assert stream.n_iter_ == 12
    first = clone(model).partial_fit(X, groups=GROUPS)
    assert stream.score(X, groups=GROUPS) > first.score(X, groups=GROUPS)
    stopped = clone(model).set_params(early_stopping=True, n_iter_no_change=2, max_iter=40)
    stopped.fit(X, groups=GROUPS)
    assert len(stopped.validation_scores_) == stopped.n_iter_
    assert max(stopped.validation_scores_) > stopped.validation_scores_[0]


def test_no_training_row_is_kept():
    model = fitted(LEARNERS[0], switches())
    assert "_windows" not in vars(model)


def test_frames_come_back_as_frames():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(switches().astype(int), columns=list("abc"))
    model = clone(LEARNERS[0]).set_params(max_iter=1).fit(frame)
    gap = frame[:5].astype(float)
    gap.iloc[2, 1] = np.nan
    with config_context(transform_output="pandas"):
        drawn = model.sample(3, start=frame[:4])
        filled = model.impute(gap)
        (draw,) = model.sample_conditional(gap, random_state=0)
    assert list(drawn.columns) == list("abc")
    assert all(kind.kind == "i" for kind in drawn.dtypes)
    assert list(filled.index) == list(gap.index)
    assert isinstance(draw, pd.DataFrame)
