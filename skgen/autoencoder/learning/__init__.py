"""Gradients by formulas, where automatic differentiation would take longer."""
