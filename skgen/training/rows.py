"""Standardized training rows, served in batches on the training device."""

import numpy as np
import torch
from scipy.sparse import issparse

from skgen.kernels.moments import row_blocks
from skgen.workers import workers


def column_moments(X, weight=None):
    """Mean and variance of each column, float64, without a copy of X.

    ``weight`` (n_samples,) counts rows unequally; its scale is immaterial.
    """
    if weight is not None:
        return _weighted_moments(X, weight / weight.sum())
    # Two passes: a large mean must not cost digits.
    mean = np.zeros(X.shape[1])
    blocks = row_blocks(*X.shape, itemsize=8)
    for block in blocks:
        mean += X[block].sum(axis=0, dtype=np.float64) / len(X)
    variance = np.zeros(X.shape[1])
    for block in blocks:
        # What leaves the range of float64 is told by the variance, which is then not finite.
        with np.errstate(over="ignore", invalid="ignore"):
            variance += np.square(X[block] - mean).sum(axis=0) / len(X)
    return mean, variance


def _weighted_moments(X, weight):
    blocks = row_blocks(*X.shape, itemsize=8)
    mean = sum(weight[block] @ X[block].astype(np.float64) for block in blocks)
    return mean, sum(weight[block] @ np.square(X[block] - mean) for block in blocks)


def contiguous(X):
    """X as a contiguous array: a sparse matrix has none, a reversed view strides torch lacks."""
    X = np.ascontiguousarray(X.toarray() if issparse(X) else X)
    # NumPy overlooks the stride of an axis of length one, torch does not.
    return X if min(X.strides) >= 0 else X.copy()


def standardized(X, mean, scale, dtype=np.float32):
    """``(X - mean) / scale``, subtracted in float64 where rows or mean have it.

    A sparse X comes as it is where nothing is to be subtracted.
    """
    if not np.any(mean) and np.all(scale == 1):
        return X if issparse(X) else contiguous(X).astype(dtype, copy=False)
    out = np.empty(X.shape, dtype=dtype)
    # What leaves the range of the type is infinite then, and so is what becomes of it.
    with np.errstate(over="ignore", under="ignore"):
        for block in row_blocks(*X.shape, itemsize=8):
            out[block] = (X[block] - mean) / scale
    return out


def as_tensor(X):
    """Tensor on the memory of X, read-only or not."""
    # Nothing here writes to training rows, of which torch would warn.
    return torch.from_numpy(X if X.flags.writeable else np.asarray(_Writable(X)))


class _Writable:
    """The memory of an array as if it could be written to."""

    def __init__(self, X):
        address, _ = X.__array_interface__["data"]
        self.__array_interface__ = {**X.__array_interface__, "data": (address, False)}
        self.owner = X


class DeviceRows:
    """Rows that live on the device; a batch is an index gather."""

    resident, sorts = True, False  # whether a batch has its rows in the order of their numbers
    lead = ()  # axes of a batch in front of its rows

    def __init__(self, tensor, weight=None):
        self.tensor, self.weight = tensor, weight
        self.device = self.index_device = tensor.device

    def __len__(self):
        return len(self.tensor)

    def order(self, generator):
        """Row numbers of an epoch in random order."""
        if self.weight is not None:
            return weighted_order(self.weight, generator).to(self.device)
        return torch.randperm(len(self), generator=generator, device=self.device)

    def take(self, index):
        """The rows of an index tensor."""
        return self.tensor.index_select(0, index)

    def map(self, function):
        """Rows of ``function(batch)``, computed once."""
        with torch.no_grad():
            blocks = row_blocks(*self.tensor.shape, itemsize=8)
            blocks = [function(self.tensor[block]) for block in blocks]
            return DeviceRows(torch.cat(blocks), self.weight)


class StackedRows:
    """Rows (s, n, d) of s models that train together, each in an order of its own."""

    resident, sorts = True, False
    weight = None

    def __init__(self, tensor):
        self.tensor, self.lead = tensor, tensor.shape[:1]
        self.device = self.index_device = tensor.device
        self.model = torch.arange(len(tensor), device=tensor.device).unsqueeze(1)

    def __len__(self):
        return self.tensor.shape[1]

    def order(self, generator):
        """Random permutations of the row numbers, shape (n, s)."""
        n, device = len(self), self.device
        orders = [torch.randperm(n, generator=generator, device=device) for _ in self.tensor]
        return torch.stack(orders, 1)

    def take(self, index):
        """The rows (s, m, d) of an index tensor (m, s)."""
        return self.tensor[self.model, index.T]


class SparseRows:
    """Rows of a CSR matrix in host memory; a batch becomes dense when it is taken."""

    resident, sorts = False, False
    lead = ()

    def __init__(self, X, device, weight=None):
        self.X, self.device, self.weight = X, device, weight
        self.index_device = torch.device("cpu")

    def __len__(self):
        return self.X.shape[0]

    def order(self, generator):
        """Row numbers of an epoch in random order, on the CPU."""
        return order_on_host(len(self), generator, self.weight)

    def take(self, index):
        """The rows of an index tensor, dense and on the device."""
        block = self.X[index.numpy()].toarray().astype(np.float32, copy=False)
        return torch.from_numpy(block).to(self.device)


class StreamedRows:
    """Rows that stay in host memory or on disk and travel batch by batch."""

    resident, sorts = False, True
    lead = ()

    def __init__(self, X, mean, scale, device, subset=None, weight=None, function=None):
        self.X, self.mean, self.scale = X, mean, scale
        self.subset = np.arange(len(X)) if subset is None else subset
        self.weight = weight
        self.device, self.function = device, function
        self.index_device = torch.device("cpu")

    def __len__(self):
        return len(self.subset)

    def order(self, generator):
        """Row numbers of an epoch in random order, on the CPU."""
        return order_on_host(len(self), generator, self.weight)

    def take(self, index):
        """The rows of an index tensor, standardized and moved to the device."""
        # Sorted reads are sequential on disk; the order within a batch is immaterial.
        block = self.X[np.sort(self.subset[index.numpy()])]
        batch = torch.from_numpy(standardized(block, self.mean, self.scale))
        return on_device(batch, self.device, self.function)

    def map(self, function):
        """Rows of ``function(batch)``, computed as they are read."""
        parts = self.X, self.mean, self.scale, self.device, self.subset, self.weight
        return StreamedRows(*parts, composed(function, self.function))


def on_device(batch, device, function):
    """A batch where networks are, or what ``function`` makes of it there."""
    if device.type == "cuda":
        batch = batch.pin_memory().to(device, non_blocking=True)
    else:
        batch = batch.to(device)
    return batch if function is None else function(batch)


def composed(function, inner):
    """``function(inner(batch))`` without gradients, or ``function`` alone where inner is None."""

    def both(batch):
        with torch.no_grad():
            return function(batch if inner is None else inner(batch))

    return both


def order_on_host(n, generator, weight=None):
    """Row numbers of an epoch on the CPU, whatever device the generator is on."""
    if weight is not None:
        return weighted_order(weight, generator)
    return torch.randperm(n, generator=on_host(generator))


def on_host(generator):
    """A generator on the CPU that follows another."""
    if generator.device.type == "cpu":
        return generator
    seed = torch.randint(2**31 - 1, (), generator=generator, device=generator.device)
    return torch.Generator().manual_seed(int(seed))


def weighted_order(weight, generator):
    """As many row numbers as there are rows, in random order, on the CPU.

    A row stands there as often as its fraction of the weight says, rounded up or down by
    chance (systematic resampling): its mean number is exact, and equal weights give each row
    once.
    """
    generator = on_host(generator)
    n = len(weight)
    shuffled = torch.randperm(n, generator=generator)
    start = torch.rand((), generator=generator, dtype=torch.float64)
    picked = systematic(as_tensor(np.asarray(weight))[shuffled], n, start)
    return shuffled[picked][torch.randperm(n, generator=generator)]


def representatives(weight, n_picks):
    """Row numbers (n_picks,) in order, always the same, each as often as its weight says."""
    # In the order of the data the grid might fall into step with a period in them.
    order = torch.randperm(len(weight), generator=torch.Generator().manual_seed(0))
    picked = systematic(as_tensor(np.asarray(weight))[order], n_picks, 0.5)
    return order[picked].sort().values


def systematic(weight, n_picks, start, step=None):
    """Sorted row numbers (n_picks,), each as often as its fraction of the weight says.

    The grid begins at ``start`` steps; by default so many steps are all of the weight.
    """
    edges = weight.cumsum(0)
    step = edges[-1] / n_picks if step is None else step
    grid = (torch.arange(n_picks, dtype=torch.float64) + start) * step
    return torch.searchsorted(edges, grid, right=True).clamp_(max=len(weight) - 1)


def make_rows(X, mean, scale, device, *, subset=None, stream=False, weight=None):
    """Rows of X, or those numbered ``subset``: on the device if they fit, otherwise streamed.

    ``weight`` (n_samples,), float64, says how often each row is served relative to others.
    """
    if subset is not None and weight is not None:
        weight = weight[subset]
    if issparse(X):
        return SparseRows(X if subset is None else X[subset], device, weight)
    if stream or not _fits(X, device):
        return StreamedRows(X, mean, scale, device, subset, weight)
    X = X if subset is None else X[subset]
    return DeviceRows(as_tensor(standardized(X, mean, scale)).to(device), weight)


def _fits(X, device):
    """Whether X in float32 takes less than half of the device memory that is free."""
    if device.type != "cuda":
        return True
    free, _ = torch.cuda.mem_get_info(device)
    return workers().every(4 * X.size < free // 2)
