"""Virtual adversarial training: predictions that hold where they would change the most."""

import torch
from torch.nn import functional as F

# Rows without labels that enter an update.
N_ROWS = 128


def virtual_adversarial_loss(network, x, radius, generator):
    """Mean divergence of the predictions at x and at a perturbed x, nats.

    The perturbation has length ``radius`` and points where the predictions change the most, by
    one round of the power method on the Hessian of the divergence (Miyato et al. 2019). The
    network answers without dropout.
    """
    network.eval()
    with torch.no_grad():
        expected = torch.log_softmax(network(x), -1)
    probe = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    probe = (0.5 * radius * F.normalize(probe)).requires_grad_(True)
    (gradient,) = torch.autograd.grad(kl_divergence(expected, network(x + probe)), probe)
    loss = kl_divergence(expected, network(x + radius * F.normalize(gradient)))
    network.train()
    return loss


def kl_divergence(expected, logits):
    """Mean KL(expected || softmax(logits)) over rows of log-probabilities."""
    logs = torch.log_softmax(logits, -1)
    return F.kl_div(logs, expected, reduction="batchmean", log_target=True)


def draw_rows(rows, generator):
    """Some rows of a tensor, drawn with replacement."""
    index = torch.randint(len(rows), (N_ROWS,), generator=generator, device=rows.device)
    return rows.index_select(0, index)
