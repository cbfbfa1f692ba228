"""Displays of models and of what they draw; matplotlib is imported when something is drawn."""

from skgen.inspection.components import ComponentsDisplay

__all__ = ["ComponentsDisplay"]
