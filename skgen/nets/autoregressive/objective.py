"""What an orderless network descends: the mean over orders of minus the log-likelihood."""

import torch

from skgen.workers import workers

# Masked validation rows on which a loss is judged, and masks of each of them.
N_JUDGED = 1000
LEAST_MASKS, MOST_MASKS = 4, 64


def negative_log_likelihood(net, x, given):
    """Estimate of the mean of -log p(x) over all orders, from one mask a row.

    Where k of a row's observed columns are given, and all k are equally likely, the mean of the
    others' log-probabilities times their number when nothing is given has that mean (Uria, Murray
    & Larochelle 2014).
    """
    observed = ~torch.isnan(x)
    given = given & observed
    asked = observed & ~given
    log_p = torch.where(asked, net(torch.nan_to_num(x), given), 0.0)
    weight = observed.sum(1) / asked.sum(1).clamp(min=1)
    return -(log_p.sum(1) * weight).mean()


def random_masks(x, level, generator):
    """Masks of the shape of x; each column of a row is given with the row's probability."""
    u = torch.rand(x.shape, generator=generator, device=x.device, dtype=torch.float32)
    return u < level


def training_loss(net):
    """``loss(batch, generator)`` with a fresh mask for each row."""

    def loss(batch, generator):
        # With a uniform probability all numbers of given columns are equally likely.
        level = torch.rand(
            len(batch), 1, generator=generator, device=batch.device, dtype=torch.float32
        )
        return negative_log_likelihood(net, batch, random_masks(batch, level, generator))

    return loss


def validation_loss(net):
    """The same with several masks a row, from few to many given columns."""

    def loss(batch, generator):
        n = len(batch)
        n_masks = min(MOST_MASKS, max(LEAST_MASKS, N_JUDGED // workers().n_of_all(n)))
        start = torch.rand(n, 1, generator=generator, device=batch.device, dtype=torch.float32)
        number = torch.arange(n_masks, device=batch.device).repeat_interleave(n).unsqueeze(1)
        level = (start.repeat(n_masks, 1) + number) / n_masks
        rows = batch.repeat(n_masks, 1)
        return negative_log_likelihood(net, rows, random_masks(rows, level, generator))

    return loss
