"""Gradients of piecewise-linear critics and generators by formulas instead of autograd.

Between its kinks a network of piecewise-linear layers is linear: with slopes m_i the gradient of
its output at a row is a product of weights and slopes, and so is the gradient of that gradient's
norm. One backward pass and two forward passes replace the graph of a gradient of a gradient.

Rows are (n, d), or (s, n, d) for the layers of s networks side by side.
"""

import torch
from torch import nn

from skgen.nets.adversarial.critics.critic import Critic
from skgen.nets.adversarial.fourier import FourierFeatures
from skgen.nets.adversarial.gan_losses import DERIVATIVES
from skgen.nets.adversarial.piecewise_linear import forward_pass, is_linear, linear_layers


def closed_form_critic(critic):
    """``ClosedFormCritic`` of a critic, or None where it has layers of other kinds."""
    if type(critic) is not Critic or critic.projection is not None or critic.recognition:
        return None
    body = linear_layers(critic.body)
    known = type(critic.embedding) in (nn.Identity, FourierFeatures)
    if body is None or not known or not is_linear(critic.head) or critic.mixes_rows:
        return None
    linears, slopes = body
    return ClosedFormCritic(critic.embedding, linears, slopes, critic.head)


def differentiable_generator(generator):
    """``ClosedFormGenerator``, or ``AutogradGenerator`` where a generator has other layers."""
    network = linear_layers(generator)
    if network is None:
        return AutogradGenerator(generator)
    linears, slopes = network
    return ClosedFormGenerator(linears, slopes)


class ClosedFormCritic:
    """Losses of both players, and their gradients at the critic by formulas."""

    def __init__(self, embedding, linears, slopes, head):
        self.embedding, self.linears, self.slopes, self.head = embedding, linears, slopes, head
        self.has_fourier_features = isinstance(embedding, FourierFeatures)

    @torch.no_grad()
    def critic_loss(self, x_real, x_fake, objective, target, weights):
        """Loss of the critic; its gradients are left in the parameters.

        ``objective(real, fake, target)`` is the loss of the outputs; ``weights`` are the factors
        of half the mean squared gradient norm at the data and at the draws, or None.
        """
        n = x_real.shape[-2]
        inputs, masks = self._forward(torch.cat([x_real, x_fake], -2))
        real, fake = self._output(inputs).split(n, -1)
        loss = objective(real, fake, target)
        delta = torch.cat(DERIVATIVES[objective](real, fake, target), -1) / n
        derivatives, gradient = self._backward(inputs, masks)
        tangent = None
        if weights is not None:
            parts = [w[..., None, None] * g for w, g in zip(weights, gradient.split(n, -2))]
            scaled = torch.cat(parts, -2).div_(n)
            loss = loss + 0.5 * (scaled * gradient).sum((-2, -1))
            tangent = self._embedding_jvp(inputs[0], scaled)
        self._set_gradients(inputs, masks, derivatives, delta, tangent)
        return loss

    @torch.no_grad()
    def generator_loss(self, x_fake, objective):
        """Loss of the generator, and its gradient with respect to the draws."""
        inputs, masks = self._forward(x_fake)
        fake = self._output(inputs)
        delta = DERIVATIVES[objective](fake) / fake.shape[-1]
        return objective(fake), self._backward(inputs, masks)[1].mul_(delta.unsqueeze(-1))

    def _forward(self, x):
        """Inputs of every layer, the head's last, and the slopes of the hidden units."""
        return forward_pass(self.embedding(x), self.linears, self.slopes)

    def _output(self, inputs):
        return self.head(inputs[-1]).squeeze(-1)

    def _backward(self, inputs, masks):
        """Derivatives of the output by what each linear layer gives, and by the rows."""
        derivatives = [masks[-1] * self.head.weight]
        for linear, mask in zip(self.linears[:0:-1], masks[-2::-1]):
            derivatives.append((derivatives[-1] @ linear.weight).mul_(mask))
        derivatives.reverse()
        at_embedding = derivatives[0] @ self.linears[0].weight
        return derivatives, self._embedding_vjp(inputs[0], at_embedding)

    def _set_gradients(self, inputs, masks, derivatives, delta, tangent):
        """Set the gradients.

        ``delta`` is the derivative of the loss by the outputs; ``tangent`` that of the penalty by
        the gradient at the embedded rows, which the network carries forward like a tangent.
        """
        column, row = delta.unsqueeze(-1), delta.unsqueeze(-2)
        for i, linear in enumerate(self.linears):
            right = column * inputs[i]
            right = right if tangent is None else right.add_(tangent)
            linear.weight.grad = derivatives[i].mT @ right
            linear.bias.grad = (row @ derivatives[i]).squeeze(-2)
            if tangent is not None:
                tangent = (tangent @ linear.weight.mT).mul_(masks[i])
        gradient = row @ inputs[-1]
        if tangent is not None:
            gradient = gradient + tangent.sum(-2, keepdim=True)
        self.head.weight.grad = gradient
        self.head.bias.grad = delta.sum(-1, keepdim=True)

    def _embedding_vjp(self, embedded, gradient):
        """Derivative by the rows, from that by their embedding."""
        if not self.has_fourier_features:
            return gradient
        d, (sin, cos) = self.embedding.weight.shape[-2], self._sines_and_cosines(embedded)
        by_sin, by_cos = gradient[..., d:].chunk(2, dim=-1)
        return gradient[..., :d] + (by_sin * cos - by_cos * sin) @ self.embedding.weight.mT

    def _embedding_jvp(self, embedded, direction):
        """Derivative of the embedding in a direction of the rows."""
        if not self.has_fourier_features:
            return direction
        sin, cos = self._sines_and_cosines(embedded)
        phase = direction @ self.embedding.weight
        return torch.cat([direction, phase * cos, -phase * sin], -1)

    def _sines_and_cosines(self, embedded):
        return embedded[..., self.embedding.weight.shape[-2] :].chunk(2, dim=-1)


class ClosedFormGenerator:
    """Draws of a piecewise-linear generator, and its gradients by formulas."""

    def __init__(self, linears, slopes):
        self.linears, self.slopes = linears, slopes
        self.inputs, self.masks = None, None

    @torch.no_grad()
    def draw(self, z):
        """Rows that are made of latent rows; remembered for ``backward``."""
        self.inputs, self.masks = forward_pass(z, self.linears[:-1], self.slopes)
        return self.linears[-1](self.inputs[-1])

    @torch.no_grad()
    def backward(self, gradient):
        """Set the gradients, given that of a loss with respect to the rows drawn last."""
        for i in reversed(range(len(self.linears))):
            linear = self.linears[i]
            linear.weight.grad = gradient.mT @ self.inputs[i]
            linear.bias.grad = gradient.sum(-2)
            if i:
                gradient = (gradient @ linear.weight).mul_(self.masks[i - 1])


class AutogradGenerator:
    """Draws of any other generator, and its gradients by autograd."""

    def __init__(self, network):
        self.network, self.draws = network, None

    def draw(self, z):
        """Rows that are made of latent rows; remembered for ``backward``."""
        self.draws = self.network(z)
        return self.draws.detach()

    def backward(self, gradient):
        """Set the gradients, given that of a loss with respect to the rows drawn last."""
        parameters = list(self.network.parameters())
        for parameter, value in zip(
            parameters, torch.autograd.grad(self.draws, parameters, gradient)
        ):
            parameter.grad = value
