"""The grid of the PacGAN protocol: every mode, its weight and its spread, with the defaults."""

from benchmarks.cases import _gan_modes
from benchmarks.core import Case

CASE = Case(
    title="GAN, grid of twenty-five modes, ten seeds",
    family="GAN",
    description="100000 rows; 2500 draws; good within three sds of a mode. PacGAN's table has "
    "24.8 of 25 modes at 94.2 %. One thread.",
    load=_gan_modes.grid,
    evaluate=_gan_modes.evaluate,
    contenders=_gan_modes.contenders(),
    objective="high quality %",
    digits=2,
    repeats=_gan_modes.SEEDS,
    threads=1,
    assertions=_gan_modes.assertions(25, 97),
)
