"""Stages are run with the epochs, batches and schedules that the settings ask for."""

import numpy as np
import pytest
import torch
from torch import nn

from skgen.base.run import Settings, curves, run_stages
from skgen.base.training_rows import append_targets, hold_out, rows_with_targets
from skgen.training import GradientPhase, History, Phase, Stage, adam, make_rows


def rows_of(X):
    return make_rows(X.astype(np.float32), 0.0, 1.0, torch.device("cpu"))


def linear_stage(**options):
    net = nn.Linear(3, 1)

    def loss(x, generator):
        return net(x).square().mean()

    return net, Stage([Phase("square", loss, adam(net.parameters(), 0.1))], **options)


@pytest.fixture
def X(rng):
    return rng.standard_normal((50, 3))


@pytest.mark.parametrize(
    ("settings", "stage", "epochs"),
    [
        ({"max_iter": 4}, {}, 4),
        ({"max_iter": 4}, {"fraction": 0.5}, 2),
        ({"max_iter": 4}, {"fraction": 0.01}, 1),
        ({"max_iter": 4}, {"max_iter": 7}, 7),
        ({"max_iter": 4, "partial": True}, {"max_iter": 7}, 1),
        # 5 updates an epoch of 50 rows.
        ({"max_iter": "auto", "n_updates": 23, "batch_size": 10}, {}, 5),
    ],
)
def test_epochs(settings, stage, epochs, X):
    net, stage = linear_stage(**stage)
    (history,) = run_stages(net, [stage], rows_of(X), Settings(**settings), torch.Generator())
    assert history.n_epochs == epochs


@pytest.mark.parametrize(
    ("batch_size", "n_rows", "rows"),
    [(10, 50, 10), (10, 7, 7), ("auto", 5, 5), ("auto", 100, 16), ("auto", 1000, 50)],
)
def test_rows_an_update(batch_size, n_rows, rows):
    assert Settings(batch_size=batch_size).rows_an_update(n_rows) == rows


def test_the_callback_sees_all_histories_and_ends_a_stage(X):
    net, stage = linear_stage()
    seen = []

    def callback(histories, save):
        seen.append([h.n_epochs for h in histories])
        # The stages that have ended, beside where this one is.
        assert len(save()["histories"]) == len(histories) - 1
        return histories[-1].n_epochs == 2

    settings = Settings(max_iter=5)
    run_stages(net, [stage, stage], rows_of(X), settings, torch.Generator(), callback=callback)
    assert seen == [[1], [2], [2, 1], [2, 2]]


def test_a_cosine_lets_the_learning_rate_fall_and_keeps_the_own_schedule(X):
    rates, progress = [], []
    net, stage = linear_stage(schedule=progress.append)
    (phase,) = stage.phases
    step = phase.optimizer.step
    phase.optimizer.step = lambda: rates.append(phase.optimizer.param_groups[0]["lr"]) or step()
    settings = Settings(max_iter=4, batch_size=50, learning_rate_schedule="cosine")
    run_stages(net, [stage], rows_of(X), settings, torch.Generator())
    expected = 0.05 * (1 + np.cos(np.pi * np.arange(4) / 4))
    np.testing.assert_allclose(rates, expected)
    np.testing.assert_allclose(progress, np.arange(4) / 4)


def test_a_gradient_phase_descends_its_gradient_and_shows_another_number(X):
    """With the gradient of a loss it takes the steps of a Phase of that loss."""
    torch.manual_seed(0)
    (derived, stage), (written, _) = linear_stage(), linear_stage()
    written.load_state_dict(derived.state_dict())

    @torch.no_grad()
    def gradient(x, generator):
        out = written(x)
        written.weight.grad = 2 * out.T @ x / len(x)
        written.bias.grad = 2 * out.mean(0)
        return torch.tensor(7.0)

    optimizer = adam(written.parameters(), 0.1)
    by_formula = Stage([GradientPhase("seven", gradient, optimizer)])
    for net, one in ((derived, stage), (written, by_formula)):
        generator = torch.Generator().manual_seed(0)
        (history,) = run_stages(net, [one], rows_of(X), Settings(max_iter=3), generator)
    torch.testing.assert_close(written.weight, derived.weight)
    assert history.losses == {"seven": [7.0] * 3}


def test_curves_go_on_from_earlier_ones():
    histories = [History({"a": [3.0, 2.0]}), History({"b": [1.0]}, validation=[5.0, 4.0])]
    earlier = {"loss_curve_": [9.0], "loss_curves_": {"a": [9.0]}}
    course = curves(histories, earlier)
    assert course["loss_curve_"] == [9.0, 3.0, 2.0, 1.0]
    assert course["n_iter_"] == 4
    np.testing.assert_equal(
        course["loss_curves_"], {"a": [9.0, 3.0, 2.0, np.nan], "b": [np.nan] * 3 + [1.0]}
    )
    assert course["validation_scores_"] == [-5.0, -4.0]
    assert course["best_loss_"] == 4.0
    assert curves(histories[:1])["validation_scores_"] is None


def test_curves_of_phases_that_share_a_name_tell_their_stages():
    histories = [History({"a": [3.0, 2.0], "c": [0.0, 1.0]}), History({"a": [1.0]})]
    expected = {
        "a of stage 1": [3.0, 2.0, np.nan],
        "c": [0.0, 1.0, np.nan],
        "a of stage 2": [np.nan, np.nan, 1.0],
    }
    np.testing.assert_equal(curves(histories)["loss_curves_"], expected)
    # What version 0.1 saved has the first phases alone.
    course = curves(histories, {"loss_curve_": [9.0]})
    assert course["n_iter_"] == 4
    np.testing.assert_equal(course["loss_curves_"]["c"], [np.nan, 0.0, 1.0, np.nan])


def test_rows_without_targets_neither_train_nor_validate():
    targets = np.array([[1.0], [np.nan], [0.0], [1.0]])
    known = rows_with_targets(targets, 4)
    np.testing.assert_array_equal(known, [0, 2, 3])
    assert rows_with_targets(targets[:1], 4) == 4
    training, validation = hold_out(known, 0.3, np.random.RandomState(0))
    assert sorted([*training, *validation]) == [0, 2, 3]
    assert len(validation) == 1
    with pytest.raises(ValueError, match="leaves no training row of n_samples=1"):
        hold_out(1, 0.5, np.random.RandomState(0))


def test_targets_stand_behind_the_features_unscaled():
    X, targets = np.ones((2, 3)), np.array([[0.0], [1.0]])
    both, center, scale = append_targets(X, targets, 5.0, np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(both, np.hstack([X, targets]))
    np.testing.assert_array_equal(center, [5, 5, 5, 0])
    np.testing.assert_array_equal(scale, [1, 2, 3, 1])
