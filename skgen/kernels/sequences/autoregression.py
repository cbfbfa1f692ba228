"""Independent autoregressions seen through an invertible matrix: exact density, gaps, draws.

Each latent column is stationary with variance 1 and forgets at its own rate::

    u_t = phi u_(t-1) + sqrt(1 - phi^2) e_t,    phi = autocorrelation ** elapsed,    x_t = u_t A
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import brentq
from scipy.signal import lfilter

# A column that never changed would have no density.
LARGEST = 1 - 1e-9
LOG_2PI = np.log(2 * np.pi)


def autocorrelations(delta, lengths, unit):
    """Autocorrelation of each column over the time ``unit`` from its mean squared speed.

    With steps of that length alone it is exact, and negative where a column alternates. Others
    are taken for those of a decay in continuous time, which are positive.
    """
    length, count = np.array(list(lengths), float), np.array(list(lengths.values()), float)
    if len(length) == 1:
        of_step = 1 - delta * length[0] ** 2 / 2
        if np.isclose(length[0], unit):
            return of_step.clip(-LARGEST, LARGEST)
        return of_step.clip(0, LARGEST) ** (unit / length[0])
    rates = [_rate(d, length, count / count.sum()) for d in delta]
    return np.exp(-np.array(rates) * unit).clip(0, LARGEST)


def _rate(delta, length, share):
    """Rate of decay at which steps of these lengths have the mean squared speed delta."""
    slowest, fastest = 1e-12 / length.max(), 100 / length.min()

    def excess(log_rate):
        return share @ (-2 * np.expm1(-np.exp(log_rate) * length) / length**2) - delta

    if excess(np.log(slowest)) >= 0:
        return slowest
    if excess(np.log(fastest)) <= 0:
        return np.inf
    return np.exp(brentq(excess, np.log(slowest), np.log(fastest)))


def memory(autocorrelation, starts, elapsed):
    """What each row keeps of the one before, phi (n, r): 0 at the start of a sequence.

    ``elapsed`` is in the unit of the autocorrelations. A negative one has a meaning over whole
    units alone; over others nothing is remembered.
    """
    whole = np.round(elapsed)
    is_whole = np.isclose(elapsed, whole, rtol=0, atol=1e-6)
    size = np.abs(autocorrelation) ** elapsed[:, None]
    sign = np.where(whole % 2 == 1, -1.0, 1.0) * is_whole
    phi = size * np.where(autocorrelation < 0, sign[:, None], 1.0)
    phi[starts] = 0.0
    return phi


def log_density(Y, mixing, unmixing, phi):
    """Log-density of each row given the rows before it, in nats, (n,); NaN is left out.

    Parameters
    ----------
    Y : ndarray of shape (n, d)
        Centered rows in time order, NaN where nothing was seen.
    mixing, unmixing : ndarray of shape (d, d)
        A and its inverse.
    phi : ndarray of shape (n, d)
        What each latent column keeps since the row before; 0 where a sequence begins.
    """
    seen = ~np.isnan(Y)
    complete = seen.all(axis=1)
    U = np.where(complete[:, None], Y, 0.0) @ unmixing
    follows = np.zeros(len(Y), dtype=bool)
    follows[1:] = complete[:-1]
    # A row that begins a sequence needs no row before it.
    exact = complete & (follows | ~phi.any(axis=1))
    before = np.zeros_like(U)
    before[1:] = U[:-1]
    variance = 1 - phi**2
    terms = LOG_2PI + np.log(variance) + (U - phi * before) ** 2 / variance
    jacobian = np.linalg.slogdet(unmixing)[1]
    out = np.where(exact, jacobian - terms.sum(axis=1) / 2, 0.0)
    for t in np.flatnonzero(~exact):
        if t == 0 or follows[t]:
            mean, covariance = before[t], np.zeros((U.shape[1],) * 2)
        mean = phi[t] * mean
        covariance = np.outer(phi[t], phi[t]) * covariance
        np.fill_diagonal(covariance, covariance.diagonal() + variance[t])
        out[t], mean, covariance = _seen(Y[t, seen[t]], mixing[:, seen[t]], mean, covariance)
    return out


def _seen(y, mixing, mean, covariance):
    """Log-density of ``y = u mixing``, and mean and covariance of u given it."""
    if not len(y):
        return 0.0, mean, covariance
    crossed = covariance @ mixing
    factor = cho_factor(mixing.T @ crossed)
    rest = y - mean @ mixing
    gain = cho_solve(factor, crossed.T)
    log_det = 2 * np.log(np.diag(factor[0])).sum()
    log_p = -(len(y) * LOG_2PI + log_det + rest @ cho_solve(factor, rest)) / 2
    return log_p, mean + rest @ gain, covariance - crossed @ gain


def draw(n, autocorrelation, rng):
    """One sequence of n latent rows, a unit of time apart, (n, r)."""
    noise = rng.standard_normal((n, len(autocorrelation)))
    noise[1:] *= np.sqrt(1 - autocorrelation**2)
    columns = [lfilter([1.0], [1.0, -a], e) for a, e in zip(autocorrelation, noise.T)]
    return np.column_stack(columns)
