"""Draws of a Boltzmann machine by class."""

from skgen.base.results.labeled import LabeledMixin
from skgen.nets.boltzmann.labeled import LabelClamped


class LabeledMachineMixin(LabeledMixin):
    """Labels of a machine two of whose layers have Gibbs chains, beside a ``BoltzmannMixin``."""

    def _sample_label(self, number, n_samples, rng):
        def machine_of(module):
            return LabelClamped(self._two_layers(module), number)

        return self._sample_from(machine_of, self._to_data, n_samples, rng)
