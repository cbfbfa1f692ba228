"""Adversarial models on the training loop."""

from skgen.adversarial.gan import GAN

__all__ = ["GAN"]
