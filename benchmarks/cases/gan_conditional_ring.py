"""The ring of the PacGAN protocol, its modes asked for one by one."""

import numpy as np

from benchmarks.cases import _gan_modes
from benchmarks.core import Bound, Case, Contender


def with_conditions(**params):
    """Contender's ``run`` of the conditional GAN with these parameters."""

    def run(task, seed):
        from skgen import GAN

        X, which = task.draw_with_spots(seed)
        model = GAN(
            conditional=True,
            max_iter=task.max_iter,
            device=task.device,
            random_state=seed,
            **params,
        )
        return model.fit(X, which), seed

    return run


def evaluate(fitted, task):
    """Draws near the spot that was asked for, and what else counts of them."""
    model, seed = fitted
    asked = np.arange(_gan_modes.N_DRAWS) % len(task.centers)
    draws = model.sample(len(asked), random_state=1000 + seed, y=asked)
    squares = ((draws[:, None] - task.centers) ** 2).sum(axis=2)
    good = squares.min(axis=1) < (3 * task.sd) ** 2
    right = squares.argmin(axis=1) == asked
    return {
        "asked mode %": 100 * right.mean(),
        "asked mode and high quality %": 100 * (right & good).mean(),
        **_gan_modes.measures(draws, task),
    }


CASE = Case(
    title="Conditional GAN, ring of eight modes, one seed",
    family="GAN",
    description="100000 rows, and of each its spot; 2500 draws, each of a spot that is asked for "
    "and in it where no other is nearer. High quality: within three sds of a spot. Without "
    "calibration nothing is rejected, and no output noise makes up for spread. One thread.",
    load=_gan_modes.ring,
    evaluate=evaluate,
    contenders=[
        Contender("projection", with_conditions(), warm_up=False),
        Contender("auxiliary classifier", with_conditions(conditioning="auxiliary"), warm_up=False),
        Contender("projection, nothing rejected", with_conditions(calibration=0.0), warm_up=False),
    ],
    objective="asked mode %",
    digits=2,
    repeats=1,
    threads=1,
    assertions=[
        Bound("projection", "asked mode %", at_least=98.0),
        Bound("auxiliary classifier", "asked mode %", at_least=98.0),
    ],
)
