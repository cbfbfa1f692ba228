"""The gradient of the log-likelihood of a machine with Gaussian visible units."""

import torch

from skgen.boltzmann.learning.layers import NetLayers
from skgen.nets.boltzmann.rbm import draw_bits
from skgen.workers import workers

# Features up to which chains jump; in more dimensions hardly a jump meets another cluster.
MOST_JUMPING = 10
# The variances' share of the learning rate: what the noise is matters less than the weights.
NOISE_RATE = 10.0


class GaussianGradient:
    """``gradient(v, generator)`` of a training phase, by a positive and a negative phase.

    Gradients of what acts through v / s grow like 1 / s: here they are scaled by the variances
    s, so that a learning rate suits features with little noise and with much.
    """

    def __init__(self, net, negative_phase, optimizer):
        self.net, self.negative_phase, self.optimizer = net, negative_phase, optimizer
        few = len(net.visible_bias) <= MOST_JUMPING
        self.jumps = few and negative_phase.persistent and not negative_phase.tempered
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def __call__(self, v, generator):
        """Leave gradients of minus the log-likelihood; return data's free energy less model's."""
        net = self.net
        if self.jumps:
            chains = self.negative_phase.chains
            chains[-1] = jump(net, chains[-1], workers().all_rows(v), generator)
        inputs = net.hidden_input(v)
        rows, h_model = self.negative_phase(NetLayers(net, generator), inputs)
        h = torch.sigmoid(inputs)
        of_chains = workers().relative_weight(len(rows), len(v))
        left, right = [h / -len(h), h_model / (len(h_model) / of_chains)], [v, rows]
        self.optimizer.put_product(net.weight, torch.cat(left), torch.cat(right))
        net.visible_bias.grad.copy_(of_chains * rows.mean(0) - v.mean(0))
        net.hidden_bias.grad.copy_(of_chains * h_model.mean(0) - h.mean(0))
        noise = of_chains * self._pull_of_noise(rows, h_model) - self._pull_of_noise(v, h)
        rate = (NOISE_RATE * torch.exp(net.log_variance)).clamp(max=1.0)
        net.log_variance.grad.copy_(noise * rate * torch.exp(-net.log_variance))
        return torch.mean(net.free_energy(v)) - torch.mean(net.free_energy(rows))

    def _pull_of_noise(self, v, h):
        """Derivative of the mean log-density by the log-variances, times the variances, (d,)."""
        squares = 0.5 * (v - self.net.visible_bias).square().mean(0)
        return squares - (torch.mm(h, self.net.weight) * v).mean(0)


def jump(net, h, x, generator):
    """Hidden states h (n, k) after visible draws moved by differences of rows x, where accepted.

    Gibbs chains do not cross from cluster to cluster; the difference of two rows often does. It
    is as likely as its opposite, so that a Metropolis test is all (ter Braak 2006, A Markov chain
    Monte Carlo version of the genetic algorithm Differential Evolution, Statistics & Computing).
    """
    v = net.draw_visible(h, generator)
    i, j = torch.randint(len(x), (2, len(v)), generator=generator, device=x.device)
    moved = v + x[i] - x[j]
    uniform = torch.rand(len(v), generator=generator, device=x.device, dtype=x.dtype)
    accepted = uniform.log() < net.free_energy(v) - net.free_energy(moved)
    v = torch.where(accepted.unsqueeze(1), moved, v)
    return draw_bits(net.hidden_input(v), generator)
