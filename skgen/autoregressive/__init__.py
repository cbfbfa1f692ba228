"""Autoregressive models: a table's columns one after the other, each given those before it."""

from skgen.autoregressive.fully_visible import FullyVisibleBeliefNetwork
from skgen.autoregressive.pixel_cnn import PixelCNN
from skgen.autoregressive.pixel_rnn import PixelRNN

__all__ = ["FullyVisibleBeliefNetwork", "PixelCNN", "PixelRNN"]
