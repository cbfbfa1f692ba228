"""The gradient of a Bernoulli machine's log-likelihood, data against chains, by hand."""

import torch

from skgen.boltzmann.learning.cpu_gradient import BufferedContrast, FusedContrast
from skgen.boltzmann.learning.layers import BernoulliLayers
from skgen.boltzmann.learning.negative_phase import make_negative_phase
from skgen.training import GradientPhase

# Weights up to which one fused call beats the products of a library.
MOST_FUSED = 2**13


class Contrast:
    """Loss of a training phase: writes the gradients and returns the pseudo-likelihood loss.

    Five matrix products for one sweep of the chains: by hand they are all there is to an
    update, where differentiating the free energies would add products and copies.
    """

    def __init__(self, net, negative_phase, make_layers, optimizer, *, centered, sparsity):
        self.net, self.negative_phase, self.make_layers = net, negative_phase, make_layers
        self.optimizer = optimizer
        self.centered, self.sparsity = centered, sparsity
        self.layers = None
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, v, generator):
        """Gradients of minus the log-likelihood of the rows v."""
        if self.layers is None:
            self.layers = self.make_layers(self.net, generator)
        inputs = self.layers.hidden_input(v)
        data = v, self.layers.hidden_mean(inputs)
        loss = self.layers.loss(v, inputs)
        model = self.negative_phase(self.layers, inputs)
        b, c = self.net.visible_bias.grad, self.net.hidden_bias.grad
        self.optimizer.put_product(self.net.weight, *descent(b, c, data, model, self.centered))
        if self.sparsity is not None:
            self.sparsity(data[1], c)
        return loss


def bernoulli_phase(estimator, machine, optimizer):
    """Phase that trains a binary machine, with gradients written by hand."""
    loss = make_contrast(estimator, machine, optimizer)
    return GradientPhase("pseudo_likelihood", loss, optimizer)


def make_contrast(estimator, machine, optimizer):
    """The contrast for the size and the device of a machine."""
    net, shared = machine.moving, {"centered": estimator.centered, "sparsity": None}
    if estimator.sparsity_target is not None:
        target = SparsityTarget(estimator.sparsity_target, estimator.sparsity_cost)
        shared["sparsity"] = target
    on_cpu = net.weight.device.type == "cpu"
    if on_cpu and estimator.negative_phase != "pt":
        kind = FusedContrast if net.weight.numel() <= MOST_FUSED else BufferedContrast
        persistent = estimator.negative_phase == "pcd"
        steps = {"n_steps": estimator.n_gibbs_steps, "persistent": persistent}
        return kind(net, machine.chains, optimizer, **steps, **shared)
    negative_phase = make_negative_phase(estimator, machine.chains, net)
    return Contrast(net, negative_phase, BernoulliLayers, optimizer, **shared)


def descent(b, c, data, model, centered, other=None):
    """Descent direction from (v, h) pairs: written to b and c for the biases of both layers.

    That of the weights is returned as two factors, left' right. With ``centered`` it is the
    enhanced gradient (Melchior, Fischer & Wiskott 2016): both layers are measured from offsets
    mu and lambda, the middle between data and model. ``other`` is the gradient of a further
    loss, to be added: two factors and the biases' own.
    """
    (v, h), (v_model, h_model) = data, model
    v_mean, v_model_mean, h_mean, h_model_mean = map(_means, (v, v_model, h, h_model))
    torch.sub(v_model_mean, v_mean, out=b)
    torch.sub(h_model_mean, h_mean, out=c)
    left, right = [h / -len(h), h_model / len(h_model)], [v, v_model]
    if other is not None:
        left.append(other[0])
        right.append(other[1])
        b.add_(other[2])
        c.add_(other[3])
    if not centered:
        return torch.cat(left), torch.cat(right)
    # <(h - offset)(v - mu)'> of data minus model: the products of offsets cancel, and the
    # gradient of any loss is carried to the centered parameters by the same two rows.
    mu, offset = (v_mean + v_model_mean).mul_(0.5), (h_mean + h_model_mean).mul_(0.5)
    left = torch.cat([*left, -offset.unsqueeze(0), -c.unsqueeze(0)])
    right = torch.cat([*right, b.unsqueeze(0), mu.unsqueeze(0)])
    b.sub_((left @ offset) @ right)
    c.sub_((right @ mu) @ left)
    return left, right


def _means(rows):
    """Column means; as a product they are faster than torch's own."""
    return rows.new_full((len(rows),), 1 / len(rows)) @ rows


class SparsityTarget:
    """Pull the mean activity of each hidden unit towards a target (Lee, Ekanadham & Ng 2008)."""

    def __init__(self, target, cost):
        self.target, self.cost = target, cost

    def __call__(self, h, bias_gradient):
        """Add the gradient of the penalty, through the biases alone."""
        bias_gradient.add_(h.mean(0) - self.target, alpha=self.cost)
