"""Product of Student's t experts: heavy tails along directions that are learned."""

from skgen.base.parameters import NATURAL, param
from skgen.boltzmann.energy.covariance import CovarianceEstimator
from skgen.nets.energy.experts import StudentTEnergy


class ProductOfStudentT(CovarianceEstimator):
    r"""Density of real-valued rows that multiplies experts with heavy tails.

    Each expert looks at one direction of the decorrelated rows v, most often finds nothing there,
    and at times a lot, which is what a t distribution says; a Gaussian part and units that move
    the mean stand beside them:

    .. math:: -\log p(v) = \log Z + \sum_j \alpha_j \log(1 + \tfrac12 (w_j v)^2)
        + \tfrac12 \sum_i \lambda_i (v_i - a_i)^2 - \sum_k \log(1 + e^{b_k + m_k v}).

    Together they describe constraints that rows usually meet, all at once, where a mixture says
    which of several causes a row has. There may be more experts than features: the model is then
    not the linear one of :class:`ICA`, to which it comes down with as many (Teh, Welling, Osindero
    & Hinton 2003). On patches of photographs experts become edges.

    Parameters
    ----------
    n_components : int, default=64
        Experts.
    n_mean_units : int, default=16
        Binary units that move the mean, as in :class:`GaussianBernoulliRBM` (Ranzato, Mnih &
        Hinton 2010); 0 leaves the product of Student's t alone.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Filters: ``(X - mean) @ components_.T`` is what the experts see.
    patterns_ : ndarray of shape (n_components, n_features)
        What in a row, in units of X, the filters answer to: filters times the covariance.
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
    ICA : As many experts as features, whose log Z is known.
    MeanCovarianceRBM : Precisions that are on or off, and shared by several directions.
    SpikeSlabRBM : Real-valued hidden units that are on or off.

    Notes
    -----
    ``transform`` gives minus log(1 + (w_j v)^2 / 2) of each expert, the logarithm of its expected
    precision against that of a row at 0, and then the probabilities of the mean units.

    Rows are decorrelated by the covariance of the training rows, shrunk where they are few (Ledoit
    & Wolf 2004), so that the units of columns do not matter. Training is persistent contrastive
    divergence by Hamiltonian chains. It sees rows with as little noise as their number vouches for:
    where many share a value the density would be a needle that no chain finds.

    References
    ----------
    Welling, M., Hinton, G. & Osindero, S. (2003). Learning sparse topographic representations with
    products of Student-t distributions. NIPS.

    Ranzato, M., Mnih, V. & Hinton, G. (2010). Generating more realistic images using gated MRF's.
    NIPS.

    Teh, Y. W., Welling, M., Osindero, S. & Hinton, G. (2003). Energy-based models for sparse
    overcomplete representations. JMLR.

    Ledoit, O. & Wolf, M. (2004). A well-conditioned estimator for large-dimensional covariance
    matrices. Journal of Multivariate Analysis.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import ProductOfStudentT
    >>> X = np.random.default_rng(0).laplace(size=(2000, 2)) @ [[1.0, 1.0], [0.0, 0.5]]
    >>> model = ProductOfStudentT(4, n_mean_units=0, max_iter=50, random_state=0).fit(X)
    >>> model.likelihood_kind_, model.transform(X).shape, model.sample(3).shape
    ('exact', (2000, 4), (3, 2))
    """

    n_mean_units: int = param(NATURAL, default=16)

    _architecture = ("n_components", "n_mean_units")

    def _new_net(self, n_features):
        return StudentTEnergy(n_features, self.n_components, self.n_mean_units)
