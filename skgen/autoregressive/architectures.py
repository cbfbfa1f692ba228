"""The networks of a fully visible belief network, by name, and how each is used."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from skgen.nets.autoregressive import chain, objective, walk
from skgen.nets.autoregressive.made import Made
from skgen.nets.autoregressive.nade import Nade
from skgen.nets.autoregressive.orderless import OrderlessNet


class Architecture(NamedTuple):
    """A network, and functions of it that all architectures have."""

    net: type
    training_loss: Callable  # (net, orders, is_random)
    validation_loss: Callable  # (net, orders)
    log_probability: Callable  # (net, x, orders)
    draw_missing: Callable  # (net, x, order, generator)
    hidden: Callable  # (net, x, orders): the last hidden layer
    any_given: bool  # whether it answers for any columns given any others


_CHAIN = {
    "validation_loss": chain.validation_loss,
    "log_probability": chain.log_probability,
    "draw_missing": lambda net, x, order, generator: net.draw(
        len(x), order.to(x.device), generator
    ),
    "hidden": lambda net, x, orders: net.hidden(x, orders[0].to(x.device)),
    "any_given": False,
}
ARCHITECTURES = {
    "orderless": Architecture(
        net=OrderlessNet,
        training_loss=lambda net, orders, is_random: objective.training_loss(net),
        validation_loss=lambda net, orders: objective.validation_loss(net),
        log_probability=walk.log_probability,
        draw_missing=walk.draw_missing,
        hidden=lambda net, x, orders: net.features(torch.nan_to_num(x), ~torch.isnan(x))[0],
        any_given=True,
    ),
    "nade": Architecture(
        net=Nade,
        # A fresh order for each update, where any will do.
        training_loss=lambda net, orders, is_random: chain.training_loss(
            net, None if is_random else orders
        ),
        **_CHAIN,
    ),
    "made": Architecture(
        net=Made,
        training_loss=lambda net, orders, is_random: chain.training_loss(net, orders),
        **_CHAIN,
    ),
}


def orders_of(d, n_orders, ordering):
    """Orders (m, d) that are mixed: always the same random ones, or that of the columns."""
    if ordering == "fixed":
        return np.arange(d)[None]
    rng = np.random.RandomState(0)
    return np.stack([rng.permutation(d) for _ in range(n_orders)])


def check_ordering(architecture, ordering):
    """Refuse a fixed order of a network for all orders."""
    if ordering == "fixed" and ARCHITECTURES[architecture].any_given:
        raise ValueError(
            f'ordering="fixed" with architecture="{architecture}", which learns all orders; use '
            'architecture="nade" or "made", or ordering="random".'
        )


def takes_any_given(architecture):
    """Whether a network answers for any columns given any others."""
    # A name that is none is refused by ``fit``, and not by a question before it.
    return architecture not in ARCHITECTURES or ARCHITECTURES[architecture].any_given


def check_whole(X, architecture):
    """Refuse missing values where the network takes whole rows."""
    if ARCHITECTURES[architecture].any_given:
        return
    try:
        values = X if isinstance(X, np.memmap) else np.asarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        return  # for validation to refuse
    # NaN is the least of all that holds it, and no mask as large as X is made.
    if values.size and np.isnan(values.min()):
        raise ValueError(
            f'X contains NaN, but architecture="{architecture}" takes whole rows: each column is '
            'given all before it; use architecture="orderless", or fill X first.'
        )
