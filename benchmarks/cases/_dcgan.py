"""Contenders that train the same pair of convolutional networks for the same number of updates."""

from benchmarks.cases import _gan_speed
from benchmarks.cases._floor import Conv, Dense, floors
from benchmarks.core import Contender

LATENT, STEP, WEIGHT, DECAY = 64, 1e-3, 5.0, 0.998


def fit_skgen(task, seed):
    from skgen import GAN

    model = GAN(
        LATENT,
        image_shape=(28, 28),
        hidden_layer_sizes=(128, 64),
        critic_layer_sizes=(64, 128),
        normalization="batch",
        gradient_penalty="r1",
        penalty_weight=WEIGHT,
        averaging=DECAY,
        batch_size=task.batch_size,
        learning_rate=STEP,
        learning_rate_schedule="constant",
        max_iter=task.epochs,
        device=task.device,
        random_state=seed,
    )
    return _gan_speed.quiet(model.fit, task.X).sample(len(task.X))


def networks(task, seed):
    """Generator and critic, as a tutorial writes them."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    generator = nn.Sequential(
        nn.Linear(LATENT, 128 * 49),
        nn.Unflatten(1, (128, 7, 7)),
        nn.BatchNorm2d(128),
        nn.ReLU(),
        nn.ConvTranspose2d(128, 64, 4, 2, 1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 4, 2, 1),
        nn.Flatten(),
    )
    critic = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 64, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 4, 2, 1),
        nn.BatchNorm2d(128),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(128 * 49, 1),
    )
    return generator.to(task.device), critic.to(task.device)


def fit_torch(task, seed):
    return _gan_speed.play(task, *networks(task, seed), LATENT, STEP, WEIGHT, DECAY, on_draws=False)


def layers(task):
    """The passes of this pair of networks."""
    how = {"kernel": (4, 4), "stride": 2, "padding": (1, 1)}
    generator = [
        Dense(LATENT, 128 * 49),
        Conv(128, 64, (7, 7), transposed=True, **how),
        Conv(64, 1, (14, 14), transposed=True, **how),
    ]
    critic = [Conv(1, 64, (28, 28), **how), Conv(64, 128, (14, 14), **how), Dense(128 * 49, 1)]
    return _gan_speed.passes(generator, critic, task.batch_size)


CONTENDERS = [
    Contender("skgen", fit_skgen),
    Contender("torch + DataLoader", fit_torch, package="torch"),
]
FLOORS = floors(layers)
