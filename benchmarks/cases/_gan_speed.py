"""Contenders that train the same pair of networks for the same number of updates.

Non-saturating loss, zero-centered penalty on data and draws, Adam with a constant step, a moving
average of the generator. pythae has no GAN of this kind; torchgan has no such penalty, and cannot
be imported without torchvision.
"""

import numpy as np

from benchmarks.cases._floor import Dense, floors
from benchmarks.core import Contender

LATENT, HIDDEN, STEP, WEIGHT, DECAY = 16, 128, 1e-3, 0.5, 0.998


def fit_skgen(task, seed):
    from skgen import GAN

    model = GAN(
        LATENT,
        hidden_layer_sizes=(HIDDEN, HIDDEN),
        critic_layer_sizes=(HIDDEN, HIDDEN),
        n_frequencies=0,
        penalty_weight=WEIGHT,
        averaging=DECAY,
        calibration=0.0,
        output_noise=0.0,
        batch_size=task.batch_size,
        learning_rate=STEP,
        learning_rate_schedule="constant",
        max_iter=task.epochs,
        device=task.device,
        random_state=seed,
    )
    return quiet(model.fit, task.X).sample(len(task.X))


def quiet(function, *args):
    """Call without the warning that so short a training does not cover the data."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args)


def networks(task, seed):
    """Generator and critic, as a tutorial writes them."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    d = task.X.shape[1]
    generator = nn.Sequential(
        nn.Linear(LATENT, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, d),
    )
    critic = nn.Sequential(
        nn.Linear(d, HIDDEN),
        nn.LeakyReLU(0.2),
        nn.Linear(HIDDEN, HIDDEN),
        nn.LeakyReLU(0.2),
        nn.Linear(HIDDEN, 1),
    )
    return generator.to(task.device), critic.to(task.device)


def squared_gradient(output, x):
    """Mean squared norm of the gradient of a critic's output."""
    import torch

    (gradient,) = torch.autograd.grad(output.sum(), x, create_graph=True)
    return gradient.square().sum(1).mean()


def fit_torch(task, seed):
    return play(task, *networks(task, seed), LATENT, STEP, WEIGHT, DECAY)


def play(task, generator, critic, n_latent, step, weight, decay, on_draws=True):
    """Train a pair of networks and return draws; the penalty is at the data, and at draws."""
    import copy

    import torch
    from torch.nn.functional import softplus
    from torch.utils.data import DataLoader, TensorDataset

    average = copy.deepcopy(generator)
    adam_g = torch.optim.Adam(generator.parameters(), lr=step, betas=(0.5, 0.99))
    adam_c = torch.optim.Adam(critic.parameters(), lr=step, betas=(0.5, 0.99))
    mean, sd = task.X.mean(0), np.maximum(task.X.std(0), np.ptp(task.X, 0) / 8)
    sd = np.where(sd > 0, sd, 1)
    data = TensorDataset(torch.from_numpy(((task.X - mean) / sd).astype(np.float32)))
    for _ in range(task.epochs):
        for (x,) in DataLoader(data, batch_size=task.batch_size, shuffle=True):
            x = x.to(task.device).requires_grad_()
            fake = generator(torch.randn(len(x), n_latent, device=task.device))
            seen = fake.detach().requires_grad_()
            real_out, fake_out = critic(x), critic(seen)
            loss = softplus(-real_out).mean() + softplus(fake_out).mean()
            penalty = squared_gradient(real_out, x)
            if on_draws:
                penalty = penalty + squared_gradient(fake_out, seen)
            adam_c.zero_grad()
            (loss + weight / 2 * penalty).backward()
            adam_c.step()
            adam_g.zero_grad()
            softplus(-critic(fake)).mean().backward()
            adam_g.step()
            with torch.no_grad():
                for mine, theirs in zip(average.parameters(), generator.parameters()):
                    mine.lerp_(theirs, 1 - decay)
                for mine, theirs in zip(average.buffers(), generator.buffers()):
                    mine.copy_(theirs)
    with torch.no_grad():
        z = torch.randn(len(task.X), n_latent, device=task.device)
        return average.eval()(z).cpu().numpy() * sd + mean


def evaluate(draws, task):
    """MMD to the data, in units of their spread."""
    from skgen.kernels.two_sample.distances import evenly_spaced, length_scales
    from skgen.kernels.two_sample.mmd import bandwidths_between, block_mmd2

    unit = task.X.std()
    rows, draws = evenly_spaced(task.X) / unit, evenly_spaced(np.asarray(draws)) / unit
    return {"MMD^2": block_mmd2(rows, draws, bandwidths_between(*length_scales(rows)))}


def passes(generator, critic, n):
    """Layers and rows of the passes of an update: drawing, judging both, judging draws anew."""
    return [(generator, n), (critic, 2 * n), (critic, n)]


def layers(task):
    """The passes of this pair of networks."""
    d = task.X.shape[1]
    generator = [Dense(LATENT, HIDDEN), Dense(HIDDEN, HIDDEN), Dense(HIDDEN, d)]
    critic = [Dense(d, HIDDEN), Dense(HIDDEN, HIDDEN), Dense(HIDDEN, 1)]
    return passes(generator, critic, task.batch_size)


CONTENDERS = [
    Contender("skgen", fit_skgen),
    Contender("torch + DataLoader", fit_torch, package="torch"),
]
FLOORS = floors(layers)
