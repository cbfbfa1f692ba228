"""Features that tell a critic how alike the rows of a batch are."""

import torch
from torch import nn

KERNEL_SIZE = 5


class MinibatchDiscrimination(nn.Module):
    """Closeness of each row to the others in learned projections (Salimans et al. 2016).

    o_b(x_i) = mean_j exp(-||T_b h_i - T_b h_j||_1),  b = 1 ... n_kernels
    """

    def __init__(self, n_features, n_kernels, kernel_size=KERNEL_SIZE):
        super().__init__()
        self.n_kernels = n_kernels
        self.project = nn.Linear(n_features, n_kernels * kernel_size, bias=False)
        nn.init.normal_(self.project.weight, std=n_features**-0.5)

    def forward(self, h, others):
        """Closeness of rows h (n, k) to ``others`` (m, k), shape (n, n_kernels)."""
        # (n, 1, b, c) - (1, m, b, c); a mean instead of the paper's sum suits any batch size.
        rows, others = self._projected(h).unsqueeze(1), self._projected(others).unsqueeze(0)
        return torch.exp(-(rows - others).abs().sum(-1)).mean(1)

    def _projected(self, h):
        return self.project(h).view(len(h), self.n_kernels, -1)
