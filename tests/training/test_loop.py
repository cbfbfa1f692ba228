import math

import numpy as np
import pytest
import torch
from torch import nn

from skgen import GAN, Autoencoder
from skgen.exceptions import DivergenceError
from skgen.training import EarlyStopping, Phase, Stage, adam, make_rows, train
from skgen.training.loop import split

CPU = torch.device("cpu")


def rows_of(X):
    return make_rows(np.asarray(X, dtype=np.float32), 0.0, 1.0, CPU)


def mean_problem(learning_rate=0.1, **stage):
    """A module whose one parameter learns the mean of the rows."""
    torch.manual_seed(0)
    module = nn.ParameterDict({"mu": nn.Parameter(torch.zeros(2))})

    def loss(x, generator):
        return (x - module["mu"]).square().sum(1).mean()

    optimizer = torch.optim.SGD(module.parameters(), lr=learning_rate)
    return module, Stage([Phase("squares", loss, optimizer)], **stage)


def run(module, stage, X, **options):
    options = {
        "batch_size": 4,
        "max_iter": 5,
        "generator": torch.Generator().manual_seed(0),
        **options,
    }
    return train(module, stage, rows_of(X), **options)


def test_updates_are_those_of_plain_gradient_descent(rng):
    X = rng.standard_normal((8, 2))
    module, stage = mean_problem()
    history = run(module, stage, X, batch_size=8, max_iter=3)
    mu, losses = np.zeros(2), []
    for _ in range(3):
        losses.append(np.square(X - mu).sum(1).mean())
        mu -= 0.1 * 2 * (mu - X.mean(0))
    np.testing.assert_allclose(module["mu"].detach(), mu, rtol=1e-5)
    np.testing.assert_allclose(history.losses["squares"], losses, rtol=1e-5)


def test_every_row_is_seen_once_an_epoch_and_the_loss_is_the_mean_over_rows(rng):
    X = np.arange(10.0).repeat(2).reshape(10, 2)
    seen = []
    module = nn.ParameterDict({"mu": nn.Parameter(torch.zeros(()))})

    def loss(x, generator):
        seen.append(x[:, 0].clone())
        return x[:, 0].mean() + 0 * module["mu"]

    stage = Stage([Phase("mean", loss, torch.optim.SGD(module.parameters(), lr=1.0))])
    history = run(module, stage, X, batch_size=4, max_iter=2)
    assert [len(batch) for batch in seen] == [4, 4, 2] * 2
    for epoch in (seen[:3], seen[3:]):
        assert sorted(torch.cat(epoch).tolist()) == list(range(10))
    assert torch.cat(seen[:3]).tolist() != torch.cat(seen[3:]).tolist()
    np.testing.assert_allclose(history.losses["mean"], [4.5, 4.5])


def test_phases_take_turns_and_after_runs_behind_each_update():
    calls = []
    module = nn.ParameterDict({"mu": nn.Parameter(torch.zeros(()))})

    def phase(name):
        def loss(x, generator):
            calls.append(name)
            return module["mu"] + x.mean()

        optimizer = torch.optim.SGD(module.parameters(), lr=0.0)
        return Phase(name, loss, optimizer, after=lambda: calls.append("after"))

    run(module, Stage([phase("a"), phase("b")]), np.zeros((8, 1)), max_iter=1)
    assert calls == ["a", "after", "b", "after"] * 2


def test_schedule_sees_progress_before_each_update():
    progress = []
    module, stage = mean_problem(schedule=progress.append)
    run(module, stage, np.zeros((10, 2)), batch_size=4, max_iter=2)
    np.testing.assert_allclose(progress, np.arange(6) / 6)


def test_inputs_are_computed_once_from_the_rows():
    calls = []

    def inputs(x):
        calls.append(len(x))
        return x + 1

    module, stage = mean_problem(learning_rate=0.5, inputs=inputs)
    run(module, stage, np.zeros((8, 2)), batch_size=8, max_iter=1)
    assert calls == [8]
    np.testing.assert_allclose(module["mu"].detach(), 1.0)


def test_early_stopping_restores_the_best_weights():
    # Training pulls mu to 10, validation wants 1: the best weights lie on the way.
    module, stage = mean_problem(learning_rate=0.02)
    rule = EarlyStopping(rows_of(np.ones((5, 2))), n_iter_no_change=3, tol=0.0)
    history = run(module, stage, np.full((4, 2), 10.0), max_iter=100, early_stopping=rule)
    best = int(np.argmin(history.validation))
    assert history.n_epochs == best + 1 + 3
    mu = 10 * (1 - 0.96 ** (best + 1))
    np.testing.assert_allclose(module["mu"].detach(), mu, rtol=1e-4)
    assert history.validation[best] == pytest.approx(2 * (mu - 1) ** 2, rel=1e-3)


def test_validation_noise_is_the_same_in_every_epoch():
    module = nn.ParameterDict({"mu": nn.Parameter(torch.zeros(()))})

    def loss(x, generator):
        return torch.randn((), generator=generator) + 0 * module["mu"]

    stage = Stage([Phase("noise", loss, torch.optim.SGD(module.parameters(), lr=0.0))])
    rule = EarlyStopping(rows_of(np.zeros((2, 1))), n_iter_no_change=9, tol=0.0)
    history = run(module, stage, np.zeros((8, 1)), max_iter=4, early_stopping=rule)
    assert len(set(history.validation)) == 1
    assert len(set(history.losses["noise"])) == 4


def test_a_loss_that_is_not_finite_names_epoch_loss_and_remedy():
    module, stage = mean_problem(learning_rate=1e30)
    with pytest.raises(DivergenceError, match=r"squares loss is .* in epoch 2 of 5.*learning_rate"):
        run(module, stage, np.ones((8, 2)), batch_size=8)


def test_weights_that_the_last_update_broke_are_noticed():
    module = nn.ParameterDict({"mu": nn.Parameter(torch.ones(()))})
    sgd = torch.optim.SGD(module.parameters(), lr=1.0)

    def break_weights():
        module["mu"].data.fill_(math.inf)

    stage = Stage([Phase("fine", lambda x, g: module["mu"], sgd, after=break_weights)])
    with pytest.raises(DivergenceError, match="weights mu are not finite after epoch 1"):
        run(module, stage, np.ones((4, 1)), max_iter=1)


def test_report_stops_the_loop():
    module, stage = mean_problem()
    history = run(module, stage, np.ones((8, 2)), report=lambda h, *about: h.n_epochs == 2)
    assert history.n_epochs == 2


@pytest.mark.parametrize(("n_updates", "n_epochs"), [(1, 1), (3, 2), (4, 2)])
def test_ctrl_c_keeps_what_was_learned(n_updates, n_epochs):
    calls = []

    def interrupt():
        calls.append(1)
        if len(calls) == n_updates + 1:
            raise KeyboardInterrupt

    module, stage = mean_problem(schedule=lambda progress: interrupt())
    history = run(module, stage, np.ones((8, 2)))
    assert history.interrupted
    assert history.n_epochs == n_epochs
    np.testing.assert_allclose(module["mu"].detach(), 1 - 0.8**n_updates, rtol=1e-5)


def test_ctrl_c_before_anything_was_learned_is_passed_on():
    def interrupt(progress):
        raise KeyboardInterrupt

    module, stage = mean_problem(schedule=interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(module, stage, np.ones((8, 2)))


def test_a_batch_that_does_not_fit_names_the_size_to_try():
    def loss(x, generator):
        raise torch.OutOfMemoryError("CUDA out of memory")

    module, stage = mean_problem()
    stage = Stage([Phase("big", loss, stage.phases[0].optimizer)])
    with pytest.raises(MemoryError, match="batch_size=2"):
        run(module, stage, np.ones((8, 2)))


def test_fused_adam_with_groups_follows_the_formula():
    weights = [nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))]
    groups = [{"params": weights[:1], "weight_decay": 0.5}, {"params": weights[1:], "lr": 0.01}]
    optimizer = adam(groups, 0.1)
    for weight in weights:
        weight.grad = torch.tensor([1.0, -2.0, 0.5])
    optimizer.step()
    # The first step of Adam is lr * sign(gradient); decay shrinks the weight before it.
    sign = np.array([1, -1, 1])
    np.testing.assert_allclose(weights[0].detach(), 1 - 0.1 * 0.5 - 0.1 * sign, rtol=1e-5)
    np.testing.assert_allclose(weights[1].detach(), 1 - 0.01 * sign, rtol=1e-5)


def sizes(n, batch_size, least):
    batches = list(split(torch.arange(n), batch_size, least))
    assert torch.cat(batches).tolist() == list(range(n))
    return [len(batch) for batch in batches]


def test_a_last_batch_that_is_too_small_joins_the_one_before_it():
    assert sizes(9, 4, 1) == [4, 4, 1]
    assert sizes(9, 4, 2) == [4, 5]
    assert sizes(10, 4, 2) == [4, 4, 2]
    assert sizes(5, 4, 2) == [5]
    assert sizes(3, 4, 2) == [3]


def normalizing(n_inputs, n_outputs):
    return nn.Sequential(nn.Linear(n_inputs, 8), nn.BatchNorm1d(8), nn.Linear(8, n_outputs))


def test_batch_normalization_trains_where_the_last_batch_has_one_row(rng):
    X = rng.standard_normal((33, 3))
    model = Autoencoder(2, encoder=normalizing, batch_size=16, max_iter=2, random_state=0)
    assert model.fit(X).n_iter_ == 2
    with pytest.raises(ValueError, match="batches of 2 rows, but they have 1 .*n_samples"):
        model.fit(X[:1])
    with pytest.raises(ValueError, match="batches of 2 rows"):
        model.set_params(batch_size=1).fit(X)


@pytest.mark.parametrize("packing", [1, 2])
@pytest.mark.parametrize("n_critic_steps", [1, 3])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_gans_with_batch_normalization_train_on_any_number_of_rows(rng, packing, n_critic_steps):
    model = GAN(
        2,
        hidden_layer_sizes=(4,),
        normalization="batch",
        packing=packing,
        n_critic_steps=n_critic_steps,
        batch_size=16,
        max_iter=1,
        random_state=0,
    )
    for n in (16, 17, 19, 21, 33):
        model.fit(rng.standard_normal((n, 3)))
