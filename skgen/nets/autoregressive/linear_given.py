"""What a factor model says of each column, given any of the others."""

import torch
from torch import nn


class LinearGiven(nn.Module):
    """Conditional means and standard deviations under ``x ~ N(mean, W' W + diag(psi))``.

    Any columns may be given, others in each row. Only k x k systems are solved (Woodbury).

    Parameters
    ----------
    mean, psi : array of shape (d,)
        Means and noise variances.
    W : array of shape (k, d)
        Loadings.
    """

    def __init__(self, mean, W, psi):
        super().__init__()
        for name, values in {"mean": mean, "W": W, "psi": psi}.items():
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32))
        outer = self.W.unsqueeze(0) * self.W.unsqueeze(1) / self.psi
        self.register_buffer("outer", outer.flatten(0, 1).T.contiguous())  # (d, k^2)

    def forward(self, x, given):
        """Mean and log standard deviation (n, d) of each column given those where ``given`` is 1.

        ``x`` (n, d) is finite everywhere; what is not given has no part in the result.
        """
        k = len(self.W)
        if k == 0:
            log_sd = 0.5 * torch.log(self.psi)
            return self.mean.expand_as(x), log_sd.expand_as(x)
        # Columns that others tell nearly all of leave little noise, and float32 too few digits of
        # it; a batch of training is noisier than that.
        exact = not self.training and x.device.type != "mps"
        dtype = torch.float64 if exact else x.dtype
        x, given, start, W, psi, outer = (
            part.to(dtype) for part in (x, given, self.mean, self.W, self.psi, self.outer)
        )
        # Precision of the factors: I + sum over given j of w_j w_j' / psi_j = L L'.
        precision = (given @ outer).view(-1, k, k)
        precision.diagonal(dim1=1, dim2=2).add_(1)
        root = torch.linalg.cholesky_ex(precision).L  # looking for errors would wait
        b = ((x - start) * given / psi) @ W.T
        right = torch.cat([W.expand(len(x), -1, -1), b.unsqueeze(-1)], -1)
        solved = torch.linalg.solve_triangular(root, right, upper=False)
        # The mean W' (L L')^-1 b and the variance W' (L L')^-1 W take L^-1 alone.
        spread, of_b = solved[..., :-1], solved[..., -1:]
        mean = start + (spread.mT @ of_b).squeeze(-1)
        log_sd = 0.5 * torch.log(spread.square().sum(1) + psi)
        return mean.to(self.mean.dtype), log_sd.to(self.mean.dtype)
