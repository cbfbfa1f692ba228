"""Torch modules as NumPy arrays: what a pickle of an estimator holds."""

import numpy as np
import torch

import skgen
from skgen.base.old_pickles import completed, renamed


def export_weights(state):
    """Attributes of an estimator with its ``module_`` replaced by arrays and a version."""
    state = dict(state)
    if "module_" in state:
        weights = state.pop("module_").state_dict()
        state["_weights"] = {name: weight.cpu().numpy() for name, weight in weights.items()}
        state["_skgen_version"] = skgen.__version__
    return state


def import_weights(estimator, state):
    """Attributes of an estimator with its ``module_`` built again from the arrays."""
    state = dict(state)
    if "_weights" not in state:
        return state
    state = completed(renamed(state, estimator._former_weights), estimator._former_defaults)
    weights, _ = state.pop("_weights"), state.pop("_skgen_version")
    # Built by a twin with the parameters of the fit: they may have been changed since.
    twin = object.__new__(type(estimator))
    vars(twin).update(state)
    vars(twin).update(state["_built_for"]["params"])
    with torch.random.fork_rng(devices=[]):
        module = twin._build(state["_built_for"]["n_features"])
    # A file may be mapped read-only, and float64 buffers stay float64.
    tensors = {name: torch.from_numpy(np.array(weight)) for name, weight in weights.items()}
    module.load_state_dict(tensors)
    state["module_"] = module.eval().requires_grad_(False)
    return state
