"""Forward and backward pass of a perceptron by formulas, into gradients that keep their place.

What automatic differentiation computes, without its graph, and without a new array for every
gradient of every step.
"""

import torch
from torch import nn

aten = torch.ops.aten

# Of each activation: what it does to a layer's sums, in place where these are not needed any more;
# the gradient by them, given that by the outputs and the outputs, or the sums; which of the two.
ACTIVATIONS = {
    nn.Identity: (lambda layer, a: a, lambda layer, g, h: g, "outputs"),
    nn.ReLU: (
        lambda layer, a: a.relu_(),
        lambda layer, g, h: aten.threshold_backward(g, h, 0.0),
        "outputs",
    ),
    nn.LeakyReLU: (
        lambda layer, a: aten.leaky_relu_(a, layer.negative_slope),
        lambda layer, g, h: aten.leaky_relu_backward(g, h, layer.negative_slope, True),
        "outputs",
    ),
    nn.ELU: (
        lambda layer, a: aten.elu_(a, layer.alpha),
        lambda layer, g, h: aten.elu_backward(g, layer.alpha, 1.0, 1.0, True, h),
        "outputs",
    ),
    nn.Tanh: (lambda layer, a: a.tanh_(), lambda layer, g, h: aten.tanh_backward(g, h), "outputs"),
    nn.Sigmoid: (
        lambda layer, a: a.sigmoid_(),
        lambda layer, g, h: aten.sigmoid_backward(g, h),
        "outputs",
    ),
    nn.GELU: (
        lambda layer, a: aten.gelu(a),
        lambda layer, g, a: aten.gelu_backward(g, a),
        "sums",
    ),
    nn.SiLU: (lambda layer, a: aten.silu(a), lambda layer, g, a: aten.silu_backward(g, a), "sums"),
}


def dense_passes(*networks):
    """A ``DensePass`` of each perceptron, or None where a network is of another kind.

    Layers that share weights, are frozen or have hooks are of another kind, too.
    """
    layers = [list(net) if type(net) is nn.Sequential else [] for net in networks]
    linears = [layer for found in layers for layer in found[::2]]
    if not all(found and len(found) % 2 == 0 for found in layers):
        return None
    if not all(map(_is_plain, linears)):
        return None
    if any(type(layer) not in ACTIVATIONS for found in layers for layer in found[1::2]):
        return None
    if len({p for layer in linears for p in layer.parameters()}) < 2 * len(linears):
        return None
    return [DensePass(found[::2], found[1::2]) for found in layers]


def _is_plain(layer):
    return (
        type(layer) is nn.Linear
        and layer.bias is not None
        and all(parameter.requires_grad for parameter in layer.parameters())
        and not (layer._forward_hooks or layer._forward_pre_hooks or layer._backward_hooks)
    )


class DensePass:
    """Outputs of linear layers with activations, and the gradients of their parameters.

    ``forward`` remembers what ``backward`` needs.
    """

    def __init__(self, linears, activations):
        self.linears, self.activations = linears, activations
        self.inputs, self.kept = [], []
        for linear in linears:
            for parameter in linear.parameters():
                parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def forward(self, x, *, spent=False):
        """Outputs for the rows x (n, n_in); ``spent`` says that the caller overwrites them."""
        self.inputs, self.kept = [], []
        for linear, activation in zip(self.linears, self.activations):
            forward, _, keeps = ACTIVATIONS[type(activation)]
            self.inputs.append(x)
            sums = torch.addmm(linear.bias, x, linear.weight.T)
            x = forward(activation, sums)
            self.kept.append(x if keeps == "outputs" else sums)
        # The derivative of the last activation may need what it gave.
        is_needed = keeps == "outputs" and type(self.activations[-1]) is not nn.Identity
        return x.clone() if spent and is_needed else x

    @torch.no_grad()
    def backward(self, gradient, *, to_input=True, add=False):
        """Set the parameters' gradients, or add to them; return the gradient by the input.

        ``gradient`` (n, n_out) is that by the outputs. Without ``to_input`` the last product,
        whose result nobody needs, is left out.
        """
        beta = 1.0 if add else 0.0
        ones = gradient.new_ones(len(gradient))
        for i in reversed(range(len(self.linears))):
            linear, activation = self.linears[i], self.activations[i]
            _, backward, _ = ACTIVATIONS[type(activation)]
            gradient = backward(activation, gradient, self.kept[i])
            weight, bias = linear.weight.grad, linear.bias.grad
            torch.addmm(weight, gradient.T, self.inputs[i], beta=beta, out=weight)
            torch.addmv(bias, gradient.T, ones, beta=beta, out=bias)
            if i or to_input:
                gradient = gradient @ linear.weight
        return gradient


class BesidePass:
    """The pass of a ``DensePass`` for rows beside each of c further columns, such as a label's.

    Outputs are those of rows (x, e_j), j by j, with e_j the j-th row of the identity; the products
    of x with the first layer are formed once for all j.
    """

    def __init__(self, dense, c):
        self.first, self.activation = dense.linears[0], dense.activations[0]
        self.above = DensePass(dense.linears[1:], dense.activations[1:])
        self.c, self.x, self.kept = c, None, None

    @torch.no_grad()
    def forward(self, x):
        """Outputs for the rows x (n, d), shape (c n, n_out)."""
        forward, _, keeps = ACTIVATIONS[type(self.activation)]
        weight = self.first.weight
        of_x = torch.addmm(self.first.bias, x, weight[:, : -self.c].T)
        sums = (of_x + weight[:, -self.c :].T.unsqueeze(1)).flatten(0, 1)
        out = forward(self.activation, sums)
        self.x, self.kept = x, out if keeps == "outputs" else sums
        return self.above.forward(out) if self.above.linears else out

    @torch.no_grad()
    def backward(self, gradient, *, to_input=False):
        """Set the parameters' gradients, given that by the outputs (c n, n_out)."""
        if self.above.linears:
            gradient = self.above.backward(gradient)
        _, backward, _ = ACTIVATIONS[type(self.activation)]
        gradient = backward(self.activation, gradient, self.kept).view(self.c, len(self.x), -1)
        by_x, weight = gradient.sum(0), self.first.weight.grad
        weight[:, : -self.c] = by_x.T @ self.x
        weight[:, -self.c :] = gradient.sum(1).T
        torch.sum(by_x, 0, out=self.first.bias.grad)


class GivenPass:
    """The pass of a ``DensePass`` for rows with a given ``code`` (n, c) behind each.

    Rows may be those of several draws, one draw after another, (s n, n_in - c).
    """

    def __init__(self, dense):
        self.dense, self.code = dense, None

    def forward(self, x, *, spent=False):
        """Outputs for the rows x, each with its code behind."""
        code = self.code.expand(len(x) // len(self.code), -1, -1).flatten(0, 1)
        return self.dense.forward(torch.cat([x, code], 1), spent=spent)

    def backward(self, gradient, *, to_input=True):
        """Set the parameters' gradients; return the gradient by x, given that by the outputs."""
        gradient = self.dense.backward(gradient, to_input=to_input)
        return gradient[:, : -self.code.shape[1]] if to_input else None
