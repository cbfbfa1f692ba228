"""What machines share whose hidden units shape the covariance."""

from functools import partial

import numpy as np

from skgen.base.mixins import FeatureMixin
from skgen.base.parameters import COUNT, param
from skgen.boltzmann.energy.base import EnergyEstimator
from skgen.boltzmann.energy.learning import PersistentGradient, energy_gap
from skgen.training import GradientPhase, Stage, adam


class CovarianceEstimator(FeatureMixin, EnergyEstimator):
    """Energy with hidden units that see filters of a row, trained by persistent chains.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units that shape the covariance.
    """

    n_components: int = param(COUNT, default=64, kw_only=False)

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
