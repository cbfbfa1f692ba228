"""Rows, starts and numbers of clusters of mixtures of factor analyzers."""
