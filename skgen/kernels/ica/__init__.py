"""Independent component analysis: contrasts, solvers, densities of sources, conditionals."""
