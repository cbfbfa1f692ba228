"""Energy-based model: any smooth function of a row, made a density."""

from collections.abc import Callable

from skgen.base.parameters import LAYERS, one_of, param
from skgen.boltzmann.energy.modules import ModuleEnergyEstimator
from skgen.nets.energy.checks import checked_energy
from skgen.nets.energy.modules import NetworkEnergy


def own_module(given, n_features, name):
    """A copy of the user's module, or the module that his factory makes."""
    from torch import nn

    made = given if isinstance(given, nn.Module) else given(n_features)
    return checked_energy(made, n_features, name)


class EnergyBasedModel(ModuleEnergyEstimator):
    energy: Callable | None = param(callable, None, default=None, kw_only=False)
    hidden_layer_sizes: tuple = param(LAYERS, default=(64, 64), needs={"energy": None})

    _architecture = ("energy", "hidden_layer_sizes", "whiten", "confinement")

    def _has_default_modules(self):
        return self.energy is None

    def _new_modules(self, n_features):
        if self.energy is None:
            return [NetworkEnergy(n_features, self.hidden_layer_sizes)]
        return [own_module(self.energy, n_features, "energy")]
