"""Ten seeds of one GAN: one after another, and as one batch."""

from dataclasses import replace

import numpy as np

from benchmarks.cases import _gan_modes
from benchmarks.core import Case, Compare, Contender, Speedup


def load(setup):
    return replace(_gan_modes.ring(setup), n_samples=10_000, max_iter=2 if setup.quick else 20)


def in_turn(task, seed):
    return [_gan_modes.fit(task, s) for s in range(seed, seed + _gan_modes.SEEDS)]


def together(task, seed):
    from skgen import GAN, fit_seeds

    seeds = range(seed, seed + _gan_modes.SEEDS)
    model = GAN(max_iter=task.max_iter, device=task.device)
    return list(zip(fit_seeds(model, [task.draw(s) for s in seeds], seeds), seeds))


def evaluate(fits, task):
    """Means over the seeds."""
    rows = [_gan_modes.evaluate(fitted, task) for fitted in fits]
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


CASE = Case(
    title="GAN, ten seeds of the ring, twenty epochs of 10000 rows",
    family="GAN",
    description="The defaults; seconds of all ten fits; means over the seeds. One thread.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen, one batch", together, warm_up=False),
        Contender("skgen, one by one", in_turn, warm_up=False),
    ],
    objective="modes",
    digits=1,
    repeats=1,
    threads=1,
    devices=("cpu", "cuda"),
    assertions=[
        Speedup("skgen, one batch", over="skgen, one by one", at_least=1.2),
        Compare("skgen, one batch", "skgen, one by one", on="modes", slack=0.5),
        Compare("skgen, one batch", "skgen, one by one", on="high quality %", slack=3.0),
    ],
)
