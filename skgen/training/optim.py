"""Optimizers as the loop wants them: fused, and fit for CUDA-graph capture."""

import torch


def adam(parameters, learning_rate, *, betas=(0.9, 0.999), weight_decay=0.0):
    """Fused Adam with decoupled weight decay; ``parameters`` is a list or a list of groups.

    A group may carry its own ``lr``.
    """
    parameters = list(parameters)
    first = parameters[0]["params"] if isinstance(parameters[0], dict) else parameters
    on_cuda = next(iter(first)).is_cuda
    optimizer = torch.optim.AdamW(
        parameters,
        lr=learning_rate,
        betas=betas,
        weight_decay=weight_decay,
        fused=True,
        capturable=on_cuda,
    )
    for group in optimizer.param_groups:
        group["initial_lr"] = float(group["lr"])
        if on_cuda:
            # A captured step reads its learning rate from memory.
            device = group["params"][0].device
            group["lr"] = torch.tensor(float(group["lr"]), device=device, dtype=torch.float32)
    return optimizer


def optimizer_state(optimizer):
    """Moments of an optimizer by number of the parameter, and the settings of its groups."""
    groups = [
        {name: value for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]
    return {"state": optimizer.state_dict()["state"], "groups": groups}


def load_moments(optimizer, moments):
    """Put back moments of the same parameters; the settings stay as they are."""
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})


def load_optimizer_state(optimizer, saved):
    """Put back what ``optimizer_state`` told."""
    load_moments(optimizer, saved["state"])
    for group, earlier in zip(optimizer.param_groups, saved["groups"], strict=True):
        for name, value in earlier.items():
            if isinstance(group[name], torch.Tensor):
                group[name].copy_(value)
            else:
                group[name] = value


def scale_learning_rate(optimizer, factor):
    """Set each group's learning rate to ``factor`` times its initial one."""
    for group in optimizer.param_groups:
        value = group["initial_lr"] * factor
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(value)
        else:
            group["lr"] = value
