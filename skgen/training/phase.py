"""What the loop is given: phases, and the stages that hold them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Phase:
    """One loss and the optimizer that descends it.

    Parameters
    ----------
    name : str
        Name of the loss in histories and messages.
    loss : callable
        ``loss(batch, generator)`` gives the mean loss over the rows, a scalar tensor.
        All draws come from ``generator``.
    optimizer : torch.optim.Optimizer
        Holds the parameters that this phase moves.
    after : callable, optional
        ``after()`` runs behind each update: a moving average, a projection.
    differentiated : bool, default=False
        Whether ``loss`` has written the gradients by itself, so that none are derived.
    """

    name: str
    loss: Callable
    optimizer: torch.optim.Optimizer
    after: Callable | None = None
    differentiated: bool = False


@dataclass(frozen=True)
class Stage:
    """Phases that take turns on each batch; most models have one stage.

    Parameters
    ----------
    phases : list of Phase
        The first one names the stage in messages.
    inputs : callable, optional
        ``inputs(batch)`` gives what the phases see, such as the codes of lower layers that no
        longer learn. Computed once for rows that live on the device.
    schedule : callable, optional
        ``schedule(progress)``, with progress in [0, 1), runs before each update: learning
        rates, annealed weights. What a loss reads must be changed in place.
    monitor : callable, optional
        ``monitor(batch, generator)`` is the validation loss; the first phase's by default.
    prepare : callable, optional
        ``prepare()`` runs once, before the first update: what earlier stages must have ended for.
    share : float, default=1.0
        Epochs of the stage as a share of those that were asked for; at least one.
    stops_early : bool, default=True
        Whether early stopping applies to the stage.
    max_iter : int, optional
        Epochs, whatever was asked for; by default ``share`` decides.
    """

    phases: list
    inputs: Callable | None = None
    schedule: Callable | None = None
    monitor: Callable | None = None
    prepare: Callable | None = None
    share: float = 1.0
    stops_early: bool = True
    max_iter: int | None = None
