"""Belief networks: layers of binary units that are drawn downwards."""
