"""Models that an earlier version saved: their attributes and weights under today's names."""

import re

# Version that saved -> attributes renamed since.
ATTRIBUTES = {
    "0.1.0": {"_centre": "_center", "_unit": "_scale", "_scales": "_length_scales"},
}
# Version that saved -> pattern and replacement for the names of weights.
WEIGHTS = {"0.1.0": {}}


def renamed(state, version):
    """State of a torch estimator saved by an earlier version, as today's would be."""
    attributes, weights = ATTRIBUTES.get(version, {}), WEIGHTS.get(version, {})
    state = {attributes.get(name, name): value for name, value in state.items()}
    state["_weights"] = {_new_name(n, weights): value for n, value in state["_weights"].items()}
    return state


def _new_name(name, patterns):
    for pattern, replacement in patterns.items():
        name = re.sub(pattern, replacement, name)
    return name
