"""Where a machine of real-valued units starts: as an autoencoder that removes noise from rows.

Small weights beside noise as large as the data are a saddle point where columns are uncorrelated:
to second order the likelihood does not depend on the weights, and nothing is learned. An
autoencoder with tied weights has no such point, and what it learns are the weights of a machine
that matches the gradient of the log-density of noisy rows (Vincent 2011). Constants were found by
the likelihood of held-out rows of small tables and of points on curves, grids and in clusters.
"""

import math
from dataclasses import dataclass

import torch

from skgen.base.run import Settings
from skgen.boltzmann.learning.state import SMALL_WEIGHTS, draw_normal_, new_chains
from skgen.nets.boltzmann.rbm import draw_bits
from skgen.training import adam, as_tensor, contiguous, scale_learning_rate, standardized

# Noise variance of rows that could be learned by heart, in units of n_features / n_samples.
BY_HEART = 2.5
# Noise variance that hidden units can resolve, in units of (n_features / n_hidden)^2, and the most.
RESOLVED, MOST_RESOLVED = 6.0, 0.25
UPDATES_A_ROW = 5
MOST_UPDATES, BATCH, LEARNING_RATE = 3000, 200, 0.03
MOST_ROWS = 10_000


@dataclass(frozen=True)
class FirstRows:
    """Rows that a machine starts from, as it sees them, (n, d) float32.

    ``n_rows`` is what the rows are worth, of which there may be more, and ``n_updates`` how long
    the machine will be trained.
    """

    rows: torch.Tensor
    n_rows: float
    n_updates: int


def first_rows(estimator, columns, center, scale):
    """What an estimator needs to start at a denoising autoencoder."""
    rows = columns.sample(MOST_ROWS)
    rows = contiguous(rows[:: -(-len(rows) // MOST_ROWS)])
    rows = as_tensor(standardized(rows, center, scale, dtype="float32"))
    n_updates = MOST_UPDATES
    if estimator.max_iter != "auto":
        n_rows = columns.X.shape[0]
        a_batch = Settings(estimator.batch_size).rows_an_update(n_rows)
        n_updates = estimator.max_iter * -(-n_rows // a_batch)
    return FirstRows(rows, float(columns.n_rows), min(n_updates, MOST_UPDATES))


def enough_updates(n_rows, n_updates):
    """Updates after such a start: ``n_updates``, but few for few rows, soon learned by heart."""
    return math.ceil(min(n_updates, UPDATES_A_ROW * n_rows))


def starting_noise(n_rows, n_features, n_hidden):
    """Variance of the noise, as a fraction of that of the data."""
    resolved = min(MOST_RESOLVED, RESOLVED * (n_features / n_hidden) ** 2)
    return min(1.0, max(BY_HEART * n_features / n_rows, resolved))


def first_chains(net, first, scale, n_temperatures, n_chains):
    """Set weights of a new machine; return the first hidden states of its chains.

    Without ``first`` rows the weights are small, with the standard deviation ``scale``.
    """
    if first is None:
        draw_normal_(net.weight, scale)
        return new_chains(n_temperatures, n_chains, len(net.weight))
    start_by_denoising(net, first)
    return chains_at_rows(net, first, n_temperatures, n_chains)


@torch.no_grad()
def start_by_denoising(net, first):
    """Set weights, biases and variances of a ``GaussianRBM`` that is to learn ``first`` rows."""
    k, d = net.weight.shape
    noise = starting_noise(first.n_rows, d, k)
    net.log_variance.copy_(net.log_noise_floor.clamp(math.log(noise), 0.0))
    precision = torch.exp(-net.log_variance)
    draw_normal_(net.weight, SMALL_WEIGHTS)
    net.visible_bias.copy_(-0.5 * net.weight.sum(0))
    # Each hidden unit changes its mind where some row is.
    some = first.rows[torch.randint(len(first.rows), (k,))]
    net.hidden_bias.copy_(-(some * precision * net.weight).sum(1))
    optimizer = adam([net.weight, net.visible_bias, net.hidden_bias], LEARNING_RATE)
    for update in range(first.n_updates):
        x = first.rows[torch.randint(len(first.rows), (BATCH,))]
        noisy = torch.addcmul(x, torch.randn_like(x), torch.exp(0.5 * net.log_variance))
        denoising_gradient(net, x, noisy, precision)
        progress = update / first.n_updates
        scale_learning_rate(optimizer, 0.5 * (1 + math.cos(math.pi * progress)))
        optimizer.step()
    for parameter in net.parameters():
        parameter.grad = None


def denoising_gradient(net, x, noisy, precision):
    """Leave the gradients of half the mean squared distance of x from what noisy x is mapped to."""
    h = torch.sigmoid(net.hidden_input(noisy))
    error = (net.visible_mean(h) - x) * (precision / len(x))
    back = torch.mm(error, net.weight.T).mul_(h).mul_(1 - h)
    net.weight.grad = torch.mm(h.T, error).addmm_(back.T, noisy * precision)
    net.visible_bias.grad, net.hidden_bias.grad = error.sum(0), back.sum(0)


@torch.no_grad()
def chains_at_rows(net, first, n_temperatures, n_chains):
    """Hidden states drawn given some of the first rows, (n_temperatures, n_chains, k)."""
    some = first.rows[torch.randint(len(first.rows), (n_temperatures, n_chains))]
    return draw_bits(net.hidden_input(some), None)
