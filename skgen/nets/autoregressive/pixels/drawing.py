"""Images made pixel by pixel, each given those before it."""

import torch


def complete(net, x, code, missing, generator):
    """Images x (n, channels, H, W) with what is missing drawn in raster order.

    Each value is drawn given those before it: where nothing that is known comes after what is
    missing, that is a draw given all that is known.
    """
    x = torch.where(missing, torch.zeros_like(x), x)
    rows = torch.nonzero(missing.any(dim=(0, 1, 3))).flatten().tolist()
    if not rows:
        return x
    walk = net.walk(x, code)
    walk.skip_to(rows[0])
    n_channels = x.shape[1]
    for row in range(rows[0], rows[-1] + 1):
        walk.begin_row(row)
        for column in range(x.shape[3]):
            asked = missing[:, :, row, column]
            channels = torch.nonzero(asked.any(0)).flatten().tolist()
            for channel in channels:
                out = walk.outputs(column)[:, channel : channel + 1]
                drawn = net.values.draw(out, generator).squeeze(1)
                own = x[:, channel, row, column]
                x[:, channel, row, column] = torch.where(asked[:, channel], drawn, own)
                walk.put(column, net.values.seen(x[:, :, row, column]))
            if n_channels - 1 not in channels:
                walk.outputs(column)
    return x
