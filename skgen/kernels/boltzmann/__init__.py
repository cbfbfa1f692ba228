"""Sums over the states of binary units, their pseudo-likelihood, and fused updates."""
