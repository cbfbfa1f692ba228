"""Linear-Gaussian models: densities, moments, maximum likelihood and rotation."""
