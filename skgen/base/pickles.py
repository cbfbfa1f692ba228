"""What a pickle of a torch estimator holds, and how models of version 0.1 are read."""

import re

import numpy as np
import torch

from skgen.training import own_draws, plain_autograd, seeded

# Of version 0.1: attributes under other names than today's.
FORMER_VERSION = "0.1.0"
FORMER_ATTRIBUTES = {
    "_centre": "_center",
    "_unit": "_scale",
    "_scales": "_length_scales",
    "_n_labelled": "_n_seen",
    "_n_labeled": "_n_seen",
}


def export_weights(state):
    """Attributes of an estimator with its ``module_`` replaced by arrays."""
    state = dict(state)
    # An optimizer's moments, and which rows were shown, are worth one session, not a file.
    state.pop("_optimizers", None)
    if "_columns" in state:
        known = state["_columns"].items()
        state["_columns"] = {name: value for name, value in known if name != "shown"}
    if "module_" in state:
        weights = state.pop("module_").state_dict()
        state["_weights"] = {name: weight.cpu().numpy() for name, weight in weights.items()}
    return state


def import_weights(estimator, state, version):
    """Attributes of an estimator with its ``module_`` built again from the arrays."""
    state = dict(state)
    if "_weights" not in state:
        return state
    if version == FORMER_VERSION:
        state = _renamed(state, estimator._former_weights)
    state = _completed(state, estimator._former_defaults)
    weights = state.pop("_weights")
    # Built by a twin with the parameters of the fit: they may have been changed since.
    twin = object.__new__(type(estimator))
    vars(twin).update(state)
    vars(twin).update(state["_built_for"]["params"])
    # A copy made in the course of a fit, such as a checkpoint's, takes none of the fit's draws.
    with seeded(torch.Generator().manual_seed(0)), own_draws(), plain_autograd():
        module = twin._build(state["_built_for"]["n_features"])
    # A file may be mapped read-only, and float64 buffers stay float64.
    tensors = {name: torch.from_numpy(np.array(weight)) for name, weight in weights.items()}
    module.load_state_dict(tensors)
    state["module_"] = module.eval().requires_grad_(False)
    return state


def _completed(state, defaults):
    """State of a torch estimator with what parameters stood for before there were any."""
    built_for = state["_built_for"]
    built_for = {**built_for, "params": {**defaults, **built_for["params"]}}
    return {**defaults, **state, "_built_for": built_for}


def _renamed(state, patterns):
    """State of a torch estimator that version 0.1 saved, as today's would be.

    ``patterns`` are those of the names of its weights that have changed, with the replacements.
    """
    state = {FORMER_ATTRIBUTES.get(name, name): value for name, value in state.items()}
    for pattern, replacement in patterns.items():
        weights = state["_weights"].items()
        state["_weights"] = {re.sub(pattern, replacement, name): w for name, w in weights}
    return state
