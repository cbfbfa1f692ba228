"""Categorical features behind encoders: their codes, their gaps and their probabilities."""
