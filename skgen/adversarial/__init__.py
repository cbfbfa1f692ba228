"""Adversarial models on the training loop."""

from skgen.adversarial.gan import GAN
from skgen.adversarial.seeds import fit_seeds

__all__ = ["GAN", "fit_seeds"]
