"""The ring of the PacGAN protocol: every mode, its weight and its spread, with the defaults."""

from benchmarks.cases import _gan_modes
from benchmarks.core import Case

CASE = Case(
    title="GAN, ring of eight modes, ten seeds",
    family="GAN",
    description="100000 rows; 2500 draws; good within three sds of a mode. PacGAN's table has "
    "7.9 of 8 modes at 97.7 %. One thread.",
    load=_gan_modes.ring,
    evaluate=_gan_modes.evaluate,
    contenders=_gan_modes.contenders(),
    objective="high quality %",
    digits=2,
    repeats=_gan_modes.SEEDS,
    threads=1,
    assertions=_gan_modes.assertions(8, 98.5),
)
