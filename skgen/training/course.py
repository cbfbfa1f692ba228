"""All that the epochs of a stage change: saved after one, and put back in another process."""

import torch

from skgen.training.optim import load_optimizer_state, optimizer_state
from skgen.training.rng import generator_states, set_generator_states


class Course:
    """Where the training of a stage is.

    Rows, networks, optimizers and phases are made anew by whoever goes on, from the same data and
    the same seeds; what is kept here is what epochs made of them.

    Parameters
    ----------
    module : torch.nn.Module
        What learns.
    stage : Stage
        Its phases, and what else they change.
    generator : torch.Generator
        Source of the draws.
    keeper : object
        The stopping rule.
    history : History
        Losses so far.
    """

    def __init__(self, module, stage, generator, keeper, history):
        self.module, self.others, self.generator = module, stage.changes, generator
        self.keeper, self.history = keeper, history
        # Players may share one.
        self.optimizers = list(dict.fromkeys(phase.optimizer for phase in stage.phases))

    def save(self):
        """A copy of everything, in tensors on the CPU, numbers and lists."""
        return {
            "module": on_cpu(self.module.state_dict()),
            "optimizers": [on_cpu(optimizer_state(one)) for one in self.optimizers],
            "others": [on_cpu(other.state_dict()) for other in self.others],
            "generators": generator_states(self.generator),
            "stopping": on_cpu(self.keeper.state()),
            "losses": {name: list(curve) for name, curve in self.history.losses.items()},
            "validation": list(self.history.validation),
        }

    def load(self, saved):
        """Put back what was saved."""
        self.module.load_state_dict(saved["module"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
            load_optimizer_state(optimizer, state)
        for other, state in zip(self.others, saved["others"], strict=True):
            other.load_state_dict(state)
        self.keeper.load(saved["stopping"])
        self.history.losses.update({name: list(c) for name, c in saved["losses"].items()})
        self.history.validation[:] = saved["validation"]
        # Last, since what came before may draw.
        set_generator_states(self.generator, saved["generators"])


def on_cpu(value):
    """A copy of nested tensors, lists and numbers that shares no memory."""
    if isinstance(value, torch.Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        return {key: on_cpu(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [on_cpu(one) for one in value]
    return value
