"""Energies and conditionals of Boltzmann machines, and the annealing that finds log Z."""
