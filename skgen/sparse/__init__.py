"""Sparse coding."""

from skgen.sparse.sparse_coder import SparseCoder

__all__ = ["SparseCoder"]
