import copy

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline

from skgen import DeepBeliefNetwork
from skgen.base.labels import one_hot
from skgen.boltzmann.learning.gradient import Contrast
from skgen.boltzmann.learning.hybrid_gradient import label_gradient
from skgen.exceptions import DataRangeWarning
from skgen.nets.boltzmann.dbn import DBN
from skgen.nets.boltzmann.directed import log_bits, log_weights
from skgen.nets.boltzmann.rbm import RBM
from tests.boltzmann.machines import joint_table, states

SIZES = (4, 3)
D = 6


def random_network(scale=1.0, seed=0, sizes=SIZES, n_classes=0, tied=True, **parameters):
    """A fitted estimator with weights and biases from N(0, scale^2)."""
    rng = np.random.default_rng(seed)
    X = (rng.random((40, D)) < 0.5).astype(np.float64)
    model = DeepBeliefNetwork(
        sizes,
        visible="binary",
        use_labels=n_classes > 0,
        n_finetune_iter=0 if tied else 1,
        max_iter=1,
        n_chains=500,
        random_state=0,
        **parameters,
    )
    model.fit(X, np.arange(40) % max(n_classes, 1))
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.module_.averaged_net.parameters():
        parameter.normal_(0, scale, generator=generator)
    model._finish(X)
    return model


def table(net):
    """Log p(x, h_1) of all states of a two-layer network, labels summed out, (2^d, 2^k)."""
    d, k = D, SIZES[0]
    V, H = (torch.tensor(states(n), dtype=torch.float64) for n in (d, k))
    net = copy.deepcopy(net).double()
    lower = net.generative[0].log_visible(V[:, None], H[None])
    top = torch.tensor(log_marginal_of_top(net.top, k))
    return (lower + top[None]).numpy()


def log_marginal_of_top(top, k):
    """Log p(h_1) of all states of the top's visible units other than its labels."""
    full = logsumexp(joint_table(top), axis=1)
    allowed = full[None]
    if top.n_classes:
        # State i holds the bits of i, the labels in the upper ones.
        allowed = np.stack([full[2**k * 2**j :][: 2**k] for j in range(top.n_classes)])
    return logsumexp(allowed, axis=0) - logsumexp(allowed)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data / 16, load_digits().target


@pytest.mark.parametrize("n_classes", [0, 3])
def test_log_partition_counts_every_state(n_classes):
    model = random_network(n_classes=n_classes)
    top = model.module_.averaged_net.top
    full = logsumexp(joint_table(top), axis=1)
    k = SIZES[0]
    if n_classes:
        full = np.concatenate([full[2**k * 2**j :][: 2**k] for j in range(n_classes)])
    assert model.estimate_log_partition() == pytest.approx(logsumexp(full), abs=1e-10)


@pytest.mark.parametrize("n_classes", [0, 3])
def test_ais_of_the_top_agrees_with_enumeration(n_classes):
    in_units = []
    for seed in range(8):
        model = random_network(seed=seed, n_classes=n_classes)
        exact = model.estimate_log_partition("exact")
        error = model.estimate_log_partition("ais", n_chains=500, n_steps=300) - exact
        assert abs(error) < 0.1
        in_units.append(abs(error) / model.log_partition_std_)
    assert max(in_units) < 3.5
    forward, reverse = model.log_partition_bracket(n_chains=500, n_steps=300)
    assert forward - 0.15 < exact < reverse + 0.15


@pytest.mark.parametrize("n_classes", [0, 3])
@pytest.mark.parametrize("tied", [True, False])
def test_the_bound_lies_below_the_likelihood(n_classes, tied):
    model = random_network(0.7, n_classes=n_classes, tied=tied)
    net = copy.deepcopy(model.module_.averaged_net).double()
    joint = table(net)
    exact = logsumexp(joint, axis=1)
    assert logsumexp(exact) == pytest.approx(0, abs=1e-6)
    X, H = (torch.tensor(states(k)) for k in (D, SIZES[0]))
    log_q = log_bits(H[None], net.recognition[0].hidden_input(X)[:, None]).numpy()
    evidence = (np.exp(log_q) * (joint - log_q)).sum(axis=1)
    assert (evidence < exact + 1e-9).all()
    # The mean weight is the likelihood; the mean logarithm of n weights rises toward it.
    means = []
    for n in (1, 8, 64):
        noise = torch.rand(n, 300 * len(X), SIZES[0], generator=torch.Generator().manual_seed(n))
        log_w = log_weights(net, X.repeat(300, 1), [noise]) - model.estimate_log_partition()
        bounds = (torch.logsumexp(log_w, 0) - np.log(n)).view(300, -1).mean(0).numpy()
        means.append(np.exp(exact) @ bounds)
    p = np.exp(exact)
    assert means[0] == pytest.approx(p @ evidence, abs=0.05)
    assert means[0] < means[1] < means[2] < p @ exact + 0.005
    model.set_params(n_score_samples=4096)
    np.testing.assert_allclose(model.score_samples(states(D)), exact, atol=0.1)


def test_the_bound_is_tight_where_the_posterior_factorizes():
    model = random_network(seed=1)
    net = model.module_.averaged_net
    # A top without weights whose biases are those that the layer below has as a machine.
    net.generative[0].weight.zero_()
    net.top.weight.zero_()
    net.generative[0].hidden_bias.copy_(net.top.visible_bias)
    model._finish(states(D))
    exact = logsumexp(table(model.module_.averaged_net), axis=1)
    np.testing.assert_allclose(model.score_samples(states(D)), exact, atol=1e-5)


def test_samples_have_the_moments_of_the_model():
    model = random_network(seed=2, n_burn_in=50)
    p = np.exp(logsumexp(table(model.module_.averaged_net), axis=1))
    V = states(D)
    mean = p @ V
    second = V.T @ (p[:, None] * V)
    drawn = model.set_params(n_thinning=20).sample(20_000, random_state=1)
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(drawn.T @ drawn / len(drawn), second, atol=0.02)


def test_clamped_chains_leave_the_conditional():
    model = random_network(0.7, seed=3, n_burn_in=100, n_thinning=2000)
    p = np.exp(logsumexp(table(model.module_.averaged_net), axis=1))
    V = states(D)
    row = np.array([[1.0, 0, 1, np.nan, np.nan, 0]])
    agrees = (V[:, [0, 1, 2, 5]] == row[0, [0, 1, 2, 5]]).all(axis=1)
    expected = p[agrees] @ V[agrees] / p[agrees].sum()
    draws = model.sample_conditional(np.repeat(row, 50, axis=0), n_draws=100)
    np.testing.assert_allclose(draws.mean(axis=(0, 1)), expected, atol=0.03)
    mean = model.impute(np.repeat(row, 20, axis=0)).mean(axis=0)
    np.testing.assert_allclose(mean, expected, atol=0.02)


def test_labels_are_predicted_by_the_joint_of_the_top():
    model = random_network(n_classes=3)
    net = model.module_.averaged_net
    u = net.up_means(torch.tensor(states(D)).float()).double()
    top = copy.deepcopy(net.top).double()
    energies = [
        -top.free_energy(torch.cat([u, torch.eye(3, dtype=torch.float64)[j].expand(len(u), 3)], 1))
        for j in range(3)
    ]
    expected = torch.softmax(torch.stack(energies, 1), 1).numpy()
    proba = model.predict_proba(states(D))
    np.testing.assert_allclose(proba, expected, rtol=1e-4)
    np.testing.assert_array_equal(model.predict(states(D)), expected.argmax(axis=1))


def test_a_held_label_draws_its_class():
    model = random_network(seed=4, n_classes=3, n_burn_in=50)
    net = copy.deepcopy(model.module_.averaged_net).double()
    full = logsumexp(joint_table(net.top), axis=1)
    k = SIZES[0]
    H = torch.tensor(states(k))
    for j in range(3):
        weights = full[2**k * 2**j :][: 2**k]
        p = np.exp(weights - logsumexp(weights))
        expected = p @ net.generative[0].visible_mean(H).numpy()
        drawn = model.sample_class(j, 5000, random_state=j)
        np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=0.03)
    with pytest.raises(ValueError, match="label=7 was not seen"):
        model.sample_class(7)


def test_training_layer_by_layer_raises_the_likelihood():
    rng = np.random.default_rng(0)
    centers = rng.random((4, D)) < 0.5
    X = (centers[rng.integers(4, size=500)] ^ (rng.random((500, D)) < 0.1)).astype(float)
    scores = {}
    for n in (1, 200):
        model = DeepBeliefNetwork(SIZES, max_iter=n, n_chains=50, random_state=0).fit(X)
        exact = logsumexp(table(model.module_.averaged_net), axis=1)
        numbers = (X @ 2 ** np.arange(D)).astype(int)
        scores[n] = exact[numbers].mean()
    assert scores[200] > scores[1] + 0.3


def test_fine_tuning_unties_the_weights_and_keeps_the_bound(digits):
    X = digits[0]
    greedy = DeepBeliefNetwork((32, 16), max_iter=30, random_state=0).fit(X)
    tuned = clone(greedy).set_params(n_finetune_iter=20).fit(X)
    net = tuned.module_.averaged_net
    assert not torch.equal(net.recognition[0].weight, net.generative[0].weight)
    assert tuned.n_iter_ == 2 * 30 + 20
    assert tuned.score(X) > greedy.score(X)


def test_labels_of_digits(digits):
    X, X_test, y, y_test = train_test_split(*digits, test_size=360, random_state=0)
    X, X_test = X >= 0.5, X_test >= 0.5
    names = np.array([f"digit {j}" for j in range(10)])
    model = DeepBeliefNetwork((64, 64), use_labels=True, max_iter=80, random_state=0)
    model.fit(X, names[y])
    assert list(model.classes_) == sorted(names)
    assert (model.predict(X_test) == names[y_test]).mean() > 0.85
    np.testing.assert_allclose(model.predict_proba(X_test).sum(axis=1), 1, atol=1e-5)
    drawn = model.sample_class("digit 3", 200)
    assert (model.predict(drawn) == "digit 3").mean() > 0.5


@pytest.mark.parametrize("centered", [True, False])
def test_gradient_of_the_label_given_the_rest(centered):
    net = RBM(7, 5, 3).double()
    generator = torch.Generator().manual_seed(0)
    for parameter in net.parameters():
        parameter.data.normal_(0, 1, generator=generator)
    x = torch.rand(20, 4, generator=generator, dtype=torch.float64)
    labels = torch.arange(20) % 3
    energies = DBN([], [], net).class_free_energies(x)
    expected = torch.nn.functional.cross_entropy(-energies, labels)
    of_W, of_b, of_c = torch.autograd.grad(2.5 * expected, list(net.parameters()))
    rows = torch.cat([x, torch.nn.functional.one_hot(labels, 3).double()], 1)
    with torch.no_grad():
        loss, *mine = label_gradient(net, rows, 2.5)
    torch.testing.assert_close(loss, expected.detach())
    torch.testing.assert_close(mine[0].T @ mine[1], of_W)
    torch.testing.assert_close(mine[2], of_b)
    torch.testing.assert_close(mine[3], of_c)

    # Where data and model agree, only the labels' part is left, about the layers' means.
    h = torch.sigmoid(net.hidden_input(rows)).detach()
    b, c = torch.zeros(7).double(), torch.zeros(5).double()
    with torch.no_grad():
        left, right = Contrast(centered)(b, c, (rows, h), (rows, h), mine)
    if centered:
        mu, offset = rows.mean(0), h.mean(0)
        of_W = of_W - torch.outer(offset, of_b) - torch.outer(of_c, mu)
        of_b, of_c = of_b - offset @ of_W, of_c - of_W @ mu
    torch.testing.assert_close(left.T @ right, of_W)
    torch.testing.assert_close(b, of_b)
    torch.testing.assert_close(c, of_c)


def test_labels_of_a_stream(digits):
    X, y = digits[0][:400], digits[1][:400] - 1
    model = DeepBeliefNetwork((8, 6), use_labels=True, max_iter=2, random_state=0)
    with pytest.raises(ValueError, match="classes=None in the first call"):
        model.partial_fit(X, y)
    assert not hasattr(model, "classes_")
    small = y < 4
    model.partial_fit(X[small], y[small], classes=np.unique(y))
    before = model.n_iter_
    assert list(model.classes_) == list(range(-1, 9))
    assert model.partial_fit(X[~small], y[~small]).n_iter_ > before
    assert model.predict_proba(X).shape == (400, 10)
    with pytest.raises(ValueError, match="classes=.* differ from"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="y has the label 17"):
        model.partial_fit(X[:5], [17] * 5)
    model.fit(X[small], y[small]).partial_fit(X[small], y[small])
    assert list(model.classes_) == [-1, 0, 1, 2, 3]


def test_y_is_ignored_without_labels(digits):
    X, y = digits
    model = DeepBeliefNetwork((16, 8), max_iter=2, random_state=0)
    expected = clone(model).fit(X).transform(X)
    np.testing.assert_array_equal(clone(model).fit(X, y).transform(X), expected)
    assert not hasattr(model, "predict")
    pipeline = make_pipeline(model, LogisticRegression(max_iter=50))
    search = GridSearchCV(pipeline, {"deepbeliefnetwork__max_iter": [1, 2]}, cv=2)
    assert search.fit(X[:200], y[:200]).best_score_ > 0.1


@pytest.mark.parametrize("use_labels", [True, False])
def test_real_valued_data_are_in_units_of_X(use_labels):
    X, y = load_wine(return_X_y=True)
    model = DeepBeliefNetwork(
        (16, 8), use_labels=use_labels, max_iter=100, n_finetune_iter=5, random_state=0
    ).fit(X, y)
    assert model.visible_ == "gaussian"
    rescaled = clone(model).fit(1000 * X, y)
    shift = X.shape[1] * np.log(1000)
    assert rescaled.score(1000 * X) == pytest.approx(model.score(X) - shift, abs=0.1)
    np.testing.assert_allclose(model.sample(2000).mean(axis=0), X.mean(axis=0), rtol=0.5)
    noise = -0.5 * X.shape[1] * np.log(2 * np.pi * np.e) - np.log(X.std(axis=0)).sum()
    assert model.score(X) > noise


def test_errors_say_what_to_do():
    X = np.eye(4)
    with pytest.raises(ValueError, match="has 1 layers"):
        DeepBeliefNetwork((3,)).fit(X)
    with pytest.raises(ValueError, match="hidden_layer_sizes.*ints of at least 1"):
        DeepBeliefNetwork((3, 0)).fit(X)
    with pytest.raises(ValueError, match="y is None; label every row, or use use_labels=False"):
        DeepBeliefNetwork((3, 2), use_labels=True).fit(X)
    with pytest.raises(ValueError, match="the label c, which the earlier fit had not"):
        one_hot(["a", "c"], np.array(["a", "b"]))
    with pytest.warns(DataRangeWarning, match='visible="gaussian"'):
        DeepBeliefNetwork((3, 2), visible="binary", max_iter=1).fit(3 * X)


def test_the_defaults_hold_where_codes_move_along_few_directions():
    # With the whole step the top runs away here, to a bound of -1e5.
    X = load_breast_cancer().data
    train, test = train_test_split(X, random_state=0)
    assert DeepBeliefNetwork(random_state=0).fit(train).score(test) > 13
