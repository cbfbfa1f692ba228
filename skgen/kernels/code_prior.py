"""The former place of ``skgen.kernels.sparse.code_prior``, which models saved by 0.1 name."""

from skgen.kernels.sparse.code_prior import CodeSums

__all__ = ["CodeSums"]
