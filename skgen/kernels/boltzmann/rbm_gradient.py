"""Gradient of a small binary machine in one call: data against chains of Gibbs sampling.

Below some eight thousand weights the calls of an update cost more than its arithmetic; here a whole
update is one call. Larger machines are better served by the products of a tuned library.
"""

import numpy as np
from numba import njit

from skgen.kernels.boltzmann.bernoulli_units import FAST, draw, probabilities

SUMS = FAST | {"reassoc"}


# Multiply-adds up to which SciPy's BLAS keeps a product on the core that asks for it.
UNTHREADED = 2**18


@njit(cache=True, nogil=True)
def multiply(A, B, out):
    """A (n, k) times B (k, d), written to out, without waking other cores."""
    n_rows = max(UNTHREADED // max(B.size, 1), 1)
    for i in range(0, len(A), n_rows):
        np.dot(A[i : i + n_rows], B, out[i : i + n_rows])


@njit(cache=True, nogil=True, fastmath=FAST)
def _add_products(H, V, scale, G):
    """Add scale H' V to G."""
    product = np.empty_like(G)
    multiply(np.ascontiguousarray(H.T), V, product)
    for u in range(G.shape[0]):
        for t in range(G.shape[1]):
            G[u, t] += scale * product[u, t]


@njit(cache=True, nogil=True, fastmath=FAST)
def _column_means(A, out):
    out[:] = 0
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            out[j] += A[i, j]
    for j in range(A.shape[1]):
        out[j] /= np.float32(A.shape[0])


@njit(cache=True, nogil=True)
def sweep(h, W, WT, b, c, states, n_steps, v, inputs):
    """Gibbs sampling from hidden states h (m, k): n_steps times v given h, h given v, in place.

    W (k, d), WT its transpose; v (m, d) and inputs (m, k), without biases, are left behind.
    """
    at_visible = np.empty_like(v)
    for _ in range(n_steps):
        multiply(h, W, at_visible)
        draw(at_visible, b, states, v)
        multiply(v, WT, inputs)
        draw(inputs, c, states, h)


@njit(cache=True, nogil=True, fastmath=FAST)
def likelihood_gradient(v, h, v_model, h_model, centered, G, g_b, g_c):
    """Write the gradient of minus the log-likelihood: weights (k, d), biases (d,) and (k,).

    ``centered`` is the enhanced gradient (Melchior, Fischer & Wiskott 2016), with offsets in
    the middle between data and model.
    """
    k, d = G.shape
    G[:] = 0
    _add_products(h, v, np.float32(-1 / len(v)), G)
    _add_products(h_model, v_model, np.float32(1 / len(v_model)), G)
    mu, offset = np.empty(d, np.float32), np.empty(k, np.float32)
    _difference(v, v_model, mu, g_b)
    _difference(h, h_model, offset, g_c)
    if not centered:
        return
    for u in range(k):
        for t in range(d):
            G[u, t] -= offset[u] * g_b[t] + g_c[u] * mu[t]
    for u in range(k):
        for t in range(d):
            g_b[t] -= offset[u] * G[u, t]
            g_c[u] -= G[u, t] * mu[t]


@njit(cache=True, nogil=True, fastmath=FAST)
def _difference(data, model, middle, difference):
    """Middle and difference (model minus data) of the column means."""
    other = np.empty_like(middle)
    _column_means(data, middle)
    _column_means(model, other)
    for j in range(len(middle)):
        difference[j] = other[j] - middle[j]
        middle[j] = np.float32(0.5) * (middle[j] + other[j])


@njit(cache=True, nogil=True)
def gradient_factors(v, inputs, at_hidden, c, centered, h, left, right, g_b, g_c):
    """As ``likelihood_gradient``, with that of the weights as factors, left' right.

    left (n + m + 2, k) and right (n + m + 2, d): rows of the data, rows of the model, and two
    for the offsets, which are zero unless ``centered``. The rows of the model's visible units
    are in their place in ``right``; inputs (n, k) and at_hidden (m, k), without the biases c,
    are what the hidden units get from the data and from those. h (n, k) gets their means.
    """
    n, m = len(v), len(at_hidden)
    h_model, v_model = left[n : n + m], right[n : n + m]
    probabilities(inputs, c, h)
    probabilities(at_hidden, c, h_model)
    mu, offset = np.empty_like(g_b), np.empty_like(g_c)
    _difference(v, v_model, mu, g_b)
    _difference(h, h_model, offset, g_c)
    _copy_scaled(h, -1 / n, left[:n])
    _copy_scaled(h_model, 1 / m, h_model)
    right[:n] = v
    left[n + m :] = 0
    right[n + m :] = 0
    if centered:
        left[n + m], left[n + m + 1] = -offset, -g_c
        right[n + m], right[n + m + 1] = g_b, mu
        _correct(left, right, offset, mu, g_b, g_c)


@njit(cache=True, nogil=True, fastmath=FAST)
def _copy_scaled(A, scale, out):
    scale = np.float32(scale)
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            out[i, j] = scale * A[i, j]


@njit(cache=True, nogil=True, fastmath=SUMS)
def _correct(left, right, offset, mu, g_b, g_c):
    """Take G' offset from g_b and G mu from g_c, for G = left' right."""
    for i in range(len(left)):
        of_b, of_c = np.float32(0), np.float32(0)
        for u in range(len(offset)):
            of_b += left[i, u] * offset[u]
        for t in range(len(mu)):
            of_c += right[i, t] * mu[t]
        for t in range(len(mu)):
            g_b[t] -= of_b * right[i, t]
        for u in range(len(offset)):
            g_c[u] -= of_c * left[i, u]


@njit(cache=True, nogil=True)
def fused_gradient(v, W, b, c, chains, states, n_steps, persistent, centered, G, g_b, g_c):
    """Write the gradients of W (k, d), b (d,) and c (k,) on rows v (n, d); all float32.

    The model's half comes from the hidden states ``chains`` (m, k), which move on in place, or,
    unless ``persistent``, from the rows themselves. Returns the inputs, without biases, and the
    means of the hidden units of v.
    """
    k = len(c)
    WT = np.ascontiguousarray(W.T)
    inputs, h = np.empty((len(v), k), np.float32), np.empty((len(v), k), np.float32)
    multiply(v, WT, inputs)
    probabilities(inputs, c, h)
    if persistent:
        h_model = chains
    else:
        h_model = np.empty_like(h)
        draw(inputs, c, states, h_model)
    v_model = np.empty((len(h_model), v.shape[1]), np.float32)
    at_hidden, means = np.empty_like(h_model), np.empty_like(h_model)
    sweep(h_model, W, WT, b, c, states, n_steps, v_model, at_hidden)
    probabilities(at_hidden, c, means)
    likelihood_gradient(v, h, v_model, means, centered, G, g_b, g_c)
    if not persistent:
        n = min(len(chains), len(h_model))
        chains[:n] = h_model[:n]
    return inputs, h
