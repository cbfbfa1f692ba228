"""What estimators with an energy share: its state, and verbs on Hamiltonian chains."""

import copy
from abc import abstractmethod
from itertools import islice

import numpy as np
import torch
from sklearn.covariance import ledoit_wolf

from skgen.base.data_range import column_scales, noise_floors
from skgen.base.mixins import ImputeMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import AUTO, COUNT, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import LoopParameters
from skgen.boltzmann.energy.conditioned import conditional_chain
from skgen.boltzmann.energy.learning import EnergyState
from skgen.boltzmann.energy.quadrature import MOST_FEATURES, log_partition
from skgen.boltzmann.partition import PartitionMixin
from skgen.boltzmann.sampling import filled
from skgen.nets.energy.annealing import EnergyPath, forward_log_partition, reverse_log_partition
from skgen.nets.energy.hamiltonian import run
from skgen.training import (
    inference_device,
    largest_product,
    standardized,
    threads_for,
    torch_generator,
)

N_PARALLEL = 1000
N_VALUES = 2**22  # of the flats of a block of rows

N_UPDATES = 5000


class EnergyParameters(LoopParameters):
    """How an energy is trained, and how its chains run afterward.

    Parameters
    ----------
    n_leapfrog_steps : int, default=10
        Steps of a Hamiltonian chain in one move, along the slope of the energy. Their length is
        adapted until nine moves of ten are accepted.
    n_chains : int, default=100
        Chains that persist from update to update; each makes one move an update.
    batch_size : int, default=100
        Rows an update, of each worker where torchrun has started several.
    learning_rate : float, default=3e-3
        Initial learning rate of Adam.
    learning_rate_schedule : {"constant", "cosine"}, default="constant"
        Whether the learning rate falls to zero over ``max_iter`` epochs. The weights are averaged
        over the last updates, so that a constant one leaves little noise in them.
    weight_decay : float, default=0.0
        Decoupled decay of the weights, not of biases and scales (AdamW).
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 5 000 updates, and fewer where rows are few and a first
        run, which holds some of them out, finds that the machine would learn them by heart.
    n_ais_chains : int, default=100
        Chains of the annealed importance sampling that estimates log Z of three features or more.
    n_ais_steps : int, default=300
        Temperatures of that sampling.
    n_burn_in : int, default=100
        Moves of the chains of ``sample`` before the first draws, and of those of ``impute`` before
        as many that are averaged.
    n_thinning : int, default=20
        Moves between one set of draws and the next, where more than 1000 rows are asked for.
    """

    n_leapfrog_steps: int = param(COUNT, default=10)
    n_chains: int = param(COUNT, default=100)
    batch_size: int = param(COUNT, default=100)
    learning_rate: float = param(POSITIVE, default=3e-3)
    learning_rate_schedule: str = param(one_of("constant", "cosine"), default="constant")
    weight_decay: float = param(NON_NEGATIVE, default=0.0)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
    n_ais_chains: int = param(COUNT, default=100)
    n_ais_steps: int = param(COUNT, default=300)
    n_burn_in: int = param(COUNT, default=100)
    n_thinning: int = param(COUNT, default=20)


class EnergyEstimator(
    ScoreMixin,
    SampleMixin,
    ImputeMixin,
    PartitionMixin,
    EnergyParameters,
    TorchEstimator,
):
    """Density exp(-E(v)) / Z of decorrelated rows v; a subclass says which energy learns how."""

    measure_ = "lebesgue"
    # Gradients of the chains are known in closed form, in float32.
    precision, compile = "float32", False
    # Updates that a first fit chose, or None.
    _enough_updates = None
    _n_updates = property(lambda self: self._enough_updates or N_UPDATES)

    @abstractmethod
    def _new_net(self, n_features):
        """Return an ``Energy`` of that many features."""

    @property
    def likelihood_kind_(self):
        """How log Z is known: "exact" by quadrature, or "ais", an estimate."""
        return "exact" if self._is_enumerable() else "ais"

    def _inspect(self, X, columns):
        center, scale = column_scales(columns)
        rows = standardized(columns.sample(), center, scale, dtype=np.float64)
        self._noise = noise_floors(columns)
        # Their squares are squared again.
        if not (np.abs(rows) < 1e60).all():
            raise ValueError("X holds values whose moments leave the range of float64; scale X.")
        self._whitening = whitening(rows, self._noise)
        return center, scale

    def _build(self, n_features):
        # Known before a fit; a model that is read from a file has its own.
        whitens = vars(self).pop("_whitening", np.eye(n_features))
        noise = vars(self).pop("_noise", np.zeros(n_features))
        return EnergyState(self._new_net(n_features), whitens, noise, self.n_chains)

    def _finish(self, X):
        self._forget_partition()

    def _generator(self, random_state):
        return torch_generator(self._rng(random_state), inference_device(self.device))

    def _decorrelated(self, function, X, **how):
        """``function(net, rows)`` of decorrelated rows."""

        def of_rows(module, x):
            return function(module.averaged_net, module.decorrelated(x))

        return self._apply(of_rows, self._standardize(X), **how)

    def _score_rows(self, X):
        energy = self._decorrelated(lambda net, v: net(v), X, double=True)
        log_det = np.linalg.slogdet(self.module_.whitening.double().numpy())[1]
        log_scale = np.log(np.broadcast_to(self._scale, X.shape[1])).sum()
        return log_det - log_scale - energy - self._partition()

    def _enumerable_units(self):
        return self.n_features_in_

    def _is_enumerable(self):
        return self.n_features_in_ <= MOST_FEATURES

    def _check_exact(self):
        if not self._is_enumerable():
            raise ValueError(
                f'method="exact" sums over a grid of at most {MOST_FEATURES} features, but X had '
                f'{self.n_features_in_}; use method="ais".'
            )

    def _exact_partition(self):
        return log_partition(self.module_.averaged_net, self.n_features_in_)

    def _annealed_partition(self, n_chains, n_steps, random_state):
        with torch.no_grad(), self._annealing_threads():
            path, betas, generator = self._annealing(n_steps, random_state)
            how = n_chains, self.n_features_in_, self.n_leapfrog_steps, generator
            return forward_log_partition(path, betas, *how)

    def _annealed_bracket(self, n_chains, n_steps, random_state):
        generator = self._generator(random_state)
        forward, _ = self._annealed_partition(n_chains, n_steps, random_state)
        rows = torch.from_numpy(self._model_rows(n_chains, generator)).to(generator.device)
        with torch.no_grad(), self._annealing_threads():
            path, betas, _ = self._annealing(n_steps, random_state)
            how = self.n_leapfrog_steps, generator
            reverse, _ = reverse_log_partition(path, betas, rows, *how)
        return forward, reverse

    def _annealing(self, n_steps, random_state):
        """Path, betas and generator of a call."""
        generator = self._generator(random_state)
        net = copy.deepcopy(self.module_.averaged_net).to(generator.device)
        return EnergyPath(net), np.linspace(0, 1, n_steps + 1).tolist(), generator

    def _annealing_threads(self):
        """Context with the threads that the products of annealing are worth."""
        return threads_for(largest_product(self.module_.averaged_net, self.n_ais_chains))

    def _model_rows(self, n_rows, generator):
        """Decorrelated rows of the model, float32: chains that learning left, run on."""
        chains, n_chains = self.module_.chains, min(n_rows, N_PARALLEL)
        start = chains.repeat(-(-n_chains // len(chains)), 1)[:n_chains].numpy()
        n_more = -(-n_rows // n_chains) - 1

        def moved(module, v):
            n_moves = self.n_burn_in + n_more * self.n_thinning
            how = module.step, n_moves, self.n_leapfrog_steps, generator
            moves = run(module.averaged_net.chain_slope(), v, *how)
            return torch.stack(list(islice(moves, self.n_burn_in - 1, None, self.n_thinning)), 1)

        sets = self._apply(moved, start, block=N_PARALLEL)
        return sets.transpose(1, 0, 2).reshape(-1, sets.shape[-1])[:n_rows]

    def _sample(self, n_samples, rng):
        generator = torch_generator(rng, inference_device(self.device))
        rows = self._model_rows(n_samples, generator) @ self.module_.coloring.numpy()
        return self._unstandardize(rows, self._built_for["dtype"])

    def _impute(self, X):
        generator = self._generator(self._rng(0))

        def mean(module, x):
            rows = self._chains_in_gaps(module, x, 2 * self.n_burn_in, generator)
            return sum(islice(rows, self.n_burn_in, None)) / self.n_burn_in

        return filled(self, X, self._over_flats(mean, X))

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))

        def draw(module, x):
            *_, last = self._chains_in_gaps(module, x, self.n_burn_in, generator)
            return last

        return np.stack([filled(self, X, self._over_flats(draw, X)) for _ in range(n_draws)])

    def _chains_in_gaps(self, module, x, n_moves, generator):
        return conditional_chain(module, x, n_moves, self.n_leapfrog_steps, generator)

    def _over_flats(self, function, X):
        block = max(1, N_VALUES // X.shape[1] ** 2)
        return self._apply(function, self._standardize(X), block=block)


def whitening(rows, noise):
    """A (d, d): rows A are uncorrelated and of unit variance, with this noise in each column.

    The covariance is shrunk where rows are few (Ledoit & Wolf 2004), so that no direction is flat.
    """
    covariance = ledoit_wolf(rows)[0] if len(rows) > 1 else np.eye(rows.shape[1])
    variances, directions = np.linalg.eigh(covariance + np.diag(noise))
    return directions / np.sqrt(variances)
