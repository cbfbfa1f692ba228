"""Convolutional Boltzmann machines: pooled units, energies, and exact sums over states."""
