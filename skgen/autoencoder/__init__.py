"""Autoencoders on one training loop."""

from skgen.autoencoder.autoencoder import Autoencoder
from skgen.autoencoder.contractive import ContractiveAE
from skgen.autoencoder.denoising import DenoisingAE
from skgen.autoencoder.lista import LISTA
from skgen.autoencoder.predictive_sparse import PredictiveSparseDecomposition
from skgen.autoencoder.sparse_ae import SparseAE
from skgen.autoencoder.vae import VAE

__all__ = [
    "LISTA",
    "VAE",
    "Autoencoder",
    "ContractiveAE",
    "DenoisingAE",
    "PredictiveSparseDecomposition",
    "SparseAE",
]
