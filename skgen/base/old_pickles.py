"""Models that version 0.1 saved: their attributes and weights under today's names."""

import re

VERSION = "0.1.0"
ATTRIBUTES = {
    "_centre": "_center",
    "_unit": "_scale",
    "_scales": "_length_scales",
    "_n_labelled": "_n_labeled",
}


def completed(state, defaults):
    """State of a torch estimator with what parameters stood for before there were any."""
    built_for = state["_built_for"]
    built_for = {**built_for, "params": {**defaults, **built_for["params"]}}
    return {**defaults, **state, "_built_for": built_for}


def renamed(state, patterns):
    """State of a torch estimator that version 0.1 saved, as today's would be.

    ``patterns`` are those of the names of its weights that have changed, with the replacements.
    """
    if state["_skgen_version"] != VERSION:
        return state
    state = {ATTRIBUTES.get(name, name): value for name, value in state.items()}
    for pattern, replacement in patterns.items():
        weights = state["_weights"].items()
        state["_weights"] = {re.sub(pattern, replacement, name): w for name, w in weights}
    return state
