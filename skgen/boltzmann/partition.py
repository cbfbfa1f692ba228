"""log Z of a fitted machine: computed once when first needed, exactly or by sampling."""

from abc import abstractmethod
from numbers import Integral

import numpy as np
import torch
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skgen.base.results.size import LONGEST, check_n_rows
from skgen.nets.boltzmann.ais import forward_log_partition, reverse_log_partition
from skgen.nets.boltzmann.rbm import gibbs
from skgen.training import inference_device, largest_product, threads_for

MOST_ENUMERATED = 20
# On request: minutes.
MOST_EXACT = 28


class PartitionMixin:
    """``log_partition_`` and its estimates."""

    def __sklearn_is_fitted__(self):
        # At once: another thread may set what it has found out while the names are gone through.
        return any(name.endswith("_") and name[:2] != "__" for name in tuple(vars(self)))

    @abstractmethod
    def _exact_partition(self):
        """Return log Z of the fitted machine by enumeration."""

    @abstractmethod
    def _enumerable_units(self):
        """Number of units whose states an exact log Z enumerates."""

    @abstractmethod
    def _annealed_partition(self, n_chains, n_steps, random_state):
        """Return log Z by annealing forward, and its standard error."""

    @abstractmethod
    def _annealed_bracket(self, n_chains, n_steps, random_state):
        """Return log Z by annealing forward, and by annealing backward."""

    def _is_enumerable(self):
        return self._enumerable_units() <= MOST_ENUMERATED

    def _check_exact(self):
        if self._enumerable_units() > MOST_EXACT:
            raise ValueError(
                f'method="exact" would enumerate 2^{self._enumerable_units()} states; '
                f'beyond {MOST_EXACT} units use method="ais".'
            )

    def _forget_partition(self):
        for name in ("log_partition_", "log_partition_std_"):
            vars(self).pop(name, None)

    def _partition(self):
        if "log_partition_" not in vars(self):
            self.estimate_log_partition()
        return self.log_partition_

    def estimate_log_partition(self, method="auto", n_chains=None, n_steps=None, random_state=0):
        """Compute log Z, on which every likelihood rests, and keep it.

        ``score_samples`` calls this by itself when first used; call it for more chains or
        steps, or to enumerate where more than 20 units make that long.

        Parameters
        ----------
        method : {"auto", "exact", "ais"}, default="auto"
            Enumeration of the smaller layer, or of all units where there are no layers, or
            annealed importance sampling from the base-rate model; "auto" enumerates up to 20
            units.
        n_chains, n_steps : int or None, default=None
            Chains and temperatures of the sampling; None takes the constructor's.
        random_state : int, RandomState instance or None, default=0
            Source of its draws.

        Returns
        -------
        log_partition : float
            log Z in nats; kept as ``log_partition_``, with its standard error in
            ``log_partition_std_`` (0 where it is exact).
        """
        check_is_fitted(self)
        if not isinstance(method, str) or method not in ("auto", "exact", "ais"):
            raise ValueError(f'method={method!r} is unknown; use "auto", "exact" or "ais".')
        if method == "auto":
            method = "exact" if self._is_enumerable() else "ais"
        if method == "exact":
            self._check_exact()
            self.log_partition_, self.log_partition_std_ = self._exact_partition(), 0.0
            return self.log_partition_
        size = self._annealing_size(n_chains, n_steps)
        estimate = self._annealed_partition(*size, random_state)
        self.log_partition_, self.log_partition_std_ = estimate
        return self.log_partition_

    def log_partition_bracket(self, n_chains=None, n_steps=None, random_state=0):
        """Two estimates of log Z, one low and one high on average.

        Annealing forward underestimates log Z, which flatters the likelihood; annealing
        backward from draws of the machine overestimates it (Burda, Grosse & Salakhutdinov
        2015). Where they agree, both are right; a gap asks for more steps.

        Parameters
        ----------
        n_chains, n_steps : int or None, default=None
            Chains and temperatures; None takes the constructor's.
        random_state : int, RandomState instance or None, default=0
            Source of the draws.

        Returns
        -------
        forward, reverse : float
            log Z in nats, from below and from above.
        """
        check_is_fitted(self)
        return self._annealed_bracket(*self._annealing_size(n_chains, n_steps), random_state)

    def _annealing_size(self, n_chains, n_steps):
        """Chains and temperatures of a call."""
        n_chains = self.n_ais_chains if n_chains is None else n_chains
        n_steps = self.n_ais_steps if n_steps is None else n_steps
        check_n_rows(n_chains, "n_chains")
        check_scalar(n_steps, "n_steps", Integral, min_val=1, max_val=LONGEST)
        return int(n_chains), int(n_steps)


class LayerPartitionMixin(PartitionMixin):
    """The same of a machine with two layers, beside the chains of ``BoltzmannMixin``."""

    @abstractmethod
    def _path(self, net):
        """Return the annealing path of ``nets.annealing`` to a machine."""

    def _annealed_partition(self, n_chains, n_steps, random_state):
        with torch.no_grad(), self._annealing_threads():
            path, betas, generator = self._annealing(n_steps, random_state)
            return forward_log_partition(path, betas, n_chains, generator)

    def _annealed_bracket(self, n_chains, n_steps, random_state):
        with torch.no_grad(), self._annealing_threads():
            path, betas, generator = self._annealing(n_steps, random_state)
            forward, _ = forward_log_partition(path, betas, n_chains, generator)
            rows = self._model_rows(path.net, n_chains, generator)
            reverse, _ = reverse_log_partition(path, betas, rows, generator)
        return forward, reverse

    def _annealing_threads(self):
        """Context with the threads that the products of annealing are worth."""
        return threads_for(largest_product(self.module_, self._at_fit("n_ais_chains")))

    def _annealing(self, n_steps, random_state):
        """Path, betas and generator of a call."""
        generator = self._generator(random_state)
        net = self._machine_on(inference_device(self.device))
        return self._path(net), np.linspace(0, 1, n_steps + 1).tolist(), generator

    def _model_rows(self, net, n_chains, generator):
        """Rows of the machine: chains that learning left, run on."""
        chains = self._chains.to(generator.device)
        h = chains.repeat(-(-n_chains // len(chains)), 1)[:n_chains]
        return gibbs(net, net.draw_visible(h, generator), self.n_burn_in, generator)
