"""Boltzmann machines whose hidden units share their weights over the places of an image."""
