"""What compares the draws of an adversarial network with data: MMD and coverage."""

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning

from skgen.base.warn import warn
from skgen.kernels.two_sample.coverage import coverage, perfect_coverage
from skgen.kernels.two_sample.mmd import block_mmd2

N_COVERAGE_ROWS = 1000  # rows on which coverage is measured
LEAST_COVERAGE = 0.5  # of what a perfect model would cover


def mmd(rows, draws, bandwidths, code=None):
    """MMD^2 between rows and draws; with their conditions, where a code is given.

    Two conditions are then as far from each other as the largest bandwidth. A single row is
    refused.
    """
    if len(rows) < 2:
        raise ValueError(
            f"X has {len(rows)} sample, but score compares distributions; give two rows or more."
        )
    if code is not None:
        columns = np.max(bandwidths) / np.sqrt(2) * np.asarray(code, dtype=np.float64)
        rows, draws = (np.hstack([part, columns]) for part in (rows, draws))
    return block_mmd2(rows, draws, bandwidths)


def mmd_monitor(net, bandwidths):
    """``monitor(batch, generator)``: MMD^2 between rows and draws of the averaged generator."""

    def monitor(batch, generator):
        if len(batch) < 2:
            return torch.zeros((), dtype=torch.float32)
        x, y = net.split(batch)
        shape = len(x), net.n_components
        z = torch.randn(shape, generator=generator, device=x.device, dtype=x.dtype)
        rows = x.double().cpu().numpy()
        draws = net.generate(z, y, averaged=True).double().cpu().numpy()
        code = None if y is None else y.cpu().numpy()
        return torch.tensor(mmd(rows, draws, bandwidths, code))

    return monitor


def measured_coverage(rows, draw):
    """Fraction of rows near which one of ``draw(n)`` falls, as many; warns where it is low.

    NaN for a single row.
    """
    n = len(rows)
    if n < 2:
        return float("nan")
    covered = coverage(rows, draw(n))
    if covered < LEAST_COVERAGE * perfect_coverage(n, n):
        warn(
            f"The draws cover {covered:.0%} of the training rows, where a perfect model "
            f"covers {perfect_coverage(n, n):.0%}: the generator has lost modes, or is not "
            "there yet; raise max_iter, or try packing=2.",
            ConvergenceWarning,
        )
    return covered
