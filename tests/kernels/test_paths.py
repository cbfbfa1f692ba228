"""Paths between points: ends, lengths and turns."""

import numpy as np
from numpy.testing import assert_allclose

from skgen.kernels.paths import arcs, lines

RNG = np.random.default_rng(0)
START, END = RNG.normal(size=(2, 7, 5))


def test_lines_have_even_steps():
    way = lines(START, END, 5)
    assert way.shape == (5, 7, 5)
    assert_allclose(way[0], START)
    assert_allclose(way[2], (START + END) / 2)
    assert_allclose(way[-1], END)


def test_arcs_keep_the_length_and_turn_evenly():
    a, b = (rows / np.linalg.norm(rows, axis=1, keepdims=True) * 3 for rows in (START, END))
    way = arcs(a, b, 6)
    assert_allclose(way[0], a)
    assert_allclose(way[-1], b)
    assert_allclose(np.linalg.norm(way, axis=2), 3)
    cosines = np.einsum("tnk,tnk->tn", way[1:], way[:-1]) / 9
    whole = np.arccos(np.sum(a * b, axis=1) / 9)
    assert_allclose(np.arccos(cosines), np.broadcast_to(whole / 5, (5, 7)))
    # An arc stays in the plane of its ends.
    for i in range(7):
        assert np.linalg.matrix_rank(way[:, i], tol=1e-8) == 2


def test_a_quarter_of_a_circle():
    way = arcs(np.array([[1.0, 0.0]]), np.array([[0.0, 2.0]]), 3)
    assert_allclose(way[1, 0], np.sqrt(0.5) * np.array([1.0, 2.0]))


def test_rows_without_an_arc_are_joined_by_lines():
    start = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    end = np.array([[1.0, 2.0], [2.0, 2.0], [-1.0, -1.0], [1.0, 1.0]])
    assert_allclose(arcs(start, end, 4), lines(start, end, 4), atol=1e-12)


def test_types_are_kept():
    for path in (lines, arcs):
        assert path(START.astype("float32"), END.astype("float32"), 3).dtype == np.float32
