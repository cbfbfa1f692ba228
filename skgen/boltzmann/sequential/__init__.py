"""Machines of rows in time order: their biases depend on the rows before."""
