"""The likelihood gradient of machines whose biases depend on the rows before."""

import torch
from torch import nn

from skgen.nets.boltzmann.rbm import gibbs
from skgen.workers import workers

# Length to which the gradient of an update is cut: through time it may explode.
LONGEST_GRADIENT = 1.0


class SequenceState(nn.Module):
    """A network, and how many updates it had."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.register_buffer("n_steps", torch.zeros((), dtype=torch.int64))

    def count(self):
        """Count an update."""
        self.n_steps.add_(1)


class SequenceGradient:
    """``gradient(batch, generator)``: of the mean log p(row | rows before it) of windows.

    Each row has a machine of its own. Gibbs chains give the expectations under it, and by them a
    difference of free energies has the gradient of its log-likelihood, which goes on through the
    biases back in time. With ``persistent`` the chain of a row goes on from epoch to epoch;
    otherwise it starts at the row.
    """

    def __init__(self, net, windows, n_gibbs_steps, *, persistent):
        self.net, self.windows, self.n_gibbs_steps = net, windows, n_gibbs_steps
        self.chains = windows.rows.clone() if persistent else None
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    def __call__(self, batch, generator):
        """Set the gradients of minus the likelihood; return minus the pseudo-likelihood."""
        place, v, machines, weight = self._rows(batch)
        fixed = machines.detached()
        with torch.no_grad(), workers().counting(len(v)):
            loss = weight @ fixed.flip_loss(v, generator)
            start = v if self.chains is None else self.chains[place]
            model = gibbs(fixed, start, self.n_gibbs_steps, generator)
            if self.chains is not None:
                # Chains persist across updates; do not reset.
                workers().put_rows(self.chains, place, model)
        gap = weight @ (machines.free_energy(v) - machines.free_energy(model))
        for parameter in self.net.parameters():
            parameter.grad.zero_()
        gap.backward()
        return loss

    def monitor(self, batch, generator):
        """Minus the pseudo-likelihood of windows, mean in nats a row."""
        _, v, machines, weight = self._rows(batch)
        return weight @ machines.pseudo_loss(v)

    def trims(self, batch):
        """Whether to leave out what is no row: a captured step on a GPU has one shape."""
        return batch.device.type == "cpu"

    def _rows(self, batch):
        """Row numbers, rows, machines and weights of what windows hold beside their leads."""
        windows = self.windows
        place, known = windows.take(batch[:, -2:])
        trimmed = self.trims(batch)
        if trimmed:
            first = int(known.any(0).byte().argmax())
            place, known = place[:, first:], known[:, first:]
        states = self.net.states(windows.rows[place], known)[:, -windows.length :].flatten(0, 1)
        place, known = (a[:, -windows.length :].flatten() for a in (place, known))
        if trimmed:
            place, states, known = place[known], states[known], known[known]
        weight = known.to(states.dtype) / workers().own_part(known.sum())
        return place, windows.rows[place], self.net.machines(states), weight
