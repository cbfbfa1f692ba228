"""Holes in images that are followed by known pixels: Gibbs sampling with the model's proposals."""

import torch

from skgen.nets.autoregressive.pixels.drawing import complete


def fill(net, x, code, missing, n_sweeps, generator):
    """Images x (n, channels, H, W) with what is missing drawn given all that is known.

    What lies behind all known pixels is drawn exactly, in raster order. Other images start from
    such a draw, and ``n_sweeps`` visits to each missing value follow.
    """
    x = complete(net, x, code, missing, generator)
    place = raster_order(x.shape[1:], x.device)
    first = torch.where(missing, place, place.numel()).flatten(1).amin(1)
    last = torch.where(missing, -1, place).flatten(1).amax(1)
    enclosed = torch.nonzero(first < last).flatten()
    if len(enclosed) and n_sweeps:
        own = None if code is None else code[enclosed]
        x[enclosed] = sweeps(net, x[enclosed], own, missing[enclosed], n_sweeps, generator)
    return x


def raster_order(shape, device):
    """Place (channels, H, W) of each value in the order of the factors."""
    n_channels, height, width = shape
    place = torch.arange(n_channels * height * width, device=device)
    return place.view(height, width, n_channels).permute(2, 0, 1)


def sweeps(net, x, code, missing, n_sweeps, generator):
    """Visit each missing value in turn, in raster order, so many times.

    A value is proposed from its distribution given those before it, and accepted by how much
    likelier or not it makes all that comes after it, which leaves its distribution given all the
    others invariant (Metropolis within Gibbs).
    """
    place = raster_order(x.shape[1:], x.device)
    out = net.outputs(x, code)
    log_p = net.values.log_probability(x, out)
    asked = torch.nonzero(missing.any(0))
    asked = asked[place[tuple(asked.T)].argsort()].tolist()
    for _ in range(n_sweeps):
        for channel, row, column in asked:
            own = out[:, channel : channel + 1, :, row, column]
            value = net.values.draw(own, generator).squeeze(1)
            u = torch.rand(len(x), generator=generator, device=x.device, dtype=torch.float32)
            here = missing[:, channel, row, column] & (value != x[:, channel, row, column])
            rows = torch.nonzero(here).flatten()
            if not len(rows):
                continue
            other = x[rows]
            other[:, channel, row, column] = value[rows]
            other_out = net.outputs(other, None if code is None else code[rows])
            other_log_p = net.values.log_probability(other, other_out)
            after = place > place[channel, row, column]
            gain = torch.where(after, other_log_p - log_p[rows], 0.0).sum((1, 2, 3))
            accepted = torch.log(u[rows]) < gain
            taken = rows[accepted]
            x[taken], out[taken] = other[accepted], other_out[accepted]
            log_p[taken] = other_log_p[accepted]
    return x
