"""Fits that several processes share: what the workers tell each other, and what each one draws."""

from skgen.training.workers.group import joined

__all__ = ["joined"]
