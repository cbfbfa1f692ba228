"""Product of experts: several energies of a row, added."""

from collections.abc import Sequence

from skgen.base.mixins import FeatureMixin
from skgen.base.parameters import param
from skgen.boltzmann.energy.modules import ModuleEnergyEstimator
from skgen.nets.energy.checks import own_energy
from skgen.nets.energy.modules import NormalEnergy, RidgeEnergy

N_EXPERTS, N_RIDGES = 4, 32


class ProductOfExperts(FeatureMixin, ModuleEnergyEstimator):
    r"""Density of real-valued rows that multiplies the opinions of experts of your own.

    Each expert j gives each row v an energy, minus its log-density but for a constant; energies
    add, so that densities multiply, and one constant makes a density of the product:

    .. math:: p(v) = \frac{1}{Z} \prod_j e^{-E_j(v)} \cdot e^{-\frac{c}{2} |v|^2},

    where c is ``confinement``. Every expert has a veto, and no expert need be normalizable by
    itself: one may look at a single column. All are trained together.

    Parameters
    ----------
    experts : list of torch.nn.Module or callable, or None, default=None
        Modules that map rows (n, n_features) to energies (n,) or (n, 1), or factories
        ``expert(n_features)`` of such modules. Copies are trained, from the weights that modules
        have; parameters that require no gradient stay. None takes a normal law and four sums of 32
        smooth steps each.
    %(shared_parameters)s

    Attributes
    ----------
    experts_ : list of torch.nn.Module
        The trained copies, which see standardized columns, or decorrelated rows with ``whiten``.
    likelihood_kind_ : str
        "exact" for at most two features, where log Z is a sum over a grid; otherwise "ais",
        estimated by annealed importance sampling.
    log_partition_ : float
        log Z in nats, of decorrelated rows; computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where exact.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        In ``fit``, where an expert is no energy, as in :class:`EnergyBasedModel`.

    See Also
    --------
    EnergyBasedModel : One energy; its notes on training and sampling hold here, too.
    ProductOfStudentT : Experts with heavy tails along directions.
    MixtureOfFactorAnalyzers : Densities added instead of multiplied.

    Notes
    -----
    ``transform`` gives the energy of each expert in nats: how much it objects to the row. Energies
    have no zero of their own, so that only their differences between rows matter.

    References
    ----------
    Hinton, G. (2002). Training products of experts by minimizing contrastive divergence. Neural
    Computation.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import make_moons
    >>> from skgen import ProductOfExperts
    >>> X = make_moons(1000, noise=0.1, random_state=0)[0]
    >>> def expert(n_features):
    ...     layers = torch.nn.Linear(n_features, 8), torch.nn.SiLU(), torch.nn.Linear(8, 1)
    ...     return torch.nn.Sequential(*layers)
    >>> how = {"training": "score_matching", "max_iter": 20, "random_state": 0}
    >>> model = ProductOfExperts([expert, expert, expert], **how).fit(X)
    >>> model.likelihood_kind_, model.transform(X).shape
    ('exact', (1000, 3))
    """

    experts: Sequence | None = param(list, tuple, None, default=None, kw_only=False)

    _architecture = ("experts", "whiten", "confinement")

    def _has_default_modules(self):
        return self.experts is None

    def _new_modules(self, n_features):
        if self.experts is None:
            steps = [RidgeEnergy(n_features, N_RIDGES) for _ in range(N_EXPERTS)]
            return [NormalEnergy(n_features), *steps]
        if not len(self.experts):
            raise ValueError("experts is empty, but a product has at least one factor; use None.")
        return [
            own_energy(expert, n_features, f"experts[{number}]")
            for number, expert in enumerate(self.experts)
        ]

    @property
    def experts_(self):
        """The trained experts."""
        return [expert.given for expert in self.module_.averaged_net.experts]

    @property
    def _n_features_out(self):
        return len(self.experts_)

    def _encode(self, X):
        return self._decorrelated(lambda net, v: net.codes(v), X)
