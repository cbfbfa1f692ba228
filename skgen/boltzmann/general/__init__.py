"""The general Boltzmann machine, in which every unit may be joined to every other."""
