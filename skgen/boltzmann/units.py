"""Logistic units in the hot loop: drawn by a fused kernel on the CPU, by torch elsewhere."""

import torch

from skgen.kernels.boltzmann import bernoulli_units


class FusedUnits:
    """Units on the CPU, float32: one pass over memory, without torch's generator."""

    def __init__(self, generator):
        seed = torch.randint(2**31 - 1, (), generator=generator)
        self.states = bernoulli_units.lane_states(int(seed))

    def probabilities(self, inputs, bias):
        """P(unit = 1) for inputs (n, k) and bias (k,)."""
        out = torch.empty_like(inputs)
        bernoulli_units.probabilities(inputs.numpy(), bias.numpy(), out.numpy())
        return out

    def draw(self, inputs, bias):
        """Bits of units with inputs (n, k) and bias (k,)."""
        out = torch.empty_like(inputs)
        bernoulli_units.draw(inputs.numpy(), bias.numpy(), self.states, out.numpy())
        return out

    def columns(self, d, n):
        """Draw n integers below d."""
        return torch.from_numpy(bernoulli_units.draw_columns(d, n, self.states))


class TorchUnits:
    """Units on any device; the launches can be captured in a graph."""

    def __init__(self, generator):
        self.generator = generator

    def probabilities(self, inputs, bias):
        """P(unit = 1) for inputs (n, k) and bias (k,)."""
        return torch.add(inputs, bias).sigmoid_()

    def draw(self, inputs, bias):
        """Bits of units with inputs (n, k) and bias (k,)."""
        uniform = torch.rand(inputs.shape, generator=self.generator, device=inputs.device)
        return torch.lt(uniform, torch.add(inputs, bias).sigmoid_()).to(inputs.dtype)

    def columns(self, d, n):
        """Draw n integers below d."""
        device = self.generator.device
        return torch.randint(d, (n,), generator=self.generator, device=device)


def make_units(generator):
    """The units for the device of a generator."""
    on_cpu = generator.device.type == "cpu"
    return FusedUnits(generator) if on_cpu else TorchUnits(generator)
