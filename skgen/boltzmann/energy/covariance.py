"""What machines share whose hidden units shape the covariance."""

from functools import partial

import numpy as np

from skgen.base.mixins import FeatureMixin
from skgen.base.parameters import COUNT, param
from skgen.boltzmann.energy.base import N_UPDATES, EnergyEstimator
from skgen.boltzmann.energy.learning import PersistentGradient, energy_gap
from skgen.boltzmann.training_length import N_AIS_STEPS, has_few_rows, updates_by_held_out_rows
from skgen.training import GradientPhase, Stage, adam

# Looks at the rows held out are dear: log Z is annealed for each.
GROWTH = 2.0


class CovarianceEstimator(FeatureMixin, EnergyEstimator):
    """Energy with hidden units that see filters of a row, trained by persistent chains.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units that shape the covariance.
    """

    n_components: int = param(COUNT, default=64, kw_only=False)

    def _choose_length(self, columns):
        self._enough_updates, n_rows = None, columns.X.shape[0]
        chooses = self.max_iter == "auto" and not self.early_stopping
        if chooses and has_few_rows(n_rows, self.n_components):
            how = {"growth": GROWTH, "n_ais_steps": N_AIS_STEPS}
            self._enough_updates = updates_by_held_out_rows(
                self, columns, N_UPDATES, "score_samples", **how
            )

    def _stages(self, state):
        state.resize_chains(self.n_chains)
        # Logarithms of precisions and of pooling are scales, which do not decay.
        weights = [state.net.weight, state.net.mean_weight]
        others = [p for name, p in state.net.named_parameters() if not name.endswith("weight")]
        groups = [{"params": weights, "weight_decay": self.weight_decay}, {"params": others}]
        gradient = PersistentGradient(state, self.n_leapfrog_steps)
        optimizer = adam(groups, self.learning_rate)
        phase = GradientPhase("energy_gap", gradient, optimizer, after=state.finish_update)
        return [Stage([phase], inputs=state.decorrelated, monitor=partial(energy_gap, state))]

    def _finish(self, X):
        super()._finish(X)
        weight = self.module_.averaged_net.weight.double()
        scale = np.broadcast_to(self._scale, X.shape[1])
        # Units see w v with v = (x - center) / scale whitening.
        self.components_ = (weight @ self.module_.whitening.T.double()).numpy() / scale
        self.patterns_ = (weight @ self.module_.coloring.double()).numpy() * scale

    @property
    def _n_features_out(self):
        return self.module_.averaged_net.n_codes

    def _encode(self, X):
        return self._decorrelated(lambda net, v: net.codes(v), X)
