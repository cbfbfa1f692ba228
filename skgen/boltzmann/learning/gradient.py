"""The gradient of a binary machine's log-likelihood as in the textbook: data against model."""

import torch

from skgen.boltzmann.learning.layers import bernoulli_layers
from skgen.workers import workers


class LikelihoodGradient:
    """``gradient(v, generator)`` of a training phase, by a positive and a negative phase.

    Five matrix products for one sweep of the chains: by hand they are all there is to an
    update, where differentiating the free energies would add products and copies.
    """

    def __init__(
        self, net, negative_phase, optimizer, *, centered, sparsity, make_layers=bernoulli_layers
    ):
        self.net, self.negative_phase, self.optimizer = net, negative_phase, optimizer
        self.centered, self.sparsity, self.make_layers = centered, sparsity, make_layers
        self.layers = None
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, v, generator):
        """Leave gradients of minus the log-likelihood of rows v; return the loss to watch."""
        if self.layers is None:
            self.layers = self.make_layers(self.net, generator)
        # Positive phase: the hidden units given the data.
        inputs = self.layers.hidden_input(v)
        data = v, self.layers.hidden_mean(inputs)
        # Negative phase: both layers as the model believes them to be.
        model = self.negative_phase(self.layers, inputs)
        b, c = self.net.visible_bias.grad, self.net.hidden_bias.grad
        left, right = likelihood_gradient(b, c, data, model, self.centered)
        self.optimizer.put_product(self.net.weight, left, right)
        if self.sparsity is not None:
            self.sparsity(data[1], c)
        return self.layers.loss_to_watch(v, inputs)


def likelihood_gradient(b, c, data, model, centered, other=None):
    """Gradient of minus the log-likelihood from (v, h) pairs: that of the biases in b and c.

    That of the weights, <h v'> of the model minus that of the data, is returned as two factors,
    left' right. With ``centered`` it is the enhanced gradient (Melchior, Fischer & Wiskott
    2016): both layers are measured from offsets mu and lambda, the middle between data and
    model. ``other`` is the gradient of a further loss, to be added: two factors and the
    biases' own.
    """
    (v, h), (v_model, h_model) = data, model
    mu, offset = bias_gradient(b, c, data, model, _means)
    n_chains = len(h_model) / workers().relative_weight(len(h_model), len(h))
    left, right = [h / -len(h), h_model / n_chains], [v, v_model]
    if other is not None:
        left.append(other[0])
        right.append(other[1])
        b.add_(other[2])
        c.add_(other[3])
    if not centered:
        return torch.cat(left), torch.cat(right)
    # <(h - offset)(v - mu)'> of data minus model: the products of offsets cancel, and the
    # gradient of any loss is carried to the centered parameters by the same two rows.
    left = torch.cat([*left, -offset.unsqueeze(0), -c.unsqueeze(0)])
    right = torch.cat([*right, b.unsqueeze(0), mu.unsqueeze(0)])
    b.sub_((left @ offset) @ right)
    c.sub_((right @ mu) @ left)
    return left, right


def bias_gradient(b, c, data, model, means):
    """Write model minus data of the mean layers to b and c; return the middles of the two."""
    v_mean, h_mean, v_model_mean, h_model_mean = means(*data, *model)
    torch.sub(v_model_mean, v_mean, out=b)
    torch.sub(h_model_mean, h_mean, out=c)
    return (v_mean + v_model_mean).mul_(0.5), (h_mean + h_model_mean).mul_(0.5)


def _means(*batches):
    """Column means, those of all workers; as products they are faster than torch's own."""
    if workers().size > 1:
        return workers().means(*batches)
    return [rows.new_full((len(rows),), 1 / len(rows)) @ rows for rows in batches]


class SparsityTarget:
    """Pull the mean activity of each hidden unit toward a target (Lee, Ekanadham & Ng 2008)."""

    def __init__(self, target, cost):
        self.target, self.cost = target, cost

    def __call__(self, h, bias_gradient):
        """Add the gradient of the penalty, through the biases alone."""
        bias_gradient.add_(h.mean(0) - self.target, alpha=self.cost)
