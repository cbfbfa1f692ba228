"""Machines of one layer that learn labels: against enumeration, differences, and limits."""

import copy
import pickle

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold, cross_val_score, train_test_split

from skgen import BernoulliRBM, FineTunedClassifier
from skgen.boltzmann.learning.hybrid_gradient import (
    HybridGradient,
    fused_label_gradient,
    label_gradient,
    label_loss,
)
from skgen.nets.boltzmann.rbm import RBM
from tests.boltzmann.machines import joint_table, states

D, K, N_CLASSES = 5, 4, 3


def random_net(seed=0, scale=1.0, k=K):
    net = RBM(D + N_CLASSES, k, N_CLASSES)
    generator = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        parameter.data.normal_(0, scale, generator=generator)
    return net


def as_estimator(net, **parameters):
    """A fitted estimator whose machine is the given one."""
    rng = np.random.default_rng(0)
    X = (rng.random((40, D)) < 0.5).astype(np.float32)
    model = BernoulliRBM(
        len(net.weight), use_labels=True, max_iter=1, n_chains=500, random_state=0, **parameters
    )
    model.fit(X, np.arange(40) % N_CLASSES)
    model.module_.averaged_net.load_state_dict(net.state_dict())
    model._finish(None)
    return model


def joint(net):
    """Log p(v, y) of all states, (2^d, n_classes)."""
    full = logsumexp(joint_table(net), axis=1)
    # State i holds the bits of i, the labels in the upper ones.
    each = [full[2**D * 2**j :][: 2**D] for j in range(N_CLASSES)]
    return np.stack(each, 1) - logsumexp(each)


def labeled_rows(known):
    """Rows of a partly labeled batch: all states, and labels where they are known."""
    labels = np.eye(N_CLASSES)[np.arange(2**D) % N_CLASSES] * known[:, None]
    return torch.tensor(np.hstack([states(D), labels]))


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return train_test_split(X / 16, y, test_size=600, stratify=y, random_state=0)


def test_densities_and_predictions_are_those_of_the_joint_table():
    net = random_net()
    model, log_p = as_estimator(net), joint(net)
    np.testing.assert_allclose(model.score_samples(states(D)), logsumexp(log_p, 1), atol=1e-8)
    expected = np.exp(log_p - logsumexp(log_p, 1)[:, None])
    np.testing.assert_allclose(model.predict_proba(states(D)), expected, rtol=1e-4)
    np.testing.assert_array_equal(model.predict(states(D)), expected.argmax(1))
    assert model.score(states(D)) == pytest.approx(logsumexp(log_p, 1).mean())
    # log p(v, y) by the verbs: that of v, and of y given v.
    both = model.score_samples(states(D))[:, None] + np.log(model.predict_proba(states(D)))
    np.testing.assert_allclose(both, log_p, atol=1e-4)


def test_features_average_over_the_labels():
    net = random_net()
    V, Y = states(D), np.eye(N_CLASSES)
    given_both = [
        torch.sigmoid(
            net.hidden_input(torch.tensor(np.hstack([V, np.tile(y, (len(V), 1))])).float())
        )
        for y in Y
    ]
    p = np.exp(joint(net) - logsumexp(joint(net), 1)[:, None])
    expected = sum(p[:, [j]] * h.detach().numpy() for j, h in enumerate(given_both))
    model = as_estimator(net)
    np.testing.assert_allclose(model.transform(V), expected, atol=1e-5)
    assert model.inverse_transform(model.transform(V)).shape == V.shape
    assert model.components_.shape == (K, D)
    assert model.label_components_.shape == (K, N_CLASSES)
    assert model.intercept_label_.shape == (N_CLASSES,)


def test_pseudo_likelihood_is_the_product_of_the_conditionals():
    net = random_net()
    model, log_p = as_estimator(net), logsumexp(joint(net), 1)
    expected = np.zeros(2**D)
    for j in range(D):
        flipped = np.arange(2**D) ^ (1 << j)
        expected += log_p - np.logaddexp(log_p, log_p[flipped])
    np.testing.assert_allclose(model.pseudo_likelihood(states(D)), expected, rtol=1e-8)


def test_ais_agrees_with_enumeration():
    model = as_estimator(random_net())
    exact = model.estimate_log_partition("exact")
    assert model.estimate_log_partition("ais", n_chains=500, n_steps=300) == pytest.approx(
        exact, abs=0.1
    )


def test_draws_have_the_moments_of_the_joint():
    net = random_net()
    model, log_p = as_estimator(net, n_burn_in=50, n_thinning=10), joint(net)
    p = np.exp(logsumexp(log_p, 1))
    np.testing.assert_allclose(model.sample(10_000, 0).mean(0), p @ states(D), atol=0.02)
    for label in range(N_CLASSES):
        given = np.exp(log_p[:, label] - logsumexp(log_p[:, label]))
        drawn = model.sample_class(label, 5000, random_state=0)
        np.testing.assert_allclose(drawn.mean(0), given @ states(D), atol=0.03)
    rows = states(D)[np.random.default_rng(0).choice(2**D, 20_000, p=p)]
    np.testing.assert_allclose(model.gibbs(rows, random_state=0).mean(0), p @ states(D), atol=0.02)
    with pytest.raises(ValueError, match="label=7 was not seen"):
        model.sample_class(7)


def test_imputation_sums_the_labels_out():
    net = random_net(seed=3)
    p = np.exp(logsumexp(joint(net), 1))
    row = np.array([[1.0, np.nan, 0.0, 1.0, np.nan]])
    fits = (states(D)[:, [0, 2, 3]] == row[0, [0, 2, 3]]).all(1)
    truth = (p[fits] @ states(D)[fits]) / p[fits].sum()
    model = as_estimator(net, n_thinning=2000, n_burn_in=30)
    np.testing.assert_allclose(np.mean(model.impute(row.repeat(4, 0)), 0), truth, atol=0.03)
    draws = model.sample_conditional(row, n_draws=4000, random_state=0)
    np.testing.assert_allclose(draws.mean(0)[0], truth, atol=0.03)


def flat(net):
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def moved(net, values):
    twin = copy.deepcopy(net)
    torch.nn.utils.vector_to_parameters(values, twin.parameters())
    return twin


@pytest.mark.parametrize("known", [np.ones(2**D), np.arange(2**D) % 3 > 0], ids=["all", "some"])
def test_gradient_of_labels_given_the_rest_against_finite_differences(known):
    net = random_net().double()
    rows = labeled_rows(known)
    with torch.no_grad():
        loss, left, right, of_b, of_c = label_gradient(net, rows, 2.0, not known.all())
    written = torch.cat([(left.T @ right).flatten(), of_b, of_c])

    @torch.no_grad()
    def value(values):
        return float(label_loss(moved(net, values), rows, None))

    log_p = joint(net)
    log_p = log_p - logsumexp(log_p, 1)[:, None]
    mean = log_p[np.arange(2**D), np.arange(2**D) % N_CLASSES][known.astype(bool)].mean()
    assert float(loss) == pytest.approx(-mean)
    assert value(flat(net)) == pytest.approx(-mean)
    step = 1e-5
    for number in np.random.default_rng(0).choice(len(written), 25, replace=False):
        change = torch.zeros_like(flat(net))
        change[number] = step
        slope = (value(flat(net) + change) - value(flat(net) - change)) / (2 * step)
        # A label weighs as much however few there are.
        assert float(written[number]) == pytest.approx(2.0 * known.mean() * slope, abs=1e-7)


@pytest.mark.parametrize("partly", [False, True])
@pytest.mark.parametrize("k", [1, 4, 300])
def test_the_fused_gradient_is_that_of_the_textbook(partly, k):
    net = random_net(k=k).requires_grad_(False)
    known = np.arange(2**D) % 3 > 0 if partly else np.ones(2**D)
    rows = labeled_rows(known).float()
    for fused, plain in zip(
        fused_label_gradient(net, rows, 2.0, partly), label_gradient(net, rows, 2.0, partly)
    ):
        torch.testing.assert_close(fused, plain, rtol=1e-4, atol=2e-6)


class Written:
    """An optimizer that keeps what it is given."""

    def put_product(self, weight, left, right):
        weight.grad.copy_(left.T @ right)


def test_rows_without_a_label_follow_the_density_of_their_features():
    """The mean gradient of a batch is that of log p(v, y) or log p(v), row by row."""
    net = random_net().requires_grad_(False)
    known = np.arange(2**D) % 2 == 0
    # Bits as data, and a model that is enumerated instead of sampled.
    log_p = joint(net)
    everything = np.hstack([np.tile(states(D), (N_CLASSES, 1)), np.eye(N_CLASSES).repeat(2**D, 0)])
    p = np.exp(log_p.T.ravel())
    V = torch.tensor(everything).float()
    n = 20_000
    counts = np.random.default_rng(0).choice(len(p), n, p=p)

    def exact_model(layers, inputs):
        v = V[counts]
        return v, torch.sigmoid(net.hidden_input(v))

    gradient = HybridGradient(
        net, exact_model, Written(), centered=False, weight=0.0, fills_labels=True
    )
    generator = torch.Generator().manual_seed(0)
    total = 0
    rows = labeled_rows(known).float()
    for _ in range(300):
        gradient(rows, generator)
        total = total + torch.cat([p.grad.flatten() for p in net.parameters()]) / 300
    twin = copy.deepcopy(net).double().requires_grad_(True)
    v = torch.tensor(everything)
    log_all = -twin.free_energy(v).view(N_CLASSES, -1).T
    log_all = log_all - torch.logsumexp(log_all.flatten(), 0)
    own = log_all[torch.arange(2**D), torch.arange(2**D) % N_CLASSES]
    objective = torch.where(torch.tensor(known), own, torch.logsumexp(log_all, 1)).mean()
    (-objective).backward()
    expected = torch.cat([p.grad.flatten() for p in twin.parameters()])
    torch.testing.assert_close(total.double(), expected, atol=0.02, rtol=0)


def votes(n=200):
    """Tosses of six coins; the label is what most of the first three show."""
    X = (np.random.default_rng(0).random((n, 6)) < 0.5).astype(np.float64)
    return X, (X[:, :3].sum(axis=1) > 1.5).astype(int)


def test_weights_from_the_joint_density_alone_to_the_labels_alone():
    X, y = votes()
    model = BernoulliRBM(8, use_labels=True, max_iter=200, init_scale=0.3, random_state=0)
    scores, accuracies = {}, {}
    for weight in (0.0, 20.0, np.inf):
        fitted = clone(model).set_params(discriminative_weight=weight).fit(X, y)
        scores[weight] = fitted.score_samples(X).mean()
        accuracies[weight] = (fitted.predict(X) == y).mean()
    # The features are tosses of a coin: -6 log 2 is the best density of them.
    assert scores[0.0] > -6 * np.log(2) - 0.15
    assert scores[np.inf] < scores[0.0] - 0.3
    assert accuracies[np.inf] == accuracies[20.0] == 1.0
    pure = clone(model).set_params(discriminative_weight=np.inf)
    some = np.arange(len(X)) % 2 == 0
    few, marked = clone(pure).fit(X[some], y[some]), clone(pure).fit(X, np.where(some, y, -1))
    assert few.n_iter_ == marked.n_iter_
    np.testing.assert_allclose(few.loss_curve_, marked.loss_curve_, atol=0.2)
    # The model's half of the gradient is not asked for: its chains rest.
    chains = pure.fit(X, y).module_.chains
    torch.testing.assert_close(chains, pure.set_params(max_iter=1).fit(X, y).module_.chains)


def test_the_automatic_step_of_the_labels_has_a_limit():
    def step(weight):
        model = BernoulliRBM(8, use_labels=True, discriminative_weight=weight, max_iter=1)
        X, y = votes(50)
        model.fit(X, y)
        (stage,) = model._stages(copy.deepcopy(model.module_).requires_grad_(True))
        (phase,) = stage.phases
        factor = weight if weight < np.inf else 1
        return phase.optimizer.param_groups[0]["lr"] * factor

    # Of the labels' gradient: it grows with the weight up to 20, and then no further.
    assert step(10) == pytest.approx(step(20) / 2)
    assert step(20) == pytest.approx(step(500)) == step(np.inf)


def test_labels_of_digits(digits):
    X, X_test, y, y_test = digits
    names = np.array([f"digit {j}" for j in range(10)])
    model = BernoulliRBM(64, use_labels=True, n_gibbs_steps=1, max_iter=60, random_state=0).fit(
        X, names[y]
    )
    assert is_classifier(model)
    assert list(model.classes_) == sorted(names)
    assert (model.predict(X_test) == names[y_test]).mean() > 0.92
    np.testing.assert_allclose(model.predict_proba(X_test).sum(axis=1), 1, atol=1e-5)
    drawn = model.sample_class("digit 3", 200)
    assert (model.predict(drawn) == "digit 3").mean() > 0.5
    twin = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(twin.predict_proba(X_test), model.predict_proba(X_test))


def test_rows_without_a_label_teach():
    """Two patterns with a third of the bits tossed anew, and three labels of each."""
    rng = np.random.default_rng(0)
    y = np.arange(600) % 2
    patterns = rng.random((2, 24)) < 0.5
    X = np.where(rng.random((600, 24)) < 0.6, rng.random((600, 24)) < 0.5, patterns[y]) * 1.0
    known = np.where(np.arange(600) < 6, y, -1)
    model = BernoulliRBM(4, use_labels=True, max_iter=60, random_state=0).fit(X, known)
    alone = clone(model).set_params(max_iter=360).fit(X[:6], y[:6])
    accuracy, few = ((m.predict(X[6:]) == y[6:]).mean() for m in (model, alone))
    assert accuracy > few + 0.1
    assert model.score(X) > alone.score(X) + 1


def test_early_stopping_watches_the_labels(digits):
    X, _, y, _ = digits
    model = BernoulliRBM(
        32, use_labels=True, early_stopping=True, max_iter=30, tol=0.0, random_state=0
    ).fit(X[:600], y[:600])
    # In nats of a label, not of 64 features.
    assert 0 < model.best_loss_ < 2.5
    no_labels = np.where(np.arange(600) < 3, y[:600], -1)
    no_labels[0] = (y[1] + 1) % 10
    assert len(clone(model).set_params(max_iter=2).fit(X[:600], no_labels).loss_curve_) == 2


def test_sparse_rows_are_the_same_rows(digits):
    X, _, y, _ = digits
    X, known = X[:200], np.where(np.arange(200) % 3, y[:200], -1)
    model = BernoulliRBM(8, use_labels=True, max_iter=2, random_state=0)
    dense, sparse = clone(model).fit(X, known), clone(model).fit(csr_matrix(X), known)
    np.testing.assert_allclose(sparse.components_, dense.components_, atol=1e-5)
    np.testing.assert_allclose(
        sparse.predict_proba(csr_matrix(X)), dense.predict_proba(X), atol=1e-5
    )


@pytest.mark.parametrize(
    "parameters",
    [{"negative_phase": "pt", "n_temperatures": 3}, {"negative_phase": "cd"}, {"centered": False}],
    ids=str,
)
def test_every_way_of_learning_takes_labels(parameters):
    X, y = votes()
    model = BernoulliRBM(
        8, use_labels=True, max_iter=100, init_scale=0.3, n_chains=20, random_state=0, **parameters
    )
    assert (model.fit(X, y).predict(X) == y).mean() > 0.95


def test_labels_of_a_stream():
    X, y = votes()
    model = BernoulliRBM(8, use_labels=True, random_state=0)
    with pytest.raises(ValueError, match="classes=None in the first call"):
        model.partial_fit(X, y)
    # A mark is no class, and a call may hold nothing else.
    model.partial_fit(X, np.where(y, 1, -1), classes=[-1, 0, 1])
    assert list(model.classes_) == [0, 1]
    before = model.n_iter_
    assert model.partial_fit(X, np.full(len(X), -1)).n_iter_ > before
    with pytest.raises(ValueError, match="y has the label 7"):
        model.partial_fit(X, np.full(len(X), 7))
    assert np.isfinite(model.predict_proba(X)).all()


def test_a_class_may_be_missing_in_a_fold():
    X, y = votes(90)
    y = np.where(np.arange(90) < 30, 2, y)
    model = BernoulliRBM(4, use_labels=True, max_iter=2, random_state=0)
    scores = cross_val_score(model, X, y, cv=KFold(3), scoring="accuracy", error_score="raise")
    assert scores[0] == 0


def test_errors_say_what_to_do():
    X, y = votes(20)
    model = BernoulliRBM(4, use_labels=True, max_iter=1)
    with pytest.raises(ValueError, match="y is None; mark rows without a label by the number -1"):
        model.fit(X)
    with pytest.raises(ValueError, match="one class, 1, in its 20 labeled rows.*never a class"):
        model.fit(X, np.ones(20, int))
    with pytest.raises(ValueError, match="marks all of its 20 rows by -1"):
        model.fit(X, np.full(20, -1))
    with pytest.raises(ValueError, match="use use_labels=False"):
        FineTunedClassifier(model).fit(X, y)
    plain = BernoulliRBM(4, max_iter=1).fit(X, y)
    assert not hasattr(plain, "predict")
    assert not hasattr(plain, "label_components_")
    with pytest.raises(ValueError, match="classes are given.*by name, as sample_weight"):
        plain.partial_fit(X, None, np.ones(20))
    with pytest.raises(ValueError, match="use_labels=True, but the networks of the earlier fit"):
        plain.set_params(use_labels=True).partial_fit(X, y, classes=[0, 1])


def test_models_of_earlier_versions_have_no_labels():
    X, _ = votes(50)
    model = BernoulliRBM(4, max_iter=2, random_state=0).fit(X)
    state = model.__getstate__()
    for parameters in (state, state["_built_for"]["params"]):
        parameters.pop("use_labels")
        parameters.pop("discriminative_weight")
    twin = object.__new__(BernoulliRBM)
    twin.__setstate__(state)
    np.testing.assert_array_equal(twin.transform(X), model.transform(X))
    assert not hasattr(twin, "predict")
