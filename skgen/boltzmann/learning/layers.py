"""The two layers of a machine as its Gibbs chains see them: inputs, means and draws."""

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.lanes import lane_states, part_of_draws
from skgen.kernels.boltzmann import bernoulli_units
from skgen.kernels.boltzmann.pseudo_likelihood import sampled_pseudo_likelihood
from skgen.nets.boltzmann.rbm import draw_labels

# Rows of a batch whose pseudo-likelihood is the loss to watch.
N_MONITORED = 4


def bernoulli_layers(net, generator):
    """Layers of an ``RBM`` for the device of a generator; call under ``torch.no_grad``."""
    kind = BernoulliLayers if generator.device.type == "cpu" else BernoulliLayersOnDevice
    return kind(net, generator)


class BernoulliLayers:
    """Layers of an ``RBM`` on the CPU, drawn by a kernel."""

    def __init__(self, net, generator):
        self.W, self.b, self.c = (
            p.detach() for p in (net.weight, net.visible_bias, net.hidden_bias)
        )
        self.generator = generator
        self.units = FusedUnits(generator)
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
        arrays = (t.numpy() for t in (v, inputs, self.W, self.b, self.c, columns))
        return torch.tensor(-sampled_pseudo_likelihood(*arrays))


class NetLayers:
    """Layers of any machine through the methods of its module."""

    def __init__(self, net, generator):
        self.net, self.generator = net, generator

    def hidden_input(self, v):
        """Inputs of the hidden units."""
        return self.net.hidden_input(v)

    def hidden_mean(self, inputs):
        """P(h = 1 | v)."""
        return self.net.hidden_mean(inputs)

    def draw_hidden(self, inputs):
        """Draw h given v."""
        return self.net.draw_hidden(inputs, self.generator)

    def draw_visible(self, h):
        """Draw v given h."""
        return self.net.draw_visible(h, self.generator)


class BernoulliLayersOnDevice(NetLayers):
    """Layers of an ``RBM`` on any device, in few launches, which a graph can capture."""

    def loss_to_watch(self, v, inputs):
        """Minus the mean pseudo-log-likelihood of some of the rows, nats; a scalar tensor."""
        v, inputs, net = v[:N_MONITORED], inputs[:N_MONITORED], self.net
        d, generator = v.shape[1], self.generator
        columns = torch.randint(d, (len(v),), generator=generator, device=generator.device)
        flip = torch.rsub(v.gather(1, columns.unsqueeze(1)), 1, alpha=2)
        flipped = torch.addcmul(inputs, flip, net.weight.T[columns])
        gain = F.softplus(flipped).sub_(F.softplus(inputs)).sum(1)
        log_odds = gain.addcmul_(flip.squeeze(1), net.visible_bias[columns])
        return F.softplus(log_odds).mean().mul_(d)


class FusedUnits:
    """Units on the CPU, float32: one pass over memory, without torch's generator."""

    def __init__(self, generator):
        self.states = lane_states(generator)

    def probabilities(self, inputs, bias):
        """P(unit = 1) for inputs (n, k) and bias (k,)."""
        out = torch.empty_like(inputs)
        bernoulli_units.probabilities(inputs.numpy(), bias.numpy(), out.numpy())
        return out

    def draw(self, inputs, bias):
        """Bits of units with inputs (n, k) and bias (k,)."""
        out = torch.empty_like(inputs)
        with part_of_draws(self.states, len(inputs), 1, len(bias)):
            bernoulli_units.draw(inputs.numpy(), bias.numpy(), self.states, out.numpy())
        return out

    def columns(self, d, n):
        """Draw n integers below d."""
        return torch.from_numpy(bernoulli_units.draw_columns(d, n, self.states))
