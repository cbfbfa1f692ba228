"""Learners of Boltzmann machines: gradients, negative phases and the state of a training."""
