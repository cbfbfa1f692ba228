"""Mixtures of low-rank Gaussians: densities and EM, with rows complete or not."""
