"""Counts in messages."""


def counted(n, noun):
    """``1 row``, ``2 rows``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
