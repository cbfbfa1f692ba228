"""Learning of deep Boltzmann machines."""
