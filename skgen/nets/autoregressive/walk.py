"""Walks over the columns of rows in some order: probabilities, and ancestral draws."""

import math

import torch

from skgen.nets.autoregressive import logistics


def log_probability(net, x, orders):
    """Log-probability (n,) of the observed part of each row under a mixture of orders.

    Each of the ``orders`` (m, d) gives log p(x) = sum_t log p(x_o(t) | x_o(1), ..., x_o(t-1)), the
    density of a fully visible belief network. NaN in x (n, d) is neither asked nor given.
    """
    (n, d), m = x.shape, len(orders)
    observed = ~torch.isnan(x).repeat(m, 1)
    rows = torch.nan_to_num(x).repeat(m, 1)
    given = torch.zeros_like(observed)
    total = torch.zeros(m, n).to(x)
    for step in range(d):
        hidden = [part.split(n) for part in net.features(rows, given)]
        for number, column in enumerate(orders[:, step].tolist()):
            own = slice(number * n, (number + 1) * n)
            told = observed[own, column]
            parts = [part[number] for part in hidden]
            value = log_of_column(net, parts, column, rows[own, column])
            total[number] += torch.where(told, value, 0.0)
            given[own, column] = told
    return torch.logsumexp(total.double(), 0) - math.log(m)


def log_of_column(net, parts, column, x):
    """Log-probability (n,) of values x (n,) of one column for rows whose ``features`` are known."""
    kind, number, parameters = net.column(*parts, column)
    if kind in ("bits", "categories"):
        return parameters.log_softmax(1).gather(1, x.long().unsqueeze(1)).squeeze(1)
    return net.log_of_number(x, parameters, number)


def draw_missing(net, x, order, generator):
    """Rows x (n, d) with what is NaN drawn in an order (d,), each value given those before it.

    What is observed is given from the start.
    """
    given = ~torch.isnan(x)
    rows = torch.nan_to_num(x)
    for column in order.tolist():
        asked = torch.nonzero(~given[:, column]).squeeze(1)
        if not len(asked):
            continue
        parts = net.features(rows[asked], given[asked])
        rows[asked, column] = draw_column(net, parts, column, generator).to(rows.dtype)
        given[asked, column] = True
    return rows


def draw_column(net, parts, column, generator):
    """One value of a column for each row whose ``features`` are known."""
    kind, number, parameters = net.column(*parts, column)
    if kind in ("bits", "categories"):
        return logistics.draw_category(parameters, generator)
    return net.draw_number(parameters, number, generator)


def conditional_means(net, x):
    """Rows x (n, d) with NaN at the mean, or the most probable category, given what is observed."""
    given = ~torch.isnan(x)
    parts = net.features(torch.nan_to_num(x), given)
    filled = torch.nan_to_num(x)
    for column in torch.nonzero(~given.all(0)).squeeze(1).tolist():
        asked = ~given[:, column]
        value = mean_of_column(net, [part[asked] for part in parts], column)
        filled[asked, column] = value.to(filled.dtype)
    return filled


def mean_of_column(net, parts, column):
    """Mean of a number for each row, probability of a bit, most probable category."""
    kind, number, parameters = net.column(*parts, column)
    if kind == "categories":
        return parameters.argmax(1)
    if kind == "bits":
        return parameters.softmax(1)[:, 1]
    logits, location, log_scale = parameters
    low, high = net.low[number], net.high[number]
    means = logistics.mean_within(low, high, location, log_scale)
    mean = (logits.softmax(0) * means).sum(0)
    return mean.clamp(net.least[number], net.greatest[number])
