"""Autoencoders on one training loop."""

from skgen.autoencoder.autoencoder import Autoencoder
from skgen.autoencoder.vae import VAE

__all__ = ["VAE", "Autoencoder"]
