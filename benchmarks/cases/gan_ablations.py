"""What each remedy against collapse buys on the grid, alone and taken from the defaults."""

from benchmarks.cases import _gan_modes
from benchmarks.core import Bound, Case, Contender

CASE = Case(
    title="GAN, grid of twenty-five modes, remedies one by one",
    family="GAN",
    description="As the ten seeds, with one seed. Plain: no penalty, no Fourier features, no "
    "calibration, step 1e-3. WGAN-GP: weight .1, five critic steps on 64 rows each, Adam with the "
    "betas of all others (.5, .99). Unrolling: critic step 1e-4.",
    load=_gan_modes.grid,
    evaluate=_gan_modes.evaluate,
    contenders=[Contender("defaults", _gan_modes.fit, warm_up=False), *_gan_modes.ablations()],
    objective="modes",
    digits=0,
    repeats=1,
    threads=1,
    assertions=[Bound("defaults", "modes", at_least=25)],
)
