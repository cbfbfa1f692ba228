"""Learning of deep Boltzmann machines: mean field for the data, chains for the model."""

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.layers import BernoulliLayers


class VariationalContrast:
    """Loss of a training phase: writes the gradients and returns the rebuilding loss.

    The gradient is that of the bound, E_q[-E] - log Z with q settled by mean field: data
    against chains that persist (Salakhutdinov & Hinton 2009).
    """

    def __init__(self, net, negative_phase, *, n_steps, centered):
        self.net, self.negative_phase = net, negative_phase
        self.n_steps, self.centered = n_steps, centered
        self.layers = None
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, x, generator):
        """Gradients of minus the bound on the rows x."""
        net = self.net
        if self.layers is None:
            self.layers = BernoulliLayers(net, generator)
        even, _ = net.settle(0, x, self.n_steps)
        inputs = self.layers.hidden_input(even)
        odd = self.layers.hidden_mean(inputs)
        model = self.negative_phase(self.layers, inputs)
        gradients = [p.grad for p in (net.weight, net.visible_bias, net.hidden_bias)]
        layered_descent(*gradients, (even, odd), model, net.mask, self.centered)
        return rebuilding_loss(net, x, odd)


def layered_descent(G, b, c, data, model, mask, centered):
    """Write the descent direction of weights and biases from pairs of (even, odd) layers.

    With ``centered`` both sides are measured from the middle between data and model, which
    trains deep machines without pre-training (Montavon & Muller 2012; Melchior, Fischer &
    Wiskott 2016).
    """
    (v, h), (v_model, h_model) = data, model
    torch.mm(h_model.T, v_model / len(v_model), out=G)
    G.addmm_(h.T, v, alpha=-1 / len(v))
    v_mean, h_mean, v_model_mean, h_model_mean = (t.mean(0) for t in (v, h, v_model, h_model))
    torch.sub(v_model_mean, v_mean, out=b)
    torch.sub(h_model_mean, h_mean, out=c)
    if not centered:
        G.mul_(mask)
        return
    mu, offset = (v_mean + v_model_mean).mul_(0.5), (h_mean + h_model_mean).mul_(0.5)
    # <(h - offset)(v - mu)'> of data minus model: the products of offsets cancel.
    G.addr_(offset, b, alpha=-1).addr_(c, mu, alpha=-1).mul_(mask)
    b.addmv_(G.T, offset, alpha=-1)
    c.addmv_(G, mu, alpha=-1)


def rebuilding_loss(net, x, odd):
    """Mean cross-entropy of the features given the odd layers, nats a row."""
    log_odds = net.visible_input(odd)[:, : x.shape[1]]
    return F.binary_cross_entropy_with_logits(log_odds, x, reduction="sum") / len(x)
