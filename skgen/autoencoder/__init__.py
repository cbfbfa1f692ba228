"""Autoencoders on one training loop."""

from skgen.autoencoder.autoencoder import Autoencoder
from skgen.autoencoder.contractive import ContractiveAE
from skgen.autoencoder.denoising import DenoisingAE
from skgen.autoencoder.sparse_ae import SparseAE
from skgen.autoencoder.vae import VAE

__all__ = ["VAE", "Autoencoder", "ContractiveAE", "DenoisingAE", "SparseAE"]
