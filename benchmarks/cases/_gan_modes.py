"""The two toy sets of the PacGAN paper, their measures, and the models that are tried on them."""

from dataclasses import dataclass

import numpy as np

from benchmarks.core import Bound, Contender

N_DRAWS = 2500
SEEDS = 10


@dataclass(frozen=True)
class Task:
    """A mixture of equal Gaussian spots, and how long to train on draws from it."""

    centers: np.ndarray
    sd: float
    n_samples: int
    max_iter: object
    device: str = "cpu"

    def draw(self, seed):
        return self.draw_with_spots(seed)[0]

    def draw_with_spots(self, seed):
        """Rows, and the number of the spot of each."""
        rng = np.random.default_rng(seed)
        which = rng.integers(len(self.centers), size=self.n_samples)
        noise = rng.standard_normal((self.n_samples, 2))
        return (self.centers[which] + self.sd * noise).astype(np.float32), which


def ring(setup):
    """Eight spots of sd .01 on the unit circle."""
    angles = 2 * np.pi * np.arange(8) / 8
    return _task(np.column_stack([np.cos(angles), np.sin(angles)]), 0.01, setup)


def grid(setup):
    """Twenty-five spots of sd .05 at the points of {-4, -2, 0, 2, 4}^2."""
    ticks = np.arange(-4.0, 5.0, 2.0)
    return _task(np.array([[a, b] for a in ticks for b in ticks]), 0.05, setup)


def _task(centers, sd, setup):
    if setup.quick:
        return Task(centers, sd, n_samples=5000, max_iter=2, device=setup.device)
    return Task(centers, sd, n_samples=100_000, max_iter="auto", device=setup.device)


PLAIN = {
    "gradient_penalty": None,
    "n_frequencies": 0,
    "output_noise": 0.0,
    "calibration": 0.0,
    "learning_rate": 1e-3,
}


def fit(task, seed, **params):
    from skgen import GAN

    model = GAN(max_iter=task.max_iter, device=task.device, random_state=seed, **params)
    return model.fit(task.draw(seed)), seed


def with_params(**params):
    """Contender's ``run`` of the GAN with these parameters."""
    return lambda task, seed: fit(task, seed, **params)


def evaluate(fitted, task):
    """Modes and high quality as Lin et al. (2018) count them, balance and spread."""
    model, seed = fitted
    return measures(model.sample(N_DRAWS, random_state=1000 + seed), task)


def measures(draws, task):
    """A draw is good within three sds of a spot; a spot counts when it has a good draw."""
    squares = ((draws[:, None] - task.centers) ** 2).sum(axis=2)
    spot, good = squares.argmin(axis=1), squares.min(axis=1) < (3 * task.sd) ** 2
    counts = np.bincount(spot[good], minlength=len(task.centers))
    share = counts / max(counts.sum(), 1)
    present = share > 0
    spreads = [draws[good & (spot == k)].var(axis=0).mean() for k in np.flatnonzero(counts > 5)]
    return {
        "modes": int(present.sum()),
        "high quality %": 100 * good.mean(),
        "KL of the modes": float((share[present] * np.log(share[present] * len(share))).sum()),
        "sd in a mode / truth": np.sqrt(np.mean(spreads)) / task.sd if spreads else 0.0,
    }


def perfect(task, seed):
    """Draws of the truth itself."""
    return task.draw(seed + 77)[:N_DRAWS]


def ablations():
    """What each remedy buys: added to a plain GAN, or taken from the defaults."""
    plain = {
        "plain GAN": {},
        "plain + least squares": {"loss": "least_squares"},
        "plain + WGAN-GP": {
            "loss": "wasserstein",
            "gradient_penalty": "wgan_gp",
            "penalty_weight": 0.1,  # the authors' own for toy data
            "n_critic_steps": 5,
            "batch_size": 320,
        },
        "plain + packing 2": {"packing": 2},
        "plain + minibatch discrimination": {"minibatch_discrimination": 16},
        # The authors' steps for toy data.
        "plain + unrolling 5": {"unroll_steps": 5, "critic_learning_rate": 1e-4},
        "plain + R1 and R2": {"gradient_penalty": "r1_r2"},
    }
    without = {
        "defaults without R2": {"gradient_penalty": "r1"},
        "defaults without Fourier features": {"n_frequencies": 0},
        "defaults without calibration": {"calibration": 0.0},
        "defaults without output noise": {"output_noise": 0.0},
    }
    rows = [(name, {**PLAIN, **params}) for name, params in plain.items()]
    rows += without.items()
    return [Contender(name, with_params(**params), warm_up=False) for name, params in rows]


def contenders():
    """The defaults, and the truth."""
    return [
        Contender("skgen", fit, warm_up=False),
        Contender(
            "draws of the truth",
            perfect,
            warm_up=False,
            evaluate=measures,
            note="what sampling noise leaves of a perfect model",
        ),
    ]


def assertions(n_modes, high_quality):
    """The bar of every seed and of the mean."""
    return [
        Bound("skgen", "modes", at_least=n_modes, statistic="min"),
        Bound("skgen", "high quality %", at_least=high_quality, statistic="mean"),
        Bound("skgen", "KL of the modes", at_most=0.02, statistic="max"),
        Bound("skgen", "sd in a mode / truth", at_least=0.8, statistic="min"),
        Bound("skgen", "sd in a mode / truth", at_most=1.2, statistic="max"),
        Bound("skgen", "seconds", at_most=60.0),
    ]
