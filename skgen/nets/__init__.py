"""Torch modules and likelihoods: no estimator, no training, no device."""

from skgen.nets.conv import conv_decoder, conv_encoder
from skgen.nets.mlp import ACTIVATIONS, TiedDecoder, mlp

__all__ = ["ACTIVATIONS", "TiedDecoder", "conv_decoder", "conv_encoder", "mlp"]
