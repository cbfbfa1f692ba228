"""The two layers of a machine as its Gibbs chains see them: inputs, means and draws."""

import torch

from skgen.kernels.boltzmann import bernoulli_units
from skgen.kernels.boltzmann.pseudo_likelihood import sampled_pseudo_likelihood
from skgen.nets.boltzmann.rbm import draw_bits, draw_labels

# Rows of a batch whose pseudo-likelihood is the loss to watch.
N_MONITORED = 4


class BernoulliLayers:
    """Layers of an ``RBM``, drawn by a kernel on the CPU; call under ``torch.no_grad``."""

    def __init__(self, net, generator):
        self.W, self.b, self.c = (
            p.detach() for p in (net.weight, net.visible_bias, net.hidden_bias)
        )
        on_cpu = generator.device.type == "cpu"
        self.generator = generator
        self.units = FusedUnits(generator) if on_cpu else TorchUnits(generator)
        self.n_bits = len(self.b) - net.n_classes

    def hidden_input(self, v):
        """Inputs of the hidden units, without their biases."""
        return torch.mm(v, self.W.T)

    def hidden_mean(self, inputs):
        """P(h = 1 | v)."""
        return self.units.probabilities(inputs, self.c)

    def draw_hidden(self, inputs):
        """Draw h given v."""
        return self.units.draw(inputs, self.c)

    def draw_visible(self, h):
        """Draw v given h."""
        inputs, n = torch.mm(h, self.W), self.n_bits
        if n == len(self.b):
            return self.units.draw(inputs, self.b)
        bits = self.units.draw(inputs[:, :n].contiguous(), self.b[:n])
        labels = draw_labels(inputs[:, n:] + self.b[n:], self.generator)
        return torch.cat([bits, labels], 1)

    def loss_to_watch(self, v, inputs):
        """Minus the mean pseudo-log-likelihood of some of the rows, nats; a scalar tensor."""
        v, inputs = v[:N_MONITORED], inputs[:N_MONITORED]
        columns = self.units.columns(v.shape[1], len(v))
        if v.is_cuda:
            return self._loss_on_device(v, inputs + self.c, columns)
        arrays = (t.numpy() for t in (v, inputs, self.W, self.b, self.c, columns))
        return torch.tensor(-sampled_pseudo_likelihood(*arrays))

    def _loss_on_device(self, v, inputs, columns):
        flip = 1 - 2 * v.gather(1, columns.unsqueeze(1))
        flipped = inputs + flip * self.W.T[columns]
        softplus = torch.nn.functional.softplus
        log_odds = flip.squeeze(1) * self.b[columns] + (softplus(flipped) - softplus(inputs)).sum(1)
        return v.shape[1] * softplus(log_odds).mean()


class NetLayers:
    """Layers of any machine through the methods of its module."""

    def __init__(self, net, generator):
        self.net, self.generator = net, generator

    def hidden_input(self, v):
        """Inputs of the hidden units."""
        return self.net.hidden_input(v)

    def hidden_mean(self, inputs):
        """P(h = 1 | v)."""
        return torch.sigmoid(inputs)

    def draw_hidden(self, inputs):
        """Draw h given v."""
        return draw_bits(inputs, self.generator)

    def draw_visible(self, h):
        """Draw v given h."""
        return self.net.draw_visible(h, self.generator)


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
