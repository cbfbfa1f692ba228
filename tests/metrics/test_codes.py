"""Probes, clusters, factors, sources and interpolations of codes."""

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression

from skgen.metrics import (
    amari_distance,
    cluster_agreement,
    interpolation_smoothness,
    linear_probe_score,
    mutual_information_gap,
)


def test_probe_of_separate_classes_and_of_noise(rng):
    Z, y = make_blobs(120, centers=[[0, 0], [20, 0], [0, 20]], random_state=0)
    order = np.argsort(y)  # in the order of the labels
    result = linear_probe_score(Z[order], y[order])
    assert result.score == 1
    assert result.scores.shape == (5,)
    noise = linear_probe_score(rng.standard_normal((300, 2)), rng.integers(2, size=300))
    assert noise.score == pytest.approx(0.5, abs=0.1)
    assert noise.standard_deviation == pytest.approx(np.std(noise.scores))


def test_probe_of_numbers_is_r2(rng):
    Z = rng.standard_normal((400, 3))
    y = Z @ [1.0, -2, 0.5] + rng.standard_normal(400) * np.sqrt(5.25 / 3)
    assert linear_probe_score(Z, y).score == pytest.approx(0.75, abs=0.06)


def test_probe_takes_an_estimator_and_folds(rng):
    Z, y = rng.standard_normal((40, 2)), np.arange(40) % 2
    result = linear_probe_score(Z, y, cv=3, estimator=LogisticRegression(C=1e-9))
    assert result.scores.shape == (3,)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        linear_probe_score(Z, y[:-1])


def test_clusters_agree_with_labels_of_any_name(rng):
    Z, y = make_blobs(90, centers=[[0, 0], [20, 0], [0, 20]], random_state=0)
    result = cluster_agreement(Z, np.array(["x", "y", "z"])[y], random_state=0)
    assert (result.nmi, result.ari) == (pytest.approx(1), pytest.approx(1))
    assert len(set(zip(y, result.clusters))) == 3
    noise = cluster_agreement(rng.standard_normal((400, 2)), rng.integers(3, size=400), n_init=1)
    assert noise.ari == pytest.approx(0, abs=0.03)
    # Two clusters of three classes: what is lost is the information between two of them.
    merged = cluster_agreement(Z + [[0, 0]], y, n_clusters=2, random_state=0)
    assert merged.nmi < 0.9
    with pytest.raises(ValueError, match="n_clusters == 91"):
        cluster_agreement(Z, y, n_clusters=91)


def planted_factors(rng, n=4000):
    return np.column_stack([rng.integers(2, size=n), rng.integers(5, size=n)])


def test_gap_of_planted_factors(rng):
    v = planted_factors(rng)
    apart = np.column_stack([rng.standard_normal(len(v)), v[:, 1], 3 - v[:, 0]])
    result = mutual_information_gap(apart, v)
    assert result.score == pytest.approx(1, abs=0.01)
    expected = np.zeros((3, 2))
    expected[2, 0], expected[1, 1] = (entropy(np.bincount(v[:, k])) for k in range(2))
    np.testing.assert_allclose(result.mutual_information, expected, atol=0.02)
    doubled = np.column_stack([v, v])  # each factor in two codes
    assert mutual_information_gap(doubled, v).score == pytest.approx(0, abs=1e-12)
    one_twice = np.column_stack([v, v[:, 0]])
    np.testing.assert_allclose(mutual_information_gap(one_twice, v).gaps, [0, 1], atol=0.01)


def test_gap_of_a_noisy_code_is_its_share_of_the_entropy(rng):
    """A bit that is turned with probability 0.1 keeps ln 2 - H(0.1) nats."""
    v = rng.integers(2, size=20_000)
    noisy = v ^ (rng.random(len(v)) < 0.1)
    expected = 1 - entropy([0.1, 0.9]) / np.log(2)
    assert mutual_information_gap(noisy[:, None], v).score == pytest.approx(expected, abs=0.02)


def test_what_the_gap_refuses(rng):
    Z = rng.standard_normal((20, 2))
    with pytest.raises(ValueError, match="Factor 0 is constant"):
        mutual_information_gap(Z, np.ones(20))
    with pytest.raises(ValueError, match="Factor 1 has another value in each of its 20 rows"):
        mutual_information_gap(Z, np.column_stack([np.arange(20) % 2, Z[:, 0]]))


def test_amari_distance_is_zero_of_what_is_found_alone(rng):
    A = rng.standard_normal((4, 4))
    permutation = np.eye(4)[[2, 0, 3, 1]] * [1.0, -1, 2, 0.5]
    found = permutation @ np.linalg.inv(A)
    assert amari_distance(found, A) == pytest.approx(0, abs=1e-12)
    turned = np.eye(4)
    turned[:2, :2] = [[0.8, 0.6], [-0.6, 0.8]]
    # Two sources are mixed: rows and columns of two entries in the ratio 0.36 to 0.64.
    assert amari_distance(turned @ np.linalg.inv(A), A) == pytest.approx(4 * 0.5625 / 8)
    assert amari_distance(np.ones((4, 4)), np.eye(4)) == 3


def test_what_the_amari_distance_refuses():
    with pytest.raises(ValueError, match=r"W has the shape \(2, 3\) and A \(2, 2\)"):
        amari_distance(np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="row or column of zeros"):
        amari_distance([[1.0, 0], [0, 0]], np.eye(2))


def test_interpolation_by_a_line_an_arc_and_a_jump(rng):
    Z = rng.uniform(-1, 1, (50, 1))
    line = interpolation_smoothness(lambda z: z @ [[2.0, -1]], Z, random_state=0)
    assert line[:2] == (pytest.approx(1), pytest.approx(1))
    # Half of a circle: its length over its chord is pi / 2.
    ends = np.array([[0.0], [np.pi]])
    arc = interpolation_smoothness(
        lambda z: np.hstack([np.cos(z), np.sin(z)]), ends, n_steps=200, n_pairs=5
    )
    assert arc.path_ratio == pytest.approx(np.pi / 2, rel=1e-4)
    assert arc.largest_step == pytest.approx(1)
    jump = interpolation_smoothness(lambda z: np.sign(z - 1), ends, n_steps=10, n_pairs=5)
    assert jump.largest_step == pytest.approx(10)


def test_the_middle_of_a_fade_is_off_the_data():
    """Data on a circle: a linear decoder cuts through, an angle walks along."""
    angles = np.linspace(0, 2 * np.pi, 400)[:, None]
    X = np.hstack([np.cos(angles), np.sin(angles)])
    held_out = angles[::7] + 0.003
    walk = interpolation_smoothness(
        lambda z: np.hstack([np.cos(z), np.sin(z)]), held_out, X=X, random_state=0
    )
    ends = np.hstack([np.cos(held_out), np.sin(held_out)])
    fade = interpolation_smoothness(lambda z: z, ends, X=X, random_state=0)
    assert walk.midpoint_distance == pytest.approx(1, abs=0.6)
    assert fade.midpoint_distance > 20 * walk.midpoint_distance
    assert fade.path_ratio == pytest.approx(1)


def test_what_interpolation_refuses(rng):
    Z = rng.standard_normal((5, 2))
    with pytest.raises(ValueError, match="n_steps=3 is odd"):
        interpolation_smoothness(lambda z: z, Z, n_steps=3)
    with pytest.raises(ValueError, match="standardize=True needs X"):
        interpolation_smoothness(lambda z: z, Z, standardize=True)
    with pytest.raises(ValueError, match="LogisticRegression has no inverse_transform"):
        interpolation_smoothness(LogisticRegression(), Z)
    assert np.isnan(interpolation_smoothness(lambda z: 0 * z, Z)).all()
