"""Gradient steps of a network that a later loss can be differentiated through."""

import torch


def unrolled(loss, parameters, step_sizes, n_steps):
    """Parameters after ``n_steps`` of gradient descent, differentiable (Metz et al. 2017).

    ``loss(parameters)`` is a scalar of a dict of tensors; ``step_sizes`` has a number or a tensor
    for each of them.
    """
    for _ in range(n_steps):
        gradients = torch.autograd.grad(
            loss(parameters), tuple(parameters.values()), create_graph=True
        )
        parameters = {
            name: value - step_sizes[name] * gradient
            for (name, value), gradient in zip(parameters.items(), gradients)
        }
    return parameters


def adam_step_sizes(optimizer, names):
    """Step of Adam for each named parameter of its only group, its second moments held fixed.

    Before the first update there are no moments, and the step is the learning rate.
    """
    group = optimizer.param_groups[0]
    sizes = {}
    for name, parameter in zip(names, group["params"]):
        state = optimizer.state.get(parameter)
        if not state:
            sizes[name] = group["lr"]
            continue
        unbiased = state["exp_avg_sq"] / (1 - group["betas"][1] ** state["step"])
        sizes[name] = group["lr"] / (unbiased.sqrt() + group["eps"])
    return sizes
