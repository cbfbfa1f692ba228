"""Generators and critics: layers, losses, penalties."""
