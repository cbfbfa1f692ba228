"""Gradients of a dense critic with zero-centred penalties, without differentiating twice.

Between its kinks a network of piecewise-linear layers is linear: with slopes m_i the gradient of
its output at a row is a product of weights and slopes, and so is the gradient of that gradient's
norm. One pass down and two up replace the graph of a gradient of a gradient.
"""

import torch
from torch import nn

from skgen.nets.fourier import FourierFeatures

SLOPES = {
    nn.ReLU: lambda layer: 0.0,
    nn.LeakyReLU: lambda layer: layer.negative_slope,
    nn.Identity: lambda layer: 1.0,
}


def closed_form(critic):
    """``ClosedForm`` of a critic, or None where it has layers of other kinds."""
    layers = list(critic.body) if isinstance(critic.body, nn.Sequential) else []
    linears, activations = layers[::2], layers[1::2]
    # The exact types: a spectrally normalised layer is of another.
    dense = layers and all(type(layer) is nn.Linear for layer in (*linears, critic.head))
    known = type(critic.embedding) in (nn.Identity, FourierFeatures)
    if not (dense and known and all(type(layer) in SLOPES for layer in activations)):
        return None
    if critic.mixes_rows:
        return None
    slopes = [SLOPES[type(layer)](layer) for layer in activations]
    return ClosedForm(critic.embedding, linears, slopes, critic.head)


class ClosedForm:
    """Losses of both players whose gradients are written, not derived."""

    def __init__(self, embedding, linears, slopes, head):
        self.embedding, self.linears, self.slopes, self.head = embedding, linears, slopes, head
        self.waves = isinstance(embedding, FourierFeatures)

    @torch.no_grad()
    def critic_loss(self, x_real, x_fake, objective, weights):
        """Loss of the critic; its gradients are left in the parameters.

        ``objective(real, fake)`` is the loss of the outputs; ``weights`` are the factors of half
        the mean squared gradient norm at the data and at the draws, or None.
        """
        x, n = torch.cat([x_real, x_fake]), len(x_real)
        inputs, masks = self._up(x)
        loss, delta = _derivative(lambda out: objective(out[:n], out[n:]), self._output(inputs))
        signals, gradient = self._down(inputs, masks)
        pushed = None
        if weights is not None:
            share = torch.cat([(w / n).expand(n, 1) for w in weights])
            scaled = share * gradient
            loss = loss + 0.5 * (scaled * gradient).sum()
            pushed = self._push_forward(inputs[0], scaled)
        self._write(inputs, masks, signals, delta, pushed)
        return loss

    @torch.no_grad()
    def generator_loss(self, x_fake, objective):
        """Loss of the generator, and its gradient with respect to the draws."""
        inputs, masks = self._up(x_fake)
        loss, delta = _derivative(objective, self._output(inputs))
        return loss, self._down(inputs, masks)[1] * delta.unsqueeze(1)

    def _up(self, x):
        """Inputs of every layer, the head's last, and the slopes at the hidden units."""
        inputs, masks = [self.embedding(x)], []
        for linear, slope in zip(self.linears, self.slopes):
            h = torch.addmm(linear.bias, inputs[-1], linear.weight.T)
            masks.append(torch.where(h > 0, 1.0, slope))
            inputs.append(h * masks[-1])
        return inputs, masks

    def _output(self, inputs):
        return torch.addmv(self.head.bias, inputs[-1], self.head.weight[0])

    def _down(self, inputs, masks):
        """Derivative of the output by the input of each hidden unit, and by the rows."""
        signals = [masks[-1] * self.head.weight]
        for linear, mask in zip(self.linears[:0:-1], masks[-2::-1]):
            signals.append((signals[-1] @ linear.weight) * mask)
        signals.reverse()
        return signals, self._pull_back(inputs[0], signals[0] @ self.linears[0].weight)

    def _write(self, inputs, masks, signals, delta, pushed):
        """Set the gradients; ``pushed`` is the penalty's derivative by the gradient at the rows."""
        column = delta.unsqueeze(1)
        for i, linear in enumerate(self.linears):
            right = column * inputs[i]
            linear.weight.grad = signals[i].T @ (right if pushed is None else right + pushed)
            linear.bias.grad = delta @ signals[i]
            if pushed is not None:
                pushed = (pushed @ linear.weight.T) * masks[i]
        gradient = delta @ inputs[-1]
        self.head.weight.grad = (
            gradient if pushed is None else gradient + pushed.sum(0)
        ).unsqueeze(0)
        self.head.bias.grad = delta.sum().unsqueeze(0)

    def _pull_back(self, embedded, gradient):
        """Derivative by the rows, from that by their embedding."""
        if not self.waves:
            return gradient
        d, (sin, cos) = len(self.embedding.weight), self._waves_of(embedded)
        by_sin, by_cos = gradient[:, d:].chunk(2, dim=1)
        return gradient[:, :d] + (by_sin * cos - by_cos * sin) @ self.embedding.weight.T

    def _push_forward(self, embedded, direction):
        """Derivative of the embedding in a direction of the rows."""
        if not self.waves:
            return direction
        sin, cos = self._waves_of(embedded)
        phase = direction @ self.embedding.weight
        return torch.cat([direction, phase * cos, -phase * sin], 1)

    def _waves_of(self, embedded):
        return embedded[:, len(self.embedding.weight) :].chunk(2, dim=1)


def _derivative(objective, output):
    """Loss of the outputs, and its derivative by them."""
    output = output.requires_grad_()
    with torch.enable_grad():
        loss = objective(output)
    return loss.detach(), torch.autograd.grad(loss, output)[0]
