import itertools
import pickle
import warnings

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from scipy.special import expit, logsumexp
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skgen import BernoulliRBM, GaussianBernoulliRBM
from skgen.boltzmann.learning import phases
from skgen.exceptions import DataRangeWarning
from tests.boltzmann.machines import joint_table, random_rbm, states


@pytest.fixture(scope="module")
def digits():
    return (load_digits().data >= 8).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(digits):
    return BernoulliRBM(16, random_state=0).fit(digits)


def as_estimator(net, **parameters):
    """A fitted estimator whose machine is the given one."""
    k, d = net.weight.shape
    model = BernoulliRBM(k, max_iter=1, n_chains=500, random_state=0, **parameters)
    model.fit((np.arange(2 * d).reshape(2, d) % 2).astype(np.float32))
    model.module_.averaged_net.load_state_dict(net.state_dict())
    model._finish(None)
    return model


def test_probabilities_of_all_states_add_up_to_one():
    model = as_estimator(random_rbm(8, 5, scale=1.5))
    assert logsumexp(model.score_samples(states(8))) == pytest.approx(0, abs=1e-10)
    assert model.likelihood_kind_ == "exact"
    assert model.log_partition_std_ == 0


def test_free_energy_sums_out_the_hidden_units():
    net = random_rbm(6, 4)
    table = joint_table(net)
    model = as_estimator(net)
    np.testing.assert_allclose(model.free_energy(states(6)), -logsumexp(table, axis=1), rtol=1e-12)


def test_pseudo_likelihood_is_the_product_of_the_conditionals():
    net = random_rbm(6, 4)
    model = as_estimator(net)
    log_p = model.score_samples(states(6))
    expected = np.zeros(64)
    for j in range(6):
        flipped = np.arange(64) ^ (1 << j)
        expected += log_p - np.logaddexp(log_p, log_p[flipped])
    np.testing.assert_allclose(model.pseudo_likelihood(states(6)), expected, rtol=1e-10)


def test_ais_agrees_with_enumeration_on_twenty_machines():
    errors, in_units = [], []
    for seed in range(20):
        model = as_estimator(random_rbm(12, 8, scale=1.0, seed=seed))
        exact = model.estimate_log_partition("exact")
        error = model.estimate_log_partition("ais", n_chains=500, n_steps=500) - exact
        errors.append(abs(error))
        in_units.append(abs(error) / model.log_partition_std_)
    assert max(errors) < 0.1
    assert max(in_units) < 3.5
    assert np.mean(np.array(in_units) < 2) > 0.8


def test_the_bracket_holds_log_z():
    for seed in range(5):
        model = as_estimator(random_rbm(12, 8, scale=2.0, seed=seed))
        exact = model.estimate_log_partition("exact")
        forward, reverse = model.log_partition_bracket(n_chains=500, n_steps=300)
        assert forward - 0.15 < exact < reverse + 0.15


def exact_gradient(net, rows):
    """Gradient of the mean log-likelihood: weights, visible and hidden biases."""
    d = net.weight.shape[1]
    all_states = states(d)
    with torch.no_grad():
        h = expit(net.hidden_input(torch.tensor(all_states).float()).double().numpy())
        h_rows = expit(net.hidden_input(torch.tensor(rows).float()).double().numpy())
    p = np.exp(logsumexp(joint_table(net), axis=1) - logsumexp(joint_table(net)))
    n = len(rows)
    return (
        h_rows.T @ rows / n - (h * p[:, None]).T @ all_states,
        rows.mean(0) - p @ all_states,
        h_rows.mean(0) - p @ h,
    )


def run_gradient(net, rows, monkeypatch, *, fused, chains, n_repeats=300, **parameters):
    """Mean gradient that training writes, over many calls whose weights stand still."""
    monkeypatch.setattr(phases, "MOST_FUSED", 2**20 if fused else 0)
    k = len(net.hidden_bias)
    model = BernoulliRBM(k, n_chains=500, max_iter=1, random_state=0, **parameters)
    model.fit(rows.astype(np.float32))
    machine = model.module_.requires_grad_(True)
    machine.net.load_state_dict(net.state_dict())
    if chains:
        # Begin in equilibrium, so that the expectation is the model's own.
        table = joint_table(net)
        p = np.exp(table - logsumexp(table)).ravel()
        drawn = np.random.default_rng(0).choice(p.size, 500, p=p) % 2**k
        machine.chains[-1] = torch.tensor(states(k)[drawn])
    (stage,) = model._stages(machine)
    (phase,) = stage.phases
    # Momentum needs the gradient written out.
    phase.optimizer.momentum = 0.5
    loss = phase.gradient
    batch, generator = torch.tensor(rows).float(), torch.Generator().manual_seed(0)
    total = [np.zeros(tuple(p.shape)) for p in machine.net.parameters()]
    for _ in range(n_repeats):
        loss(batch, generator)
        total = [t - p.grad.numpy() for t, p in zip(total, machine.net.parameters())]
    return [t / n_repeats for t in total]


def enhanced(gradient, net, rows):
    """The exact gradient measured from offsets in the middle between data and model."""
    W, b, c = gradient
    h_rows = expit(net.hidden_input(torch.tensor(rows).float()).detach().double().numpy())
    mu, offset = rows.mean(0) - b / 2, h_rows.mean(0) - c / 2
    G = W - np.outer(offset, b) - np.outer(c, mu)
    return G, b - offset @ G, c - G @ mu


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("centered", [True, False])
def test_the_expected_update_of_equilibrium_chains_is_the_exact_gradient(
    fused, centered, monkeypatch
):
    net = random_rbm(6, 4, seed=1)
    rows = states(6)[[3, 17, 40, 40, 63, 8]]
    got = run_gradient(net, rows, monkeypatch, fused=fused, chains=True, centered=centered)
    want = exact_gradient(net, rows)
    if centered:
        want = enhanced(want, net, rows)
    # 150 000 draws: their means are good to about 0.5 / sqrt(150 000 / correlation) = 0.002.
    for mean, truth in zip(got, want):
        np.testing.assert_allclose(mean, truth, atol=0.008)


def test_tempered_chains_have_the_exact_gradient(monkeypatch):
    net = random_rbm(6, 4, scale=2.0, seed=1)
    rows = states(6)[[3, 17, 40, 40, 63, 8]]
    got = run_gradient(
        net,
        rows,
        monkeypatch,
        fused=False,
        chains=False,
        centered=False,
        negative_phase="pt",
        n_temperatures=5,
    )
    for mean, truth in zip(got, exact_gradient(net, rows)):
        np.testing.assert_allclose(mean, truth, atol=0.02)


@pytest.mark.parametrize("fused", [True, False])
def test_contrastive_divergence_is_biased_towards_zero(fused, monkeypatch):
    # One visible and one hidden unit: after one sweep from the data the model's correlation is
    # still too close to the data's, so the update is too short, with the right sign.
    net = random_rbm(1, 1, seed=0)
    net.weight.data[:] = 2.0
    net.visible_bias.data[:] = -1.0
    net.hidden_bias.data[:] = -1.0
    rows = np.array([[1.0], [1.0], [1.0], [0.0]]).repeat(50, 0)
    options = {"fused": fused, "chains": False, "centered": False, "negative_phase": "cd"}
    one = run_gradient(net, rows, monkeypatch, n_gibbs_steps=1, **options)[0].item()
    many = run_gradient(net, rows, monkeypatch, n_gibbs_steps=30, **options)[0].item()
    exact = exact_gradient(net, rows)[0].item()
    assert exact > 0.1
    assert 0 < one < 0.8 * exact
    assert many == pytest.approx(exact, abs=0.01)


def test_sparsity_pulls_the_activities_to_the_target(digits):
    free = BernoulliRBM(30, max_iter=20, random_state=0).fit(digits)
    pulled = BernoulliRBM(
        30, sparsity_target=0.1, sparsity_cost=2.0, max_iter=20, random_state=0
    ).fit(digits)
    distance = [abs(m.transform(digits).mean(0) - 0.1).mean() for m in (free, pulled)]
    assert distance[1] < 0.5 * distance[0]


def test_training_raises_the_exact_likelihood(digits):
    model = BernoulliRBM(10, max_iter=1, warm_start=True, random_state=0)
    scores = []
    for _ in range(4):
        scores.append(model.fit(digits).score(digits))
        model.set_params(max_iter=10)
    assert (np.diff(scores) > 0.05).all()


def test_samples_have_the_exact_moments():
    net = random_rbm(6, 4, scale=1.0, seed=2)
    table = joint_table(net)
    p = np.exp(logsumexp(table, axis=1) - logsumexp(table))
    model = as_estimator(net, sample_start="chance", n_burn_in=50, n_thinning=5)
    draws = model.sample(20_000, random_state=0)
    assert set(np.unique(draws)) == {0.0, 1.0}
    np.testing.assert_allclose(draws.mean(0), p @ states(6), atol=0.02)
    second = (states(6) * p[:, None]).T @ states(6)
    np.testing.assert_allclose(draws.T @ draws / len(draws), second, atol=0.02)


def test_one_sweep_leaves_the_distribution_as_it_is():
    net = random_rbm(6, 4, seed=2)
    table = joint_table(net)
    p = np.exp(logsumexp(table, axis=1) - logsumexp(table))
    rows = states(6)[np.random.default_rng(0).choice(64, 40_000, p=p)]
    after = as_estimator(net).gibbs(rows, random_state=0)
    np.testing.assert_allclose(after.mean(0), p @ states(6), atol=0.015)


def test_imputation_is_the_conditional_mean():
    net = random_rbm(6, 4, seed=3)
    table = joint_table(net)
    p = np.exp(logsumexp(table, axis=1) - logsumexp(table))
    row = np.array([[1.0, np.nan, 0.0, 1.0, np.nan, 0.0]])
    fits = (states(6)[:, [0, 2, 3, 5]] == row[0, [0, 2, 3, 5]]).all(1)
    truth = (p[fits] @ states(6)[fits]) / p[fits].sum()
    model = as_estimator(net, n_thinning=4000, n_burn_in=30)
    np.testing.assert_allclose(model.impute(row)[0], truth, atol=0.03)
    draws = model.sample_conditional(row, n_draws=4000, random_state=0)
    assert draws.shape == (4000, 1, 6)
    np.testing.assert_allclose(draws.mean(0)[0], truth, atol=0.03)


def test_sparse_rows_are_the_same_rows(digits):
    dense = BernoulliRBM(5, max_iter=3, random_state=0).fit(digits)
    sparse = BernoulliRBM(5, max_iter=3, random_state=0).fit(csr_matrix(digits))
    np.testing.assert_allclose(sparse.components_, dense.components_, atol=1e-6)
    for verb in ("transform", "score_samples", "free_energy", "pseudo_likelihood", "gibbs"):
        np.testing.assert_allclose(
            getattr(sparse, verb)(csr_matrix(digits)), getattr(sparse, verb)(digits), rtol=1e-6
        )


def test_values_outside_the_unit_interval_are_told_once(digits):
    with pytest.warns(DataRangeWarning, match="MinMaxScaler") as record:
        BernoulliRBM(3, max_iter=1).fit(5 * digits)
    assert len(record) == 1


def test_a_constant_feature_is_learned(digits):
    assert (digits.std(0) == 0).any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = BernoulliRBM(8, random_state=0, max_iter=20).fit(digits)
    assert np.isfinite(model.score_samples(digits)).all()


def test_the_fit_is_reproducible_and_can_go_on(digits):
    whole, again = (BernoulliRBM(6, max_iter=4, random_state=0).fit(digits) for _ in range(2))
    np.testing.assert_array_equal(whole.components_, again.components_)
    steps = int(whole.module_.n_steps)
    again.partial_fit(digits)
    assert int(again.module_.n_steps) == steps * 5 // 4
    assert not np.array_equal(whole.components_, again.components_)


def test_going_on_may_change_the_chains(digits):
    model = BernoulliRBM(4, n_chains=10, max_iter=1, warm_start=True, random_state=0).fit(digits)
    changes = [
        ({"n_chains": 20}, (1, 20, 4)),
        ({"negative_phase": "pt", "n_temperatures": 3}, (3, 20, 4)),
        ({"negative_phase": "cd"}, (1, 20, 4)),
    ]
    for change, shape in changes:
        model = pickle.loads(pickle.dumps(model.set_params(**change).fit(digits)))
        assert model.module_.chains.shape == shape


def test_scores_after_more_fitting_use_a_new_log_partition(digits):
    model = BernoulliRBM(6, max_iter=2, random_state=0).fit(digits)
    model.score(digits)
    before = model.log_partition_
    model.partial_fit(digits)
    assert not hasattr(model, "log_partition_")
    model.score(digits)
    assert model.log_partition_ != before


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("negative_phase", ["pcd", "cd", "pt"])
def test_every_negative_phase_learns(digits, negative_phase, momentum):
    model = BernoulliRBM(
        12,
        negative_phase=negative_phase,
        momentum=momentum,
        learning_rate=0.4 * (1 - momentum),
        n_chains=50,
        n_temperatures=5,
        max_iter=20,
        random_state=0,
    ).fit(digits)
    independent = np.where(digits == 1, digits.mean(0), 1 - digits.mean(0))
    assert model.score(digits) > np.log(independent).sum(1).mean() + 3


def test_the_large_and_the_small_path_learn_alike(digits, monkeypatch):
    scores = []
    for most in (0, 2**20):
        monkeypatch.setattr(phases, "MOST_FUSED", most)
        fits = [BernoulliRBM(12, max_iter=40, random_state=s).fit(digits) for s in range(2)]
        scores.append(np.mean([model.score(digits) for model in fits]))
    assert abs(scores[0] - scores[1]) < 0.4


def test_defaults_reach_the_likelihood_of_the_best_recipe(fitted, digits):
    assert fitted.score(digits) > -17.6


def test_early_stopping_follows_the_pseudo_likelihood(digits):
    model = BernoulliRBM(
        16, early_stopping=True, n_iter_no_change=3, tol=0.05, max_iter=200, random_state=0
    ).fit(digits)
    assert model.n_iter_ < 200
    assert len(model.validation_scores_) == model.n_iter_
    assert max(model.validation_scores_) > model.validation_scores_[0]


def test_in_a_search_and_a_pipeline(digits):
    y = load_digits().target
    search = GridSearchCV(
        BernoulliRBM(max_iter=10, random_state=0), {"n_components": [2, 16]}, cv=2
    )
    assert search.fit(digits).best_params_ == {"n_components": 16}
    pipeline = make_pipeline(
        BernoulliRBM(64, random_state=0, max_iter=50), LogisticRegression(max_iter=500)
    )
    assert pipeline.fit(digits[:1200], y[:1200]).score(digits[1200:], y[1200:]) > 0.85


def test_bits_are_those_of_the_logistic_function():
    from skgen.kernels.boltzmann import bernoulli_units

    inputs = np.repeat(np.linspace(-6, 6, 37, dtype=np.float32)[None], 20_000, 0)
    bias, out = np.full(37, 0.3, np.float32), np.empty_like(inputs)
    bernoulli_units.probabilities(inputs, bias, out)
    np.testing.assert_allclose(out[0], expit(inputs[0] + 0.3), atol=3e-7)
    bernoulli_units.draw(inputs, bias, bernoulli_units.lane_states(0), out)
    p = expit(inputs[0] + 0.3)
    z = (out.mean(0) - p) / np.sqrt(p * (1 - p) / len(out))
    assert abs(z).max() < 4
    assert 0.5 < z.std() < 1.6
    # Neighbors, in a row and from row to row, are independent.
    centered = out - p
    for a, b in itertools.pairwise(range(0, 37, 6)):
        assert abs((centered[:, a] * centered[:, b]).mean()) < 0.008
        assert abs((centered[1:, a] * centered[:-1, a]).mean()) < 0.008


def test_unknown_methods_are_refused(fitted):
    with pytest.raises(ValueError, match="method='guess' is unknown"):
        fitted.estimate_log_partition("guess")


def test_enumeration_beyond_reach_is_refused(digits):
    model = BernoulliRBM(40, max_iter=1, random_state=0).fit(digits)
    with pytest.raises(ValueError, match=r"2\^40 states; beyond 28 units use method=.ais."):
        model.estimate_log_partition("exact")


def test_an_unknown_device_is_refused(digits):
    with pytest.raises(ValueError, match="device='gpu' is not available"):
        BernoulliRBM(4, device="gpu").fit(digits)


def test_the_automatic_step_keeps_wide_machines_from_running_away(rng):
    # Strokes across 20 x 20 pixels; with a large step the weights explode.
    rows, columns = np.divmod(np.arange(400), 20)
    angle, offset = rng.uniform(0, np.pi, (2, 500, 1))
    across = np.cos(angle) * (rows - 9.5) + np.sin(angle) * (columns - 9.5)
    X = (np.abs(across - 3 * (offset - 1.5)) < 1.5).astype(np.float32)
    run = {"max_iter": 50, "random_state": 0}
    fits = [BernoulliRBM(1000, learning_rate=step, **run).fit(X) for step in ("auto", 3.0)]
    steady, wild = (machine.pseudo_likelihood(X).mean() for machine in fits)
    # Independent pixels reach -177 nats.
    assert wild < -1000 < -100 < steady


def test_early_stopping_waits_for_updates_where_epochs_are_short(digits):
    # Three updates an epoch: ten epochs are too few to see the averaged weights move.
    train, held_out = digits[:333], digits[400:]
    run = {"n_components": 16, "random_state": 0}
    stopped = BernoulliRBM(early_stopping=True, **run).fit(train)
    full = BernoulliRBM(**run).fit(train)
    assert stopped.n_iter_ >= 500 / 3
    assert stopped.score(held_out) > full.score(held_out) - 0.5


def test_draws_have_the_digits_of_the_data(rng):
    X = rng.standard_normal((200, 2)) + 1e8
    draws = GaussianBernoulliRBM(4, max_iter=50, random_state=0).fit(X).sample(100)
    assert draws.dtype == X.dtype
    assert len(np.unique(draws)) == draws.size
