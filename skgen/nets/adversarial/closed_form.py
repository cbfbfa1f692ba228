"""Gradients of dense critics and generators by formulas instead of automatic differentiation.

Between its kinks a network of piecewise-linear layers is linear: with slopes m_i the gradient of
its output at a row is a product of weights and slopes, and so is the gradient of that gradient's
norm. One pass down and two up replace the graph of a gradient of a gradient.

Rows are (n, d), or (s, n, d) for the layers of s networks side by side.
"""

import torch
from torch import nn

from skgen.nets.adversarial.dense_layers import climb, dense_layers, is_linear
from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.gan_losses import SLOPES


def written_critic(critic):
    """``WrittenCritic`` of a critic, or None where it has layers of other kinds."""
    dense = dense_layers(critic.body)
    known = type(critic.embedding) in (nn.Identity, FourierFeatures)
    if dense is None or not known or not is_linear(critic.head) or critic.mixes_rows:
        return None
    return WrittenCritic(critic.embedding, *dense, critic.head)


class WrittenCritic:
    """Losses of both players whose gradients at the critic are written, not derived."""

    def __init__(self, embedding, linears, slopes, head):
        self.embedding, self.linears, self.slopes, self.head = embedding, linears, slopes, head
        self.waves = isinstance(embedding, FourierFeatures)

    @torch.no_grad()
    def critic_loss(self, x_real, x_fake, objective, target, weights):
        """Loss of the critic; its gradients are left in the parameters.

        ``objective(real, fake, target)`` is the loss of the outputs; ``weights`` are the factors
        of half the mean squared gradient norm at the data and at the draws, or None.
        """
        n = x_real.shape[-2]
        inputs, masks = self._up(torch.cat([x_real, x_fake], -2))
        real, fake = self._output(inputs).split(n, -1)
        loss = objective(real, fake, target)
        delta = torch.cat(SLOPES[objective](real, fake, target), -1) / n
        signals, gradient = self._down(inputs, masks)
        pushed = None
        if weights is not None:
            parts = [w[..., None, None] * g for w, g in zip(weights, gradient.split(n, -2))]
            scaled = torch.cat(parts, -2).div_(n)
            loss = loss + 0.5 * (scaled * gradient).sum((-2, -1))
            pushed = self._push_forward(inputs[0], scaled)
        self._write(inputs, masks, signals, delta, pushed)
        return loss

    @torch.no_grad()
    def generator_loss(self, x_fake, objective):
        """Loss of the generator, and its gradient with respect to the draws."""
        inputs, masks = self._up(x_fake)
        fake = self._output(inputs)
        delta = SLOPES[objective](fake) / fake.shape[-1]
        return objective(fake), self._down(inputs, masks)[1].mul_(delta.unsqueeze(-1))

    def _up(self, x):
        """Inputs of every layer, the head's last, and the slopes at the hidden units."""
        return climb(self.embedding(x), self.linears, self.slopes)

    def _output(self, inputs):
        return self.head(inputs[-1]).squeeze(-1)

    def _down(self, inputs, masks):
        """Derivative of the output by the input of each hidden unit, and by the rows."""
        signals = [masks[-1] * self.head.weight]
        for linear, mask in zip(self.linears[:0:-1], masks[-2::-1]):
            signals.append((signals[-1] @ linear.weight).mul_(mask))
        signals.reverse()
        return signals, self._pull_back(inputs[0], signals[0] @ self.linears[0].weight)

    def _write(self, inputs, masks, signals, delta, pushed):
        """Set the gradients; ``pushed`` is the penalty's derivative by the gradient at the rows."""
        column, row = delta.unsqueeze(-1), delta.unsqueeze(-2)
        for i, linear in enumerate(self.linears):
            right = column * inputs[i]
            linear.weight.grad = signals[i].mT @ (right if pushed is None else right.add_(pushed))
            linear.bias.grad = (row @ signals[i]).squeeze(-2)
            if pushed is not None:
                pushed = (pushed @ linear.weight.mT).mul_(masks[i])
        gradient = row @ inputs[-1]
        if pushed is not None:
            gradient = gradient + pushed.sum(-2, keepdim=True)
        self.head.weight.grad = gradient
        self.head.bias.grad = delta.sum(-1, keepdim=True)

    def _pull_back(self, embedded, gradient):
        """Derivative by the rows, from that by their embedding."""
        if not self.waves:
            return gradient
        d, (sin, cos) = self.embedding.weight.shape[-2], self._waves_of(embedded)
        by_sin, by_cos = gradient[..., d:].chunk(2, dim=-1)
        return gradient[..., :d] + (by_sin * cos - by_cos * sin) @ self.embedding.weight.mT

    def _push_forward(self, embedded, direction):
        """Derivative of the embedding in a direction of the rows."""
        if not self.waves:
            return direction
        sin, cos = self._waves_of(embedded)
        phase = direction @ self.embedding.weight
        return torch.cat([direction, phase * cos, -phase * sin], -1)

    def _waves_of(self, embedded):
        return embedded[..., self.embedding.weight.shape[-2] :].chunk(2, dim=-1)


class WrittenGenerator:
    """Draws of a dense generator, whose gradients are written."""

    def __init__(self, linears, slopes):
        self.linears, self.slopes = linears, slopes
        self.passed = None

    @torch.no_grad()
    def draw(self, z):
        """Rows that are made of latent rows; remembered for ``write``."""
        self.passed = climb(z, self.linears[:-1], self.slopes)
        return self.linears[-1](self.passed[0][-1])

    @torch.no_grad()
    def write(self, gradient):
        """Set the gradients, given that of a loss with respect to the rows drawn last."""
        inputs, masks = self.passed
        for i in reversed(range(len(self.linears))):
            linear = self.linears[i]
            linear.weight.grad = gradient.mT @ inputs[i]
            linear.bias.grad = gradient.sum(-2)
            if i:
                gradient = (gradient @ linear.weight).mul_(masks[i - 1])


class DerivedGenerator:
    """Draws of any other generator, whose gradients autograd derives."""

    def __init__(self, network):
        self.network, self.drawn = network, None

    def draw(self, z):
        """Rows that are made of latent rows; remembered for ``write``."""
        self.drawn = self.network(z)
        return self.drawn.detach()

    def write(self, gradient):
        """Set the gradients, given that of a loss with respect to the rows drawn last."""
        parameters = list(self.network.parameters())
        for parameter, value in zip(
            parameters, torch.autograd.grad(self.drawn, parameters, gradient)
        ):
            parameter.grad = value


def teachable(generator):
    """``WrittenGenerator`` of a generator, or ``DerivedGenerator`` where it has other layers."""
    dense = dense_layers(generator)
    return DerivedGenerator(generator) if dense is None else WrittenGenerator(*dense)
