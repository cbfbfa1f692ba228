"""Learning of deep Boltzmann machines: mean field for the data, chains for the model."""

import torch
from torch.nn import functional as F

from skgen.boltzmann.learning.gradient import bias_gradient
from skgen.boltzmann.learning.layers import bernoulli_layers
from skgen.training import GradientPhase
from skgen.workers import workers


class MeanFieldGradient:
    """``gradient(x, generator)`` of a training phase; reports the reconstruction loss.

    The gradient is that of the bound, E_q[-E] - log Z with q found by mean field: data
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
        """Leave gradients of minus the bound on rows x; return the loss to watch."""
        net = self.net
        if self.layers is None:
            self.layers = bernoulli_layers(net, generator)
        even, _ = net.mean_field(0, x, self.n_steps)
        inputs = self.layers.hidden_input(even)
        odd = self.layers.hidden_mean(inputs)
        model = self.negative_phase(self.layers, inputs)
        G, b, c = (p.grad for p in (net.weight, net.visible_bias, net.hidden_bias))
        layered_gradient(G, b, c, (even, odd), model, net.mask, self.centered)
        return reconstruction_loss(net, x, odd)


def mean_field_phase(estimator, state, optimizer):
    """Phase that trains all layers of a deep machine together."""
    gradient = MeanFieldGradient(
        state.net,
        estimator._negative_phase(state.chains, state.net),
        n_steps=estimator.n_mean_field_steps,
        centered=estimator.centered,
    )
    return GradientPhase("reconstruction", gradient, optimizer)


def layered_gradient(G, b, c, data, model, mask, centered):
    """Write the gradient of minus the bound to G, b and c, from pairs of (even, odd) layers.

    With ``centered`` both sides are measured from the middle between data and model, which
    trains deep machines without pre-training (Montavon & Muller 2012; Melchior, Fischer &
    Wiskott 2016).
    """
    (v, h), (v_model, h_model) = data, model
    n_chains = len(v_model) / workers().relative_weight(len(v_model), len(v))
    torch.mm(h_model.T, v_model / n_chains, out=G)
    G.addmm_(h.T, v, alpha=-1 / len(v))
    mu, offset = bias_gradient(b, c, data, model)
    if not centered:
        G.mul_(mask)
        return
    # <(h - offset)(v - mu)'> of data minus model: the products of offsets cancel.
    G.addr_(offset, b, alpha=-1).addr_(c, mu, alpha=-1).mul_(mask)
    b.addmv_(G.T, offset, alpha=-1)
    c.addmv_(G, mu, alpha=-1)


def reconstruction_loss(net, x, odd):
    """Mean cross-entropy of the features given the odd layers, nats a row."""
    log_odds = net.visible_input(odd)[:, : x.shape[1]]
    return F.binary_cross_entropy_with_logits(log_odds, x, reduction="sum") / len(x)
