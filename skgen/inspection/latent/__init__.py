"""Displays of the codes of a model: where rows lie, and what codes are decoded to."""
