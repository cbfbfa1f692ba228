import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine, make_moons
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.neighbors import NearestNeighbors
from sklearn.semi_supervised import LabelSpreading
from torch import nn

from skgen import BernoulliRBM, FineTunedClassifier, FineTunedRegressor
from skgen.pretraining import classifier, neighbors
from skgen.pretraining.neighbors import (
    STAY,
    Teacher,
    nearest,
    neighbor_graph,
    quarter_gap,
    spread_labels,
)


@pytest.fixture
def rows():
    """Rows in two heaps, and the labels of two in each; NaN marks the others."""
    rng = np.random.default_rng(0)
    Z = np.concatenate([rng.normal(0, 1, (20, 3)), rng.normal(3, 1, (12, 3))])
    known = np.full((32, 2), np.nan)
    known[[0, 1]], known[[20, 21]] = (1, 0), (0, 1)
    return Z, known


def few(y, n_labels, seed=0):
    """The labels y with all but some, drawn by class, put to -1."""
    split = StratifiedShuffleSplit(1, train_size=n_labels, random_state=seed)
    (kept, _), *_ = split.split(y, y)
    known = np.full_like(y, -1)
    known[kept] = y[kept]
    return known


def test_weights_fall_on_the_scale_of_both_ends(rows):
    Z, _ = rows
    distances = np.linalg.norm(Z[:, None] - Z, axis=2)
    scale = np.sort(distances, axis=1)[:, 4]
    expected = np.exp(-(distances**2) / np.outer(scale, scale))
    near = np.argsort(distances, axis=1)[:, 1:5]
    is_near = np.zeros((32, 32), dtype=bool)
    np.put_along_axis(is_near, near, True, axis=1)
    expected[~(is_near | is_near.T)] = 0
    np.testing.assert_allclose(
        neighbor_graph(torch.as_tensor(Z), 4).toarray(), expected, rtol=1e-6, atol=1e-12
    )


@pytest.mark.parametrize("some", [None, [3, 30, 4]])
def test_the_nearest_are_those_of_a_search(some, monkeypatch):
    # In more blocks than one.
    monkeypatch.setattr(neighbors, "N_DISTANCES", 7 * 40)
    Z = np.random.default_rng(0).normal(100, 1, (40, 3)).astype(np.float32)
    distances, indices = nearest(torch.as_tensor(Z), 4, some and torch.as_tensor(some))
    expected = NearestNeighbors(n_neighbors=4).fit(Z.astype(float)).kneighbors()
    rows = slice(None) if some is None else some
    np.testing.assert_array_equal(indices, expected[1][rows])
    np.testing.assert_allclose(distances, expected[0][rows], rtol=1e-5)


def test_labels_spread_to_the_fixed_point(rows):
    Z, known = rows
    W = neighbor_graph(torch.as_tensor(Z), 6).toarray()
    root = 1 / np.sqrt(W.sum(axis=1))
    S = root[:, None] * W * root
    F = np.linalg.solve(np.eye(32) - STAY * S, np.nan_to_num(known))
    F /= F.sum(axis=1, keepdims=True)
    F *= 0.5 / F.mean(axis=0)
    F /= F.sum(axis=1, keepdims=True)
    is_known = ~np.isnan(known[:, 0])
    F[is_known] = known[is_known]
    np.testing.assert_allclose(spread_labels(torch.as_tensor(Z), known, 6), F, atol=0.02)


def test_rows_that_no_label_reaches_have_none():
    Z = np.concatenate([np.arange(6.0), 1000 + np.arange(6.0)])[:, None]
    known = np.full((12, 2), np.nan)
    known[0], known[5] = (1, 0), (0, 1)
    spread = spread_labels(torch.as_tensor(Z), known, 2)
    np.testing.assert_allclose(spread[6:], 0.5, atol=0.05)
    np.testing.assert_allclose(spread.sum(axis=1), 1)


def test_copies_of_rows_share_a_label():
    Z = np.repeat([[0.0, 0.0], [1.0, 1.0]], 8, axis=0)
    known = np.full((16, 2), np.nan)
    known[0], known[8] = (1, 0), (0, 1)
    assert (
        spread_labels(torch.as_tensor(Z), known, 3).argmax(axis=1) == np.repeat([0, 1], 8)
    ).all()


def test_a_teacher_multiplies_what_rows_and_codes_say(rows):
    Z, known = rows
    encoder = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5))
    teacher = Teacher(torch.as_tensor(Z).float(), known, 5)
    first = spread_labels(torch.as_tensor(Z).float(), known, 5)
    np.testing.assert_allclose(teacher.labels, first, atol=1e-6)
    teacher.learn_from(encoder)
    # Codes have no dropout, and the training that goes on has it.
    assert encoder.training
    with torch.no_grad():
        codes = nn.functional.normalize(encoder[0](teacher.rows))
    product = first * spread_labels(codes, known, 5)
    product /= product.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(teacher.labels, product, atol=1e-5)


def test_a_teacher_falls_silent(rows):
    Z, known = rows
    teacher = Teacher(torch.as_tensor(Z), known, 5)
    logits = torch.as_tensor([[0.3, -0.2], [1.0, 2.0]])
    labels = torch.as_tensor([[0.9, 0.1], [0.5, 0.5]])
    P = logits.softmax(1)
    entropy = -(P * P.log()).sum(1).mean()
    cross_entropy = nn.functional.cross_entropy(logits, labels)
    taught = teacher.loss(logits, labels)
    np.testing.assert_allclose(taught, cross_entropy + neighbors.CERTAINTY * entropy, rtol=1e-6)
    teacher.retire()
    _, labels = teacher.draw(torch.Generator())
    np.testing.assert_allclose(teacher.loss(logits, labels[:2]), entropy, rtol=1e-6)


def test_a_quarter_of_the_gap():
    X = np.array([0.0, 1.0, 3.0, 6.0, 10.0])[:, None]
    assert quarter_gap(X) == 0.25 * np.median([1, 1, 2, 3, 4])
    assert quarter_gap(np.zeros((5, 2))) == 0


def test_two_moons_take_two_labels_each():
    X, y = make_moons(400, noise=0.06, random_state=0)
    known = few(y, 4)
    model = FineTunedClassifier(random_state=0).fit(X, known)
    alone = FineTunedClassifier(n_neighbors=None, adversarial_radius=0.0, random_state=0)
    assert model.score(X, y) > 0.98 > alone.fit(X[known >= 0], y[known >= 0]).score(X, y)


@pytest.mark.parametrize("estimator", [None, BernoulliRBM(64, max_iter=50)], ids=str)
def test_neighbors_teach_rows_without_a_label(estimator):
    X, y = load_digits(return_X_y=True)
    X = X[::2] / 16
    y = y[::2]
    known = few(y, 50)
    taught = FineTunedClassifier(estimator, n_neighbors=5, adversarial_radius=0.0, random_state=0)
    alone = clone(taught).set_params(n_neighbors=None)
    scores = [model.fit(X, known).score(X, y) for model in (taught, alone)]
    assert scores[0] > scores[1] + 0.03
    assert scores[0] > 0.93


def test_columns_of_any_scale_are_served_alike():
    X, y = load_wine(return_X_y=True)
    known = few(y, 12)
    model = FineTunedClassifier(max_iter=300, random_state=0).fit(X, known)
    graph = LabelSpreading(kernel="knn", n_neighbors=5).fit(X, known)
    assert model.score(X, y) > 0.93
    assert model.score(X, y) > (graph.transduction_ == y).mean() + 0.1
    scaled = clone(model).fit(X * 10.0 ** np.arange(13), known)
    np.testing.assert_allclose(
        scaled.predict_proba(X * 10.0 ** np.arange(13)), model.predict_proba(X), atol=0.02
    )


def test_names_of_classes_and_weights():
    X, y = load_wine(return_X_y=True)
    names = np.array(["ale", "bock", "cider"], dtype=object)[y]
    names[few(y, 20) < 0] = -1
    weight = np.where(y == 2, 2.0, 1.0)
    model = FineTunedClassifier(max_iter=100, random_state=0)
    model.fit(X, names, sample_weight=weight)
    assert set(model.classes_) == {"ale", "bock", "cider"}
    assert model.estimator_ is None
    assert model.score(X, names) == 1
    # Labeled rows without weight, beside others with much.
    model.fit(X, names, sample_weight=np.where(names == -1, 1.0, 1e-9))
    assert np.isfinite(model.predict_proba(X)).all()


def test_no_estimator_cannot_be_fitted_before():
    X, y = load_wine(return_X_y=True)
    for model in (FineTunedClassifier(prefit=True), FineTunedRegressor(prefit=True)):
        with pytest.raises(ValueError, match="prefit=True, but estimator=None; give a fitted"):
            model.fit(X, y)


def test_a_regressor_needs_no_estimator():
    X, y = load_wine(return_X_y=True)
    model = FineTunedRegressor(random_state=0).fit(X[:, :-1], X[:, -1])
    assert model.score(X[:, :-1], X[:, -1]) > 0.6


def test_rows_that_take_part_are_seen_thirty_times():
    X, y = np.zeros((20_000, 2)), np.full(20_000, -1)
    y[:20] = np.arange(20) % 2
    updates = []
    for how in ({}, {"n_neighbors": None, "adversarial_radius": 0.0}):
        model = FineTunedClassifier(**how)
        model._targets(X, y, None, False)
        updates.append(model._n_updates)
    assert updates == [30 * 20_000 // 128, 3000]


@pytest.mark.parametrize(("n_features", "width"), [(13, 128), (300, 200), (900, 512)])
def test_many_features_have_wide_layers(n_features, width):
    X = np.random.default_rng(0).normal(size=(20, n_features))
    model = FineTunedClassifier(max_iter=3, random_state=0).fit(X, np.arange(20) % 2)
    assert model.transform(X).shape == (20, width)


def test_codes_teach_in_later_rounds(monkeypatch):
    X, y = load_wine(return_X_y=True)
    learn_from, taught, silent = Teacher.learn_from, [], []

    def watched(teacher, encoder):
        before = teacher.labels.clone()
        learn_from(teacher, encoder)
        taught.append((teacher.labels - before).abs().max())

    monkeypatch.setattr(Teacher, "learn_from", watched)
    monkeypatch.setattr(Teacher, "retire", lambda teacher: silent.append(teacher))
    model = FineTunedClassifier(max_iter=9, random_state=0).fit(X, few(y, 12))
    assert len(taught) == 1
    assert taught[0] > 0
    assert len(silent) == 1
    assert model.n_iter_ == 9


@pytest.mark.parametrize(("factor", "known"), [(1.0, 178), (50.0, 12)])
def test_the_radius_is_a_quarter_of_the_gap_of_what_the_network_sees(factor, known, monkeypatch):
    X, y = load_wine(return_X_y=True)
    used = []
    own = classifier.virtual_adversarial_loss

    def watched(network, x, radius, generator):
        used.append(radius)
        return own(network, x, radius, generator)

    monkeypatch.setattr(classifier, "virtual_adversarial_loss", watched)
    labels = y if known == len(y) else few(y, known)
    model = FineTunedClassifier(max_iter=3, random_state=0).fit(X * factor, labels)
    assert used
    np.testing.assert_allclose(used, quarter_gap(model._standardize(X * factor)), rtol=1e-4)
