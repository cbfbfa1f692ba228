"""Mean-covariance machine: binary units for the covariance of a row beside those for its mean."""

from skgen.base.parameters import COUNT, NATURAL, param
from skgen.boltzmann.energy.covariance import CovarianceEstimator
from skgen.nets.energy.experts import MeanCovarianceEnergy


class MeanCovarianceRBM(CovarianceEstimator):
    r"""Density of real-valued rows whose binary hidden units set their covariance, and their mean.

    Given its hidden units a decorrelated row v is Gaussian, with a precision that covariance units
    h add up from factors, and a mean that mean units g move:

    .. math:: v \mid h, g \sim N(\Sigma (\lambda a + g M), \Sigma), \qquad
        \Sigma^{-1} = \mathrm{diag}(\lambda) + C^\top \mathrm{diag}(h P) \, C, \quad P \ge 0.

    A covariance unit that is on forbids rows to vary along its factors; one that sees them vary
    turns off, at a fixed price. A :class:`GaussianBernoulliRBM` knows no such thing: all its
    Gaussians share one diagonal covariance. On patches of photographs factors become edges, and
    units pool those alike.

    Parameters
    ----------
    n_components : int, default=64
        Covariance units.
    n_factors : int or None, default=None
        Directions whose squares the covariance units pool; None takes ``n_components``.
    n_mean_units : int, default=16
        Binary units that move the mean; 0 leaves a covariance machine.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_factors, n_features)
        Filters C: ``(X - mean) @ components_.T`` is what the units pool squares of.
    patterns_ : ndarray of shape (n_factors, n_features)
        What in a row, in units of X, the filters answer to: filters times the covariance.
    pooling_ : ndarray of shape (n_components, n_factors)
        Non-negative weights P of the squares.
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
    GaussianBernoulliRBM : Mean units alone.
    ProductOfStudentT : A precision of its own for each direction, real-valued.
    SpikeSlabRBM : Units that add variance where they are on.

    Notes
    -----
    ``transform`` gives the probabilities that covariance units are on, then those of mean units.

    Rows are decorrelated by the covariance of the training rows, shrunk where they are few (Ledoit
    & Wolf 2004). Training is persistent contrastive divergence by Hamiltonian chains on the free
    energy, in which both kinds of units are summed out. It sees rows with as little noise as their
    number vouches for: where many share a value the density would be a needle.

    Ranzato and Hinton also divide factors by the length of the row; here large rows are large.

    References
    ----------
    Ranzato, M. & Hinton, G. (2010). Modeling pixel means and covariances using factorized
    third-order Boltzmann machines. CVPR.

    Ledoit, O. & Wolf, M. (2004). A well-conditioned estimator for large-dimensional covariance
    matrices. Journal of Multivariate Analysis.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import MeanCovarianceRBM
    >>> X = np.random.default_rng(0).laplace(size=(2000, 2)) @ [[1.0, 1.0], [0.0, 0.5]]
    >>> model = MeanCovarianceRBM(4, n_mean_units=2, max_iter=50, random_state=0).fit(X)
    >>> model.likelihood_kind_, model.transform(X).shape, model.sample(3).shape
    ('exact', (2000, 6), (3, 2))
    """

    n_factors: int | None = param(COUNT, None, default=None)
    n_mean_units: int = param(NATURAL, default=16)

    _architecture = ("n_components", "n_factors", "n_mean_units")

    def _new_net(self, n_features):
        n_factors = self.n_components if self.n_factors is None else self.n_factors
        return MeanCovarianceEnergy(n_features, n_factors, self.n_components, self.n_mean_units)

    def _finish(self, X):
        super()._finish(X)
        self.pooling_ = self.module_.averaged_net.log_pooling.exp().numpy()
