"""Adversarial models on the training loop."""

from skgen.adversarial.gan import GAN
from skgen.adversarial.seeds import fit_seeds
from skgen.adversarial.translation import TranslationGAN

__all__ = ["GAN", "TranslationGAN", "fit_seeds"]
