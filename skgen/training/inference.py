"""Functions of a fitted module, over blocks of rows."""

import copy
import weakref

import numpy as np
import torch

from skgen.training.device import memory_errors
from skgen.training.rows import as_tensor, contiguous
from skgen.training.threads import largest_product, threads_for

# Values of one array within a block: 2 MiB in float32.
N_VALUES = 2**19
LEAST_BLOCK = 64
# Float64 copies of modules, for as long as those live.
_doubles = weakref.WeakKeyDictionary()


@memory_errors()
@torch.inference_mode(False)
@torch.no_grad()
def over_blocks(module, function, X, device, *, double=False, block=None):
    """``function(module, rows)`` over blocks of rows, one below the other.

    Parameters
    ----------
    module : torch.nn.Module
        On the CPU, with the float32 weights of the training.
    function : callable
        Gets rows as a tensor of a float type, and gives something for each row.
    X : ndarray or sparse matrix of shape (n_samples, n_columns)
        Rows of any numeric type.
    device : torch.device
        Where to compute.
    double : bool, default=False
        Whether to compute in float64 in any case, for small differences of large numbers, and not
        only where the rows are in float64.
    block : int, optional
        Rows at once; by default the outputs of the widest layer take 2 MiB.

    Returns
    -------
    results : ndarray of shape (n_samples, ...)
        Of the type of what the function gives.
    """
    double = (double or X.dtype == np.float64) and device.type != "mps"
    dtype = torch.float64 if double else torch.float32
    module = _placed(module, device, dtype)
    block = rows_at_once(module, X.shape[1]) if block is None else block
    n_rows, parts = X.shape[0], []
    with threads_for(largest_product(module, min(block, n_rows))):
        for start in range(0, n_rows, block):
            rows = as_tensor(contiguous(X[start : start + block])).to(device, dtype)
            parts.append(function(module, rows).cpu())
    return torch.cat(parts).numpy()


def rows_at_once(module, n_columns):
    """Rows of a block of which the outputs of the widest layer take 2 MiB."""
    widest = max([n_columns, *(max(p.shape) for p in module.parameters() if p.ndim)])
    return max(LEAST_BLOCK, N_VALUES // widest)


def _placed(module, device, dtype):
    """The module itself, or a copy on the device and in the type that are asked for."""
    if dtype == torch.float32:
        return module if device.type == "cpu" else copy.deepcopy(module).to(device)
    if device.type != "cpu":
        return copy.deepcopy(module).to(device, dtype)
    if module not in _doubles:
        _doubles[module] = copy.deepcopy(module).to(dtype)
    return _doubles[module]
