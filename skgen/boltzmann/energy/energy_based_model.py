"""Energy-based model: any smooth function of a row, made a density."""

from collections.abc import Callable

from skgen.base.parameters import LAYERS, param
from skgen.boltzmann.energy.modules import ModuleEnergyEstimator
from skgen.nets.energy.checks import own_energy
from skgen.nets.energy.modules import NetworkEnergy


class EnergyBasedModel(ModuleEnergyEstimator):
    r"""Density of real-valued rows by an energy of your own, or by a network.

    Rows of low energy E are likely. Of E no more is asked than a number for each row v, and its
    gradient; the price is a constant Z that is an integral over all rows:

    .. math:: p(v) = \frac{1}{Z} e^{-E(v) - \frac{c}{2} |v|^2}, \qquad
        Z = \int e^{-E(v) - \frac{c}{2} |v|^2} \, dv,

    where c is ``confinement``. Rows are real-valued: of bits, whose energies have Gibbs chains,
    :class:`BernoulliRBM` and :class:`BoltzmannMachine` are the models.

    Parameters
    ----------
    energy : torch.nn.Module, callable or None, default=None
        A module that maps rows (n, n_features) to energies (n,) or (n, 1), or a factory
        ``energy(n_features)`` of such modules. A copy is trained, from the weights that a module
        has; parameters that require no gradient stay. None takes a normal law, reshaped by a
        perceptron.
    hidden_layer_sizes : tuple of int, default=(64, 64)
        Widths of the hidden layers of that perceptron; ``()`` leaves a normal law.
    %(shared_parameters)s

    Attributes
    ----------
    energy_ : torch.nn.Module
        The trained copy, which sees standardized columns, or decorrelated rows with ``whiten``.
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
        In ``fit``, where ``energy`` is no energy: of another shape than one number a row, not
        finite, without a gradient by the rows, or one that sees other rows; and where it has no
        curvature for score matching.

    See Also
    --------
    ProductOfExperts : Several energies, added.
    ProductOfStudentT : Energies whose slope is known in closed form.
    MixtureOfFactorAnalyzers : Densities added, where Z is 1.

    Notes
    -----
    Rows are decorrelated by the covariance of the training rows, shrunk where they are few (Ledoit
    & Wolf 2004); chains run, and annealing starts, in these units, whatever the energy sees.
    Training sees rows with as little noise as their number vouches for: where many share a value
    the density would be a needle.

    With ``n_leapfrog_steps=1`` the chains of "pcd" are those of Langevin, corrected by Metropolis'
    test. Score matching needs none, but knows less of how much of the data lies in regions
    that few rows connect, since it sees gradients alone; the rows of its last updates, moved once,
    are where the chains of ``sample`` start.

    Early stopping watches the loss of denoising score matching on rows held out, since their
    likelihood would take annealing at each look. Where X has fewer than 2000 rows
    ``max_iter="auto"`` ends the training where that loss is least in a first fit to four fifths of
    the rows.

    References
    ----------
    Hyvarinen, A. (2005). Estimation of non-normalized statistical models by score matching. JMLR.

    LeCun, Y., Chopra, S., Hadsell, R., Ranzato, M. & Huang, F. (2006). A tutorial on energy-based
    learning. Predicting Structured Data, MIT Press.

    Tieleman, T. (2008). Training restricted Boltzmann machines using approximations to the
    likelihood gradient. ICML.

    Vincent, P. (2011). A connection between score matching and denoising autoencoders. Neural
    Computation.

    Song, Y., Garg, S., Shi, J. & Ermon, S. (2019). Sliced score matching: a scalable approach to
    density and score estimation. UAI.

    Ledoit, O. & Wolf, M. (2004). A well-conditioned estimator for large-dimensional covariance
    matrices. Journal of Multivariate Analysis.

    Examples
    --------
    >>> import torch
    >>> from sklearn.datasets import make_moons
    >>> from skgen import EnergyBasedModel
    >>> X = make_moons(1000, noise=0.1, random_state=0)[0]
    >>> def energy(n_features):
    ...     layers = torch.nn.Linear(n_features, 32), torch.nn.SiLU(), torch.nn.Linear(32, 1)
    ...     return torch.nn.Sequential(*layers)
    >>> how = {"training": "score_matching", "max_iter": 20, "random_state": 0}
    >>> model = EnergyBasedModel(energy, **how).fit(X)
    >>> model.likelihood_kind_, model.sample(3).shape
    ('exact', (3, 2))
    """

    energy: Callable | None = param(callable, None, default=None, kw_only=False)
    hidden_layer_sizes: tuple = param(LAYERS, default=(64, 64), needs={"energy": None})

    _architecture = ("energy", "hidden_layer_sizes", "whiten", "confinement")

    def _has_default_modules(self):
        return self.energy is None

    def _new_modules(self, n_features):
        if self.energy is None:
            return [NetworkEnergy(n_features, self.hidden_layer_sizes)]
        return [own_energy(self.energy, n_features, "energy")]

    @property
    def energy_(self):
        """The trained energy."""
        (expert,) = self.module_.averaged_net.experts
        return expert.given
