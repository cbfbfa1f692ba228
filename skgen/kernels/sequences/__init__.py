"""Rows in time order: their steps, what varies slowly in them, and their density."""
