"""Energies of real-valued rows, and Hamiltonian chains that follow their slope."""
