"""Corruptions, penalties, likelihoods and bounds of autoencoders."""
