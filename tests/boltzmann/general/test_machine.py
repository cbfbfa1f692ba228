"""The general Boltzmann machine: fits, codings and verbs against enumeration."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from sklearn.exceptions import ConvergenceWarning

from skgen import BoltzmannMachine
from skgen.boltzmann.general import persistent
from skgen.boltzmann.general.objectives import ExactLikelihood, PseudoLikelihood, packed
from skgen.kernels.boltzmann import quadratic_states


def truth(d, scale=1.0, seed=0):
    """Biases and weights of a machine whose units are on about half of the time."""
    rng = np.random.default_rng(seed)
    W = np.triu(scale * rng.normal(size=(d, d)), 1)
    W += W.T
    return -0.5 * W.sum(axis=1) + 0.3 * rng.normal(size=d), W


def drawn(b, W, n, seed=0):
    p, _ = quadratic_states.probabilities(b, W)
    states = np.random.default_rng(seed).choice(len(p), n, p=p / p.sum())
    return ((states[:, None] >> np.arange(len(b))) & 1).astype(float)


def every_row(d):
    return np.array(list(product((0.0, 1.0), repeat=d)))


X = drawn(*truth(5), 2000)


@pytest.fixture(scope="module")
def visible():
    return BoltzmannMachine(alpha=0.001).fit(X)


@pytest.fixture(scope="module")
def hidden():
    return BoltzmannMachine(3, alpha=0.001, max_iter=60, tol=1e-3, random_state=0).fit(X)


@pytest.mark.parametrize(
    ("solver", "objective"),
    [
        ("exact", lambda X, w: ExactLikelihood(X, w, 5)),
        ("pseudo_likelihood", PseudoLikelihood),
    ],
)
def test_a_fit_is_the_maximum(solver, objective):
    model = BoltzmannMachine(solver=solver, alpha=0.0).fit(X)
    judge = objective(X, np.full(len(X), 1 / len(X)))
    theta = packed(model.intercept_visible_, model.interactions_)
    assert np.abs(judge(theta)[1]).max() < 1e-5
    best = minimize(judge, np.zeros(15), jac=True, method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(theta, best.x, atol=1e-4)
    assert model.n_iter_ < 10
    np.testing.assert_array_equal(model.interactions_, model.interactions_.T)
    np.testing.assert_array_equal(np.diag(model.interactions_), 0)


def test_the_likelihood_matches_the_moments_of_the_rows(visible):
    model = BoltzmannMachine(alpha=0.0, tol=1e-10).fit(X)
    p = np.exp(model.score_samples(every_row(5)))
    assert p.sum() == pytest.approx(1, abs=1e-10)
    expected = X.T @ X / len(X)
    np.testing.assert_allclose((every_row(5).T * p) @ every_row(5), expected, atol=1e-9)


@pytest.mark.parametrize("solver", ["exact", "pseudo_likelihood"])
def test_a_lasso_is_that_of_a_direct_solver(solver):
    weight = np.full(len(X), 1 / len(X))
    judge = ExactLikelihood(X, weight, 5) if solver == "exact" else PseudoLikelihood(X, weight)
    edges = []
    for alpha in (0.005, 0.05):
        model = BoltzmannMachine(solver=solver, penalty="l1", alpha=alpha, tol=1e-7).fit(X)
        theta = packed(model.intercept_visible_, model.interactions_)
        of_bias = 1 / (25 * len(X))

        def value(parts, alpha=alpha, of_bias=of_bias):
            at = np.concatenate([parts[:5], parts[5:15] - parts[15:]])
            return judge(at)[0] + alpha * parts[5:].sum() + 0.5 * of_bias * at[:5] @ at[:5]

        bounds = [(None, None)] * 5 + [(0, None)] * 20
        direct = minimize(
            value, np.full(25, 0.1), method="SLSQP", bounds=bounds, options={"ftol": 1e-14}
        )
        at = np.concatenate([direct.x[:5], direct.x[5:15] - direct.x[15:]])
        np.testing.assert_allclose(theta, at, atol=2e-3)
        parts = np.concatenate([theta[:5], np.maximum(theta[5:], 0), np.maximum(-theta[5:], 0)])
        assert value(parts) <= direct.fun + 1e-9
        edges.append(np.count_nonzero(theta[5:]))
    assert edges[0] > edges[1] > 0


def test_standard_errors_are_the_inverse_fisher_information():
    model = BoltzmannMachine(alpha=0.0).fit(X)
    rows = every_row(5)
    p = np.exp(model.score_samples(rows))
    i, j = np.triu_indices(5, 1)
    T = np.hstack([rows, rows[:, i] * rows[:, j]])
    T -= p @ T
    expected = np.sqrt(np.diag(np.linalg.inv((T.T * p) @ T)) / len(X))
    np.testing.assert_allclose(model.intercept_visible_std_, expected[:5], rtol=1e-5)
    np.testing.assert_allclose(model.interactions_std_[i, j], expected[5:], rtol=1e-5)


@pytest.mark.parametrize("solver", ["exact", "pseudo_likelihood"])
@pytest.mark.parametrize("coding", ["binary", "spin"])
def test_standard_errors_are_the_spread_of_the_estimates(solver, coding):
    b, W = truth(4, 0.7)
    fits = []
    for seed in range(200):
        rows = drawn(b, W, 500, seed)
        rows = rows if coding == "binary" else 2 * rows - 1
        fits.append(BoltzmannMachine(solver=solver, alpha=0.0, coding=coding).fit(rows))
    for name in ("intercept_visible_", "interactions_"):
        estimates = np.array([getattr(model, name) for model in fits])
        errors = np.mean([getattr(model, name[:-1] + "_std_") for model in fits], axis=0)
        spread = estimates.std(axis=0)
        # The spread of 200 has a relative standard error of 5 %.
        np.testing.assert_allclose(errors, spread, rtol=0.2, atol=1e-12)


def test_errors_that_are_not_known_are_nan(hidden):
    lasso = BoltzmannMachine(penalty="l1", alpha=0.01).fit(X)
    for model in (hidden, lasso):
        off = ~np.eye(5, dtype=bool)
        assert np.isnan(model.interactions_std_[off]).all()
        assert np.isnan(model.intercept_visible_std_).all()


@pytest.mark.parametrize("n_hidden", [0, 2])
def test_spins_are_bits_in_another_coding(n_hidden):
    settings = {"n_hidden": n_hidden, "alpha": 0.001, "tol": 1e-3, "random_state": 0}
    bits = BoltzmannMachine(**settings).fit(X)
    spins = BoltzmannMachine(**settings).fit(2 * X - 1)
    assert (bits.coding_, spins.coding_) == ("binary", "spin")
    np.testing.assert_allclose(spins.interactions_, bits.interactions_ / 4, atol=1e-12)
    shift = (bits.interactions_.sum(axis=1) + bits.components_.sum(axis=0)) / 4
    expected = bits.intercept_visible_ / 2 + shift
    np.testing.assert_allclose(spins.intercept_visible_, expected, atol=1e-12)
    np.testing.assert_allclose(spins.score_samples(2 * X - 1), bits.score_samples(X), atol=1e-10)
    np.testing.assert_allclose(spins.transform(2 * X - 1), bits.transform(X), atol=1e-10)
    # log Z is the sum over the states of the spins, with the parameters that are shown.
    b = np.concatenate([spins.intercept_visible_, spins.intercept_hidden_])
    W = np.block(
        [
            [spins.interactions_, spins.components_.T],
            [spins.components_, spins.hidden_interactions_],
        ]
    )
    states = 2 * every_row(5 + n_hidden) - 1
    exponents = states @ b + 0.5 * ((states @ W) * states).sum(axis=1)
    spins.score(2 * X - 1)
    assert spins.log_partition_ == pytest.approx(logsumexp(exponents), abs=1e-10)
    assert set(np.unique(spins.sample(50, random_state=0))) == {-1.0, 1.0}
    gap = np.where(np.arange(5) == 2, np.nan, 2 * X[:4] - 1)
    expected = 2 * bits.impute((gap + 1) / 2) - 1
    np.testing.assert_allclose(spins.impute(gap), expected, atol=1e-12)
    assert set(np.unique(spins.sample_conditional(gap, 20, random_state=0))) == {-1.0, 1.0}


def test_conditional_probabilities(visible, hidden):
    rows = every_row(5)
    for model in (visible, hidden):
        log_p = dict(zip(map(tuple, rows), model.score_samples(rows)))
        got, expected = model.conditional_probabilities(rows), np.zeros(rows.shape)
        for i, row in enumerate(rows):
            for j in range(5):
                on, off = row.copy(), row.copy()
                on[j], off[j] = 1, 0
                expected[i, j] = expit(log_p[tuple(on)] - log_p[tuple(off)])
        np.testing.assert_allclose(got, expected, atol=1e-10)
        pseudo = np.log(np.where(rows == 1, expected, 1 - expected)).sum(axis=1)
        np.testing.assert_allclose(model.pseudo_likelihood(rows), pseudo, atol=1e-9)
    np.testing.assert_array_equal(visible.transform(rows), visible.conditional_probabilities(rows))


def whole(model):
    """Biases and weights of all units."""
    b = np.concatenate([model.intercept_visible_, model.intercept_hidden_])
    W = np.block(
        [
            [model.interactions_, model.components_.T],
            [model.components_, model.hidden_interactions_],
        ]
    )
    return b, W


def test_hidden_units_are_summed_out(hidden):
    b, W = whole(hidden)
    states = every_row(8)
    log_p = states @ b + 0.5 * ((states @ W) * states).sum(axis=1)
    log_p -= logsumexp(log_p)
    by_row = log_p.reshape(32, 8)
    np.testing.assert_allclose(
        hidden.score_samples(every_row(5)), logsumexp(by_row, axis=1), atol=1e-10
    )
    posterior = np.exp(by_row - logsumexp(by_row, axis=1, keepdims=True))
    np.testing.assert_allclose(hidden.transform(every_row(5)), posterior @ every_row(3), atol=1e-10)
    assert hidden.likelihood_kind_ == "exact"


def test_mean_field_is_a_bound(hidden):
    settings = {"inference": "mean_field", "max_iter": 60, "random_state": 0, "tol": 1e-3}
    model = BoltzmannMachine(3, alpha=0.001, **settings).fit(X)
    assert model.likelihood_kind_ == "lower_bound"
    b, W = whole(model)
    states = every_row(8)
    log_p = states @ b + 0.5 * ((states @ W) * states).sum(axis=1)
    exact = logsumexp(log_p.reshape(32, 8), axis=1) - logsumexp(log_p)
    gap = exact - model.score_samples(every_row(5))
    assert (gap >= -1e-10).all()
    assert np.exp(model.score_samples(every_row(5))).sum() > 0.9


def test_hidden_units_learn_what_pairs_cannot():
    # The parity of three bits leaves every pair independent.
    rng = np.random.default_rng(0)
    bits = (rng.random((1000, 2)) < 0.5).astype(float)
    parity = np.column_stack([bits, bits[:, 0] != bits[:, 1]]).astype(float)
    pairs = BoltzmannMachine().fit(parity).score(parity)
    assert pairs == pytest.approx(-3 * np.log(2), abs=0.01)
    more = BoltzmannMachine(3, random_state=0).fit(parity).score(parity)
    assert more > -2 * np.log(2) - 0.1


def test_persistent_chains_find_the_maximum():
    best = BoltzmannMachine().fit(X)
    model = BoltzmannMachine(solver="persistent", max_iter=1000, random_state=0).fit(X)
    assert best.score(X) - 0.003 < model.score(X) <= best.score(X) + 1e-4
    far = BoltzmannMachine(3, solver="persistent", max_iter=1500, random_state=0).fit(X)
    assert far.score(X) > best.score(X) - 0.005


def test_centered_gradients_do_not_mind_which_state_is_one():
    rng = np.random.default_rng(0)
    A, B = ((rng.random((40, 4)) < 0.3).astype(float) for _ in range(2))

    def moments(U):
        return U.T @ U / len(U)

    b, W = persistent.centered_gradient(moments(A), moments(B))
    flip = np.array([1.0, -1.0, 1.0, -1.0])
    flipped = [np.where(flip > 0, U, 1 - U) for U in (A, B)]
    _, other = persistent.centered_gradient(*map(moments, flipped))
    np.testing.assert_allclose(other, W * np.outer(flip, flip), atol=1e-12)


@pytest.mark.parametrize("model_name", ["visible", "hidden"])
def test_what_is_missing_has_its_exact_distribution(model_name, request):
    model = request.getfixturevalue(model_name)
    gaps = np.array([[1, np.nan, 0, np.nan, 1], [np.nan] * 5, [0, 1, 0, 1, np.nan]])
    filled = model.impute(gaps)
    draws = model.sample_conditional(gaps, 4000, random_state=0)
    for row, x in enumerate(gaps):
        seen = ~np.isnan(x)
        fits = (every_row(5)[:, seen] == x[seen]).all(axis=1)
        log_p = model.score_samples(every_row(5)[fits])
        p = np.exp(log_p - logsumexp(log_p))
        expected = p @ every_row(5)[fits]
        np.testing.assert_allclose(filled[row], expected, atol=1e-10)
        np.testing.assert_array_equal(draws[:, row][:, seen], np.tile(x[seen], (4000, 1)))
        pairs = (every_row(5)[fits].T * p) @ every_row(5)[fits]
        got = draws[:, row].T @ draws[:, row] / 4000
        assert np.abs(got - pairs).max() < 5 * 0.5 / np.sqrt(4000)


def test_gibbs_fills_what_is_too_much_to_sum():
    b, W = truth(14, 0.4)
    rows = drawn(b, W, 1500)
    model = BoltzmannMachine(alpha=0.01, n_thinning=1500, n_burn_in=50).fit(rows)
    x = np.full((1, 14), np.nan)
    x[0, :2] = 1, 0
    states = every_row(12)
    full = np.column_stack([np.ones(4096), np.zeros(4096), states])
    log_p = model.score_samples(full)
    expected = np.exp(log_p - logsumexp(log_p)) @ states
    np.testing.assert_allclose(model.impute(x)[0, 2:], expected, atol=0.04)
    draws = model.sample_conditional(np.tile(x, (2000, 1)), random_state=0)[0]
    np.testing.assert_array_equal(draws[:, :2], np.tile([1, 0], (2000, 1)))
    assert np.abs(draws[:, 2:].mean(axis=0) - expected).max() < 5 * 0.5 / np.sqrt(2000)


def test_draws_have_the_moments_of_the_machine(visible):
    p = np.exp(visible.score_samples(every_row(5)))
    expected = (every_row(5).T * p) @ every_row(5)
    draws = visible.sample(20_000, random_state=0)
    assert np.abs(draws.T @ draws / 20_000 - expected).max() < 5 * 0.5 / np.sqrt(20_000)


@pytest.fixture(scope="module")
def wide():
    """Two machines side by side, too many units to enumerate at once, and their rows."""
    halves = [truth(11, 0.5, seed) for seed in (1, 2)]
    rows = np.hstack([drawn(*half, 3000, seed) for seed, half in enumerate(halves)])
    return BoltzmannMachine(n_ais_steps=400, n_burn_in=200).fit(rows), rows


def test_annealing_agrees_with_enumeration_of_many_units(wide):
    model, rows = wide
    assert model.solver_ == "pseudo_likelihood"
    assert model.likelihood_kind_ == "ais"
    exact = model.estimate_log_partition("exact")
    assert model.log_partition_std_ == 0
    estimate = model.estimate_log_partition("ais", n_chains=1000)
    assert 0 < model.log_partition_std_ < 0.2
    assert abs(estimate - exact) < 3 * model.log_partition_std_
    forward, reverse = model.log_partition_bracket(n_chains=1000)
    assert abs(forward - exact) < 0.1
    assert abs(reverse - exact) < 0.1
    assert model.score(rows) == pytest.approx(model.score_samples(rows).mean())


def test_draws_of_chains_have_the_moments_of_the_rows(wide):
    model, rows = wide
    draws = model.sample(4000, random_state=0)
    expected = rows.T @ rows / len(rows)
    assert np.abs(draws.T @ draws / 4000 - expected).max() < 0.06


def test_wide_machines_find_their_interactions(wide):
    model, _ = wide
    of_pairs = np.abs(model.interactions_)
    within = np.concatenate([of_pairs[:11, :11].ravel(), of_pairs[11:, 11:].ravel()])
    assert within.mean() > 3 * of_pairs[:11, 11:].mean()


def test_neither_order_nor_weights_in_place_of_copies_matter():
    rng = np.random.default_rng(0)
    few, counts = X[:60], rng.integers(1, 4, size=60)
    for settings in ({}, {"penalty": "l1"}, {"n_hidden": 2, "tol": 1e-3, "random_state": 0}):
        one = BoltzmannMachine(**settings).fit(few, sample_weight=counts)
        copies = rng.permutation(np.repeat(few, counts, axis=0))
        other = BoltzmannMachine(**settings).fit(copies)
        np.testing.assert_allclose(other.interactions_, one.interactions_, atol=1e-5)
        assert other.alpha_ == pytest.approx(one.alpha_)


def test_constant_and_equal_columns_have_finite_parameters():
    rows = np.column_stack([X[:, 0], X[:, 0], np.ones(len(X)), X[:, 1]])
    for solver in ("exact", "pseudo_likelihood"):
        model = BoltzmannMachine(solver=solver).fit(rows)
        assert np.abs(model.interactions_).max() < 20
        assert np.isfinite(model.interactions_std_).all()
        assert np.isfinite(model.score(1 - rows))


def test_few_rows_are_held_off_by_the_penalty():
    b, W = truth(12, 0.0)
    few, many = drawn(b, W, 60, 1), drawn(b, W, 5000, 2)
    for penalty in ("l1", "l2"):
        chosen = BoltzmannMachine(penalty=penalty).fit(few)
        assert chosen.score(many) > BoltzmannMachine(alpha=0.003).fit(few).score(many) + 0.3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_hidden": 16, "solver": "exact"}, "states of 21 units, but takes at most 20"),
        ({"n_hidden": 1, "solver": "pseudo_likelihood"}, "no hidden units, but n_hidden=1"),
        ({"penalty": "l1", "n_hidden": 16}, 'the solver is "persistent"; use'),
        ({"n_hidden": 21, "inference": "exact"}, "n_hidden=21 units in each row"),
        ({"coding": "spin"}, r"in \[-1, 1\], but X ranges from 0 to 2; scale X"),
    ],
)
def test_what_cannot_be_is_refused(settings, message):
    rows = X + X[:, :1] if "coding" in settings else X
    with pytest.raises(ValueError, match=message):
        BoltzmannMachine(**settings).fit(rows)


def test_an_end_before_convergence_warns():
    with pytest.warns(ConvergenceWarning, match="after 1 iteration; raise max_iter=1 or tol"):
        BoltzmannMachine(max_iter=1, alpha=0.0).fit(X)
