"""What the loop is given: phases, and the stages that hold them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from skgen.training.device import autocast


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
    gradient : callable, optional
        ``gradient(batch, generator)`` sets the same gradients by formulas, from the same draws,
        and returns the same loss. It serves on the CPU in float32.
    """

    name: str
    loss: Callable
    optimizer: torch.optim.Optimizer
    after: Callable | None = None
    gradient: Callable | None = None

    def forget(self):
        """Leave no gradient of an earlier update."""
        self.optimizer.zero_grad(set_to_none=True)

    def step(self):
        """Follow the gradients that were left in the parameters."""
        self.optimizer.step()

    def differentiate(self, batch, generator, precision):
        """Loss of a batch; its gradients are left in the parameters."""
        if self.gradient is not None and batch.device.type == "cpu" and precision == "float32":
            return self.gradient(batch, generator)
        self.forget()
        with autocast(batch.device, precision):
            loss = self.loss(batch, generator)
        loss.backward()
        return loss


@dataclass(frozen=True)
class GradientPhase:
    """A gradient known by a formula, and the optimizer that follows it.

    Parameters
    ----------
    name : str
        Name of the number to watch in histories and messages.
    gradient : callable
        ``gradient(batch, generator)`` leaves the gradients in the parameters, or hands them to
        the optimizer, and returns a number to watch, a scalar tensor. That need not be what the
        gradients descend: the likelihood of a Boltzmann machine has a gradient, but no value.
    optimizer : object
        Has ``step``, ``zero_grad`` and ``param_groups`` as those of torch.
    after : callable, optional
        ``after()`` runs behind each update: a moving average, a projection.
    longest : float, optional
        Length to which the gradient of an update is cut.
    """

    name: str
    gradient: Callable
    optimizer: object
    after: Callable | None = None
    longest: float | None = None

    def forget(self):
        """Gradients are overwritten, so that none needs forgetting."""

    def step(self):
        """Follow the gradients that were left in the parameters."""
        if self.longest is not None:
            weights = [w for group in self.optimizer.param_groups for w in group["params"]]
            nn.utils.clip_grad_norm_(weights, self.longest)
        self.optimizer.step()

    def differentiate(self, batch, generator, precision):
        """Number to watch of a batch; the gradients are left in the parameters."""
        return self.gradient(batch, generator)


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
        ``monitor(batch, generator)`` is the validation loss; that of the first phase by default,
        if it has one.
    monitors_rows : bool, default=True
        Whether the validation loss is a mean over rows, which workers can share.
    prepare : callable, optional
        ``prepare()`` runs once, before the first update: what earlier stages must have ended for.
    fraction : float, default=1.0
        Epochs of the stage as a fraction of those that were asked for; at least one.
    stops_early : bool, default=True
        Whether early stopping applies to the stage.
    max_iter : int, optional
        Epochs, whatever was asked for; by default ``fraction`` decides.
    n_joined : int, default=1
        Rows that become one example in some phase, because it judges them together or takes a
        part of each batch. Statistics of a batch need two examples.
    changes : tuple, default=()
        What the stages change beside the networks and their optimizers. Each has ``state_dict``
        and ``load_state_dict``.
    """

    phases: list
    inputs: Callable | None = None
    schedule: Callable | None = None
    monitor: Callable | None = None
    monitors_rows: bool = True
    prepare: Callable | None = None
    fraction: float = 1.0
    stops_early: bool = True
    max_iter: int | None = None
    n_joined: int = 1
    changes: tuple = ()
