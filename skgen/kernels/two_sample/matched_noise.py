"""The noise that gives draws the local spread of data."""

from skgen.kernels.two_sample.distances import length_scales

N_BISECTIONS = 14


def matched_noise(draws, noise, fine):
    """Least s >= 0 for which the fine length of ``draws + s * noise`` is ``fine``.

    ``draws`` and standard normal ``noise`` are (n, d), with n the number of data rows from which
    ``fine`` was measured, since that length depends on the number of rows.
    """
    if length_scales(draws)[0] >= fine:
        return 0.0
    low, high = 0.0, fine
    while length_scales(draws + high * noise)[0] < fine:
        low, high = high, 2 * high
    for _ in range(N_BISECTIONS):
        middle = (low + high) / 2
        if length_scales(draws + middle * noise)[0] < fine:
            low = middle
        else:
            high = middle
    return high
