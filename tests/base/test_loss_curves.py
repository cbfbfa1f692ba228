"""Every phase of training leaves a curve, which later fits and files keep."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from skgen import GAN, Checkpoint, DeepBeliefNetwork, StackedAE, fit_seeds
from tests.instances import having, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]
CRITICS = GAN(hidden_layer_sizes=(8,), n_critic_steps=2, calibration=0.5, max_iter=4)


@pytest.fixture
def X(rng):
    return rng.standard_normal((60, 2)) @ rng.standard_normal((2, 5)) + 0.1


def assert_whole(model):
    """Each epoch has the curves of one stage, of which the first is the loss curve."""
    curves = np.array(list(model.loss_curves_.values()))
    assert curves.shape[1] == model.n_iter_ == len(model.loss_curve_)
    ran = np.isfinite(curves)
    assert ran.any(axis=0).all()
    first = curves[ran.argmax(axis=0), np.arange(model.n_iter_)]
    np.testing.assert_array_equal(first, model.loss_curve_)


@pytest.mark.parametrize("estimator", having("_stages"), ids=label)
def test_curves_go_through_fits_and_files(estimator, X):
    y = np.arange(len(X)) % 2
    model = clone(estimator).set_params(max_iter=3, random_state=0)
    model.set_params(warm_start=True).fit(X, y)
    assert_whole(model)
    before = {name: list(curve) for name, curve in model.loss_curves_.items()}
    model = pickle.loads(pickle.dumps(model))
    assert_whole(model.fit(X, y))
    if hasattr(model, "partial_fit"):
        assert_whole(model.partial_fit(X, y))
    for name, curve in before.items():
        np.testing.assert_array_equal(model.loss_curves_[name][: len(curve)], curve)


def test_both_players_have_a_curve(X):
    model = clone(CRITICS).set_params(random_state=0).fit(X)
    assert_whole(model)
    curves = model.loss_curves_
    assert list(curves) == ["critic", "critic_2", "generator", "calibration"]
    game = np.isfinite(curves["critic"])
    assert game.sum() == 4
    np.testing.assert_array_equal(np.isfinite(curves["generator"]), game)
    np.testing.assert_array_equal(np.isfinite(curves["calibration"]), ~game)


def test_seeds_that_are_fitted_together_have_curves_of_their_own(X):
    fits = fit_seeds(CRITICS, X, seeds=range(2))
    for model in fits:
        assert_whole(model)
        assert {type(value) for value in model.loss_curves_["generator"]} == {float}
    assert fits[0].loss_curves_["generator"] != fits[1].loss_curves_["generator"]


def test_layers_that_learn_by_the_same_rule_are_told_apart(X):
    bits = (X > 0).astype(float)
    model = DeepBeliefNetwork((4, 3), visible="binary", max_iter=3, random_state=0).fit(bits)
    first, second = (f"minus_pseudo_likelihood of stage {i}" for i in (1, 2))
    assert list(model.loss_curves_) == [first, second]
    assert np.isfinite(model.loss_curves_[first]).tolist() == [True] * 3 + [False] * 3
    assert np.isfinite(model.loss_curves_[second]).tolist() == [False] * 3 + [True] * 3


def test_the_layers_of_a_stack_keep_theirs(X):
    model = StackedAE(2, hidden_layer_sizes=(4,), n_pretraining_iter=2, max_iter=3, random_state=0)
    layers = model.fit(X).layers_
    assert [layer.n_iter_ for layer in layers] == [2, 2]
    for fitted in (model, *layers):
        assert_whole(fitted)


def test_a_checkpoint_has_the_curves_so_far(X, tmp_path):
    pytest.importorskip("sklearn.callback")
    path = tmp_path / "model"
    model = clone(CRITICS).set_params(random_state=0)
    model.set_callbacks(Checkpoint(path, every=3)).fit(X)
    with open(path, "rb") as file:
        rescued = pickle.load(file)
    assert_whole(rescued)
    n_saved = rescued.n_iter_
    assert n_saved == 3 * (model.n_iter_ // 3)
    assert rescued.loss_curves_["critic"][:3] == model.loss_curves_["critic"][:3]
    # Going on for the epochs that are left.
    rescued.set_params(warm_start=True, max_iter=1).fit(X)
    assert_whole(rescued)
    assert rescued.loss_curves_["critic"][:3] == model.loss_curves_["critic"][:3]
