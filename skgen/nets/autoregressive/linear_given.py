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
        # Precision of the factors: I + sum over given j of w_j w_j' / psi_j.
        precision = (given @ self.outer).view(-1, k, k) + torch.eye(k).to(x)
        root = torch.linalg.cholesky(precision)
        b = ((x - self.mean) * given / self.psi) @ self.W.T
        z = torch.cholesky_solve(b.unsqueeze(-1), root).squeeze(-1)
        spread = torch.linalg.solve_triangular(root, self.W.expand(len(x), -1, -1), upper=False)
        variance = spread.square().sum(1) + self.psi
        return self.mean + z @ self.W, 0.5 * torch.log(variance)
