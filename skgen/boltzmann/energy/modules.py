"""What energies of any modules share: three trainings, and what the modules see."""

from abc import abstractmethod

import torch

from skgen.base.parameters import AUTO, COUNT, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.boltzmann.energy.base import N_UPDATES, EnergyEstimator
from skgen.boltzmann.energy.learning import PersistentGradient
from skgen.boltzmann.energy.score_matching import (
    DenoisingScoreMatching,
    HeldOutScore,
    ScoreGradient,
    ScoreMatching,
)
from skgen.boltzmann.training_length import updates_by_early_stopping
from skgen.nets.energy.checks import check_curvature
from skgen.nets.energy.modules import SumOfEnergies
from skgen.training import GradientPhase, Stage, adam

# With more rows networks hardly learn rows by heart; updates to wait for a better loss.
MOST_ROWS, PATIENCE = 2000, 1000
LOSSES = {
    "pcd": "energy_gap",
    "score_matching": "score_matching",
    "denoising_score_matching": "denoising_score_matching",
}


class ModuleEnergyEstimator(EnergyEstimator):
    """Density exp(-E(v)) / Z with an energy E that modules make.

    Parameters
    ----------
    training : {"pcd", "score_matching", "denoising_score_matching"}, default="pcd"
        "pcd" follows the likelihood, by Hamiltonian chains that persist (Tieleman 2008).
        "score_matching" fits the gradient of the energy to that of the data's log-density, of
        which the data tell enough without chains (Hyvarinen 2005). "denoising_score_matching" does
        so for rows with noise, which takes first derivatives alone (Vincent 2011).
    noise_scale : float, default=0.2
        Standard deviation of the noise of "denoising_score_matching", where the decorrelated rows
        have 1. What is learned is the density of rows with such noise.
    n_directions : int or None, default=None
        Random directions along which "score_matching" measures the curvature at each row (Song et
        al. 2019); as many as features, or more, are all axes instead. None takes all axes for up
        to 8 features, and 1 direction for more.
    whiten : bool or "auto", default="auto"
        Whether modules see decorrelated rows of unit variance, or else columns of mean 0 and
        variance 1 in the order of X. "auto" decorrelates for the default modules alone.
    confinement : float, default=1e-3
        Precision of a wide normal law that is a factor of the density, where the decorrelated rows
        have 1: the density is normalizable if energies fall no faster than linearly. 0 leaves it
        out.
    n_leapfrog_steps : int, default=5
        Steps of a Hamiltonian chain in one move, along the slope of the energy; 1 makes it one of
        Langevin. Their length is adapted until nine moves of ten are accepted.
    """

    training: str = param(
        one_of("pcd", "score_matching", "denoising_score_matching"), default="pcd"
    )
    noise_scale: float = param(
        POSITIVE, default=0.2, needs={"training": one_of("denoising_score_matching")}
    )
    n_directions: int | None = param(
        COUNT, None, default=None, needs={"training": one_of("score_matching")}
    )
    whiten: bool | str = param("boolean", AUTO, default="auto")
    confinement: float = param(NON_NEGATIVE, default=1e-3)
    n_leapfrog_steps: int = param(default=5)

    @abstractmethod
    def _new_modules(self, n_features):
        """Return untrained modules whose energies are added."""

    @abstractmethod
    def _has_default_modules(self):
        """Whether the modules are not the user's."""

    def _choose_length(self, columns):
        self._enough_updates, n_rows = None, columns.X.shape[0]
        if self.max_iter == "auto" and not self.early_stopping and 2 <= n_rows < MOST_ROWS:
            how = N_UPDATES, PATIENCE
            self._enough_updates = updates_by_early_stopping(self, columns, *how)

    def _new_net(self, n_features):
        modules = self._new_modules(n_features)
        whiten = self._has_default_modules() if self.whiten == "auto" else self.whiten
        coloring = None if whiten else torch.eye(n_features, dtype=torch.float32)
        return SumOfEnergies(modules, self.confinement, coloring)

    def _build(self, n_features):
        state = super()._build(n_features)
        for net in (state.net, state.averaged_net):
            if net.coloring is not None:
                net.coloring.copy_(state.coloring)
        return state

    def _built(self, state):
        if self.training == "score_matching":
            check_curvature(state.net.experts, len(state.whitening))

    def _stages(self, state):
        state.resize_chains(self.n_chains)
        learned = state.net.learned().values()
        groups = [
            {"params": [p for p in learned if p.ndim > 1], "weight_decay": self.weight_decay},
            {"params": [p for p in learned if p.ndim <= 1]},
        ]
        optimizer = adam([group for group in groups if group["params"]], self.learning_rate)
        how = self._gradient(state), optimizer, state.finish_update
        phase = GradientPhase(LOSSES[self.training], *how)
        of_noise = self.training == "denoising_score_matching"
        monitor = HeldOutScore(state, *([self.noise_scale] if of_noise else []))
        return [Stage([phase], inputs=state.decorrelated, monitor=monitor)]

    def _gradient(self, state):
        """Gradient of the training."""
        if self.training == "pcd":
            return PersistentGradient(state, self.n_leapfrog_steps)
        if self.training == "score_matching":
            return ScoreGradient(state, ScoreMatching(self.n_directions))
        return ScoreGradient(state, DenoisingScoreMatching(self.noise_scale))
