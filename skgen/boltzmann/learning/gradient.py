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
        self.contrast, self.sparsity, self.make_layers = Contrast(centered), sparsity, make_layers
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
        left, right = self.contrast(b, c, data, model)
        self.optimizer.put_product(self.net.weight, left, right)
        if self.sparsity is not None:
            self.sparsity(data[1], c)
        return self.layers.loss_to_watch(v, inputs)


class Contrast:
    """Gradient of minus the log-likelihood from (v, h) pairs: that of the biases in b and c.

    That of the weights, <h v'> of the model minus that of the data, is returned as two factors,
    left' right. With ``centered`` it is the enhanced gradient (Melchior, Fischer & Wiskott
    2016): both layers are measured from offsets mu and lambda, the middle between data and
    model. ``other`` is the gradient of a further loss, to be added: two factors and the
    biases' own.

    Small machines on a GPU are bound by launches, so that means are products with weights that
    stay, and differences and middles come from one product each.
    """

    def __init__(self, centered):
        self.centered = centered
        self._known = {}

    def __call__(self, b, c, data, model, other=None):
        """Write the gradients of the biases to b and c; return left (m, k) and right (m, d)."""
        (v, h), (v_model, h_model) = data, model
        if workers().size > 1:
            means = workers().means(*data, *model)
            of_v, of_h = (_contrast_and_middle(*pair) for pair in (means[::2], means[1::2]))
        else:
            of_data, of_model = self._weights(len(v), len(v_model), v)
            of_v = torch.addmm(of_data @ v, of_model, v_model)
            of_h = torch.addmm(of_data @ h, of_model, h_model)
        left, right = [h, h_model], [v, v_model]
        if other is not None:
            left.append(other[0])
            right.append(other[1])
            of_v[0].add_(other[2])
            of_h[0].add_(other[3])
        if not self.centered:
            b.copy_(of_v[0])
            c.copy_(of_h[0])
            return self._signed(left), torch.cat(right)
        # <(h - offset)(v - mu)'> of data minus model: the products of offsets cancel, and the
        # gradient of any loss is carried to the centered parameters by the same two rows.
        left = self._signed([*left, of_h.flip(0)], n_offsets=2)
        right = torch.cat([*right, of_v])
        torch.addmv(of_v[0], right.T, left @ of_h[1], alpha=-1, out=b)
        torch.addmv(of_h[0], left.T, right @ of_v[1], alpha=-1, out=c)
        return left, right

    def _weights(self, n, n_model, like):
        """Rows whose products with rows of data, and of the model, add up to what is wanted.

        That is the mean of the model less that of the data, and the middle between the two.
        """
        key = n, n_model
        if key not in self._known:
            contrast_and_middle = like.new_tensor([[-1 / n, 1 / n_model], [0.5 / n, 0.5 / n_model]])
            self._known[key] = [
                column.unsqueeze(1).repeat(1, rows)
                for column, rows in zip(contrast_and_middle.T, key)
            ]
        return self._known[key]

    def _signed(self, parts, n_offsets=0):
        """Left factors below each other: those of the model less those of the data, and offsets."""
        n, n_model = len(parts[0]), len(parts[1])
        of_model = n_model / workers().relative_weight(n_model, n)
        left = torch.cat(parts)
        key = n, of_model, len(left)
        if key not in self._known:
            divisors = left.new_ones(len(left), 1)
            divisors[:n], divisors[n : n + n_model] = -n, of_model
            divisors[len(left) - n_offsets :] = -1
            self._known[key] = divisors
        return left.div_(self._known[key])


def bias_gradient(b, c, data, model):
    """Write model minus data of the mean layers to b and c; return the middles of the two."""
    v_mean, h_mean, v_model_mean, h_model_mean = workers().means(*data, *model)
    torch.sub(v_model_mean, v_mean, out=b)
    torch.sub(h_model_mean, h_mean, out=c)
    return (v_mean + v_model_mean).mul_(0.5), (h_mean + h_model_mean).mul_(0.5)


def _contrast_and_middle(mean, mean_of_model):
    """Model minus data, and the middle between them, as rows."""
    return torch.stack([mean_of_model - mean, 0.5 * (mean + mean_of_model)])


class SparsityTarget:
    """Pull the mean activity of each hidden unit toward a target (Lee, Ekanadham & Ng 2008)."""

    def __init__(self, target, cost):
        self.target, self.cost = target, cost

    def __call__(self, h, bias_gradient):
        """Add the gradient of the penalty, through the biases alone."""
        bias_gradient.add_(h.mean(0) - self.target, alpha=self.cost)
