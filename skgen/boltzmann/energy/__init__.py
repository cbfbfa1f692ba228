"""Densities of real-valued rows by energies, along whose slope Hamiltonian chains run."""
