"""Callbacks for ``set_callbacks``: what follows a fit, and what saves it."""
