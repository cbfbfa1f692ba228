"""Learned iterative shrinkage: proximal steps for the lasso code, unrolled into layers."""

import torch
from torch import nn

from skgen.nets.autoencoder.shrinkage import shrink

WEIGHTS = "coupled", "free", "steps"


class UnrolledISTA(nn.Module):
    """Layers z_0 = 0, z_1, ... of proximal steps, which start as those of ISTA.

    A layer extrapolates and takes a step (Gregor & LeCun 2010, with Nesterov's momentum)::

        y   = z_k + b_k (z_k - z_{k-1})
        u   = y + s_k (x W_k' - y S_k)
        z_{k+1} = shrink(u, s_k t_k)

    ISTA has b = 0, W = D, S = D D', s one over the largest eigenvalue of S, and t = alpha.

    Parameters
    ----------
    D : Tensor of shape (K, d)
        Dictionary; atoms are rows.
    alpha : float
        Weight of the l1 norm.
    lipschitz : float
        An upper bound of the largest eigenvalue of D D'.
    n_layers : int
        Steps.
    weights : {"coupled", "free", "steps"}
        What is learned beside s and b: W and t, where S = D W' (Chen et al. 2018); W, S and t; or
        nothing, with W = D (Ablin et al. 2019).
    tied : bool
        Whether all layers share W, S, t and s.
    positive : bool
        Whether codes are non-negative.
    """

    def __init__(self, D, alpha, lipschitz, n_layers, *, weights, tied, positive):
        super().__init__()
        n_own = 1 if tied else n_layers
        self.n_layers, self.weights, self.positive = n_layers, weights, positive
        self.register_buffer("D", D)
        self.register_buffer("step", torch.tensor(1 / lipschitz, dtype=D.dtype))
        self.register_buffer("alpha", torch.tensor(alpha, dtype=D.dtype))
        self.momentum = nn.ParameterList(_copies(D.new_zeros(()), n_layers - 1))
        self.log_step = nn.ParameterList(_copies(D.new_zeros(()), n_own))
        self.log_threshold, self.W, self.S = (), (), ()
        if weights != "steps":
            self.log_threshold = nn.ParameterList(_copies(D.new_zeros(len(D)), n_own))
            self.W = nn.ParameterList(_copies(D, n_own))
        if weights == "free":
            # The first step starts at zero and needs no S.
            self.S = nn.ParameterList(_copies(D @ D.T, min(n_own, n_layers - 1)))

    def scalars(self):
        """The numbers of each layer, which may learn faster than matrices."""
        return [*self.momentum, *self.log_step]

    def matrices(self):
        """All other parameters."""
        return [*self.log_threshold, *self.W, *self.S]

    def forward(self, x):
        """Codes (n, K) of the rows x."""
        before, z = 0.0, None
        for k in range(self.n_layers):
            own = min(k, len(self.log_step) - 1)
            step = self.step * torch.exp(self.log_step[own])
            threshold = step * self.alpha
            if self.weights != "steps":
                threshold = threshold * torch.exp(self.log_threshold[own])
            W = self.W[own] if self.weights != "steps" else self.D
            if z is None:
                u = step * (x @ W.T)
            else:
                y = z + self.momentum[k - 1] * (z - before)
                before = z
                u = y + step * self._descent(x, y, W, k)
            z = shrink(u, threshold, self.positive)
        return z

    def _descent(self, x, y, W, k):
        """Minus the gradient of the squared error at y, or what has been learned for it."""
        if self.weights == "free":
            return x @ W.T - y @ self.S[min(k, len(self.S)) - 1].T
        return (x - y @ self.D) @ W.T


def _copies(tensor, n):
    return (nn.Parameter(tensor.clone()) for _ in range(n))
