"""Spike-and-slab machine: hidden units that are off, or on by some amount."""

from skgen.boltzmann.energy.covariance import CovarianceEstimator
from skgen.nets.energy.experts import SpikeSlabEnergy


class SpikeSlabRBM(CovarianceEstimator):
    r"""Density of real-valued rows by hidden units that are off, or on by a real amount.

    A unit has a binary spike h and a real slab s, which act together. Given the spikes a
    decorrelated row v is Gaussian with variance along the weights of the units that are on:

    .. math:: -E(v, s, h) = \sum_j h_j (b_j + s_j w_j u) - \tfrac12 \sum_i \lambda_i u_i^2
        - \tfrac12 \sum_j \alpha_j (s_j - h_j \mu_j)^2 - \tfrac12 \sum_j h_j \phi_j |u|^2,

    with :math:`u = v - a` and :math:`\phi_j > |w_j|^2 / \alpha_j`, which keeps the covariance
    finite whatever units are on. So a unit says where variance may stand, while one of
    :class:`MeanCovarianceRBM` says where it may not; its amount is a feature with a sign.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Filters: ``(X - mean) @ components_.T`` is what the slabs see, but for the center a.
    patterns_ : ndarray of shape (n_components, n_features)
        What a slab of 1 adds to a row in units of X, before precisions shrink it.
    likelihood_kind_ : str
        "exact" for at most two features, where log Z is a sum over a grid; otherwise "ais",
        estimated by annealed importance sampling.
    log_partition_ : float
        log Z in nats, of decorrelated rows; computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where exact.
    %(shared_attributes)s

    See Also
    --------
    MeanCovarianceRBM : Units that take variance away where they are on.
    ProductOfStudentT : A precision of its own for each direction, real-valued.
    SparseCoder : Sparse real codes, found by optimization.

    Notes
    -----
    ``transform`` gives the expected product of spike and slab of each unit.

    Rows are decorrelated by the covariance of the training rows, shrunk where they are few (Ledoit
    & Wolf 2004). Training is persistent contrastive divergence by Hamiltonian chains on the free
    energy, in which spikes and slabs are summed out. It sees rows with as little noise as their
    number vouches for: where many share a value the density would be a needle.

    References
    ----------
    Courville, A., Bergstra, J. & Bengio, Y. (2011). A spike and slab restricted Boltzmann machine.
    AISTATS.

    Courville, A., Bergstra, J. & Bengio, Y. (2011). Unsupervised models of images by spike-and-slab
    RBMs. ICML.

    Ledoit, O. & Wolf, M. (2004). A well-conditioned estimator for large-dimensional covariance
    matrices. Journal of Multivariate Analysis.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import SpikeSlabRBM
    >>> X = np.random.default_rng(0).laplace(size=(2000, 2)) @ [[1.0, 1.0], [0.0, 0.5]]
    >>> model = SpikeSlabRBM(4, max_iter=50, random_state=0).fit(X)
    >>> model.likelihood_kind_, model.transform(X).shape, model.sample(3).shape
    ('exact', (2000, 4), (3, 2))
    """

    _architecture = ("n_components",)

    def _new_net(self, n_features):
        return SpikeSlabEnergy(n_features, self.n_components)
