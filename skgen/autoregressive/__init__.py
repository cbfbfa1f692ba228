"""Autoregressive models: a table's columns one after the other, each given those before it."""

from skgen.autoregressive.fully_visible import FullyVisibleBeliefNetwork

__all__ = ["FullyVisibleBeliefNetwork"]
