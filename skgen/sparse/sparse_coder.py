"""The sparse-coding estimator."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_random_state

from skgen.base import InputMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import (
    AUTO,
    COUNT,
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    Parameters,
    one_of,
    param,
)
from skgen.base.sklearn_compat import CallbackSupportMixin, fit_method, fit_progress
from skgen.base.training_rows import hold_out, weighted_rows
from skgen.kernels.sparse import code_prior
from skgen.sparse.coding import LassoProblem, lasso_codes, objective, pursuit_codes, residuals
from skgen.sparse.convergence import warn_of_codes, warn_of_epochs
from skgen.sparse.learning import OnlineDictionary, Stopping, final_survey, starting_atoms
from skgen.sparse.threads import RowWorkers

# Atoms by default where features are many: the time of a step grows with their square.
_MOST_ATOMS = 256


class SparseCoder(
    CallbackSupportMixin,
    LatentMixin,
    ScoreMixin,
    SampleMixin,
    InputMixin,
    Parameters,
    BaseEstimator,
):
    """Sparse coding: each row is a combination of few atoms of a learned dictionary.

    The code of a row minimizes a squared error with an l1 penalty, and the unit-norm atoms
    (rows of D) minimize the mean of that over the training rows::

        a(x) = argmin_a  |x - a D|^2 / 2 + alpha |a|_1
        D    = argmin_D  mean_x min_a  |x - a D|^2 / 2 + alpha |a|_1,    |D_j| = 1

    Rows are taken as they come: nothing is centered, and ``alpha`` is in the units of the data.
    An atom can enter the code of x only if its inner product with x exceeds ``alpha``, so rows of
    length about 10 suit the default, such as 8 x 8 patches of unit standard deviation, images of
    a few hundred pixels in [0, 1], or tens of standardized features.

    Parameters
    ----------
    n_components : int or None, default=None
        Number of atoms; None takes the rows of ``dictionary``, else ``n_features`` but at most
        256.
    alpha : float, default=1.0
        Weight of the l1 norm, in the units of the data. Zero gives least squares.
    algorithm : {"auto", "ista", "fista", "cd"}, default="auto"
        Solver of the lasso codes, in ``fit`` and ``transform``. ``"auto"`` is an exact active-set
        method, the fastest; ``"ista"`` and ``"fista"`` are proximal gradient without and with
        acceleration; ``"cd"`` is coordinate descent. All reach the same codes.
    transform_algorithm : {"lasso", "omp"}, default="lasso"
        What ``transform`` computes: the lasso code, or orthogonal matching pursuit with
        ``n_nonzero_coefs`` atoms a row. The dictionary is learned with lasso codes either way.
    n_nonzero_coefs : int or None, default=None
        Atoms a row in matching pursuit; None takes a tenth of ``n_features``, at least one.
    dictionary : array-like of shape (n_components, n_features) or None, default=None
        A fixed dictionary, used as it is: nothing is learned but the prior of the codes.
    positive_code : bool, default=False
        Whether lasso codes are non-negative.
    positive_dict : bool, default=False
        Whether atoms are non-negative.
    split_sign : bool, default=False
        Whether ``transform`` returns positive and negative parts as separate columns.
    batch_size : int or "auto", default="auto"
        Rows in a step of the dictionary; ``"auto"`` takes 256, or the number of atoms if that is
        more.
    max_iter : int, default=100
        Most epochs, passes over the training rows.
    tol : float, default=5e-4
        The fit stops when the objective has not improved by this fraction of itself ...
    n_iter_no_change : int, default=5
        ... for this many epochs.
    early_stopping : bool, default=False
        Whether to watch the objective of held-out rows. Otherwise the watched objective is that
        of each batch before the dictionary has used it.
    validation_fraction : float, default=0.1
        Fraction of the rows held out for early stopping.
    code_tol : float, default=1e-4
        Tolerance of the lasso codes: the largest violation of their optimality conditions,
        relative to ``alpha`` (to the row's largest inner product with an atom if ``alpha`` is
        zero), or what rounding in the precision of X permits, if that is more.
    code_max_iter : int, default=1000
        Most iterations of the solver a row.
    random_state : int, RandomState instance or None, default=None
        Source of the first atoms, the order of the rows and the draws of ``sample``.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        The dictionary; atoms are rows.
    usage_ : ndarray of shape (n_components,)
        Fraction of the training rows whose code uses each atom: the prior probability that it is
        active.
    code_scale_ : ndarray of shape (n_components,)
        Mean magnitude of each atom's non-zero coefficients: the scale of its Laplace prior.
    positive_share_ : ndarray of shape (n_components,)
        Fraction of each atom's non-zero coefficients that are positive.
    noise_variance_ : float
        Mean squared residual of an entry of X.
    loss_curve_ : list of float
        Objective a row in each epoch, averaged over batches coded before their step.
    validation_scores_ : list of float
        Minus the objective of the held-out rows after each epoch; empty without early stopping.
    n_iter_ : int
        Epochs run.
    n_replaced_ : int
        Times an atom that no row used was pointed at badly coded rows instead.
    likelihood_kind_ : str
        ``"error"``: scores are minus the objective and no density.
    measure_ : None
        There is no density.
    n_features_in_ : int
        Number of features of the training data.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, where X had them.

    Raises
    ------
    ValueError
        If X, a parameter or the shape of ``dictionary`` is not as described.

    Notes
    -----
    Codes are computed on as many threads as joblib, threadpoolctl and ``NUMBA_NUM_THREADS``
    allow, and do not depend on how many that is. The kernels are compiled by numba in the first
    call and cached on disk. ``score`` is comparable between dictionaries, but not between values
    of ``alpha``; choose that by what the codes are for.

    References
    ----------
    Olshausen & Field (1996), "Emergence of simple-cell receptive field properties by learning a
    sparse code for natural images", Nature.
    Mairal, Bach, Ponce & Sapiro (2009), "Online dictionary learning for sparse coding", ICML.
    Beck & Teboulle (2009), "A fast iterative shrinkage-thresholding algorithm for linear inverse
    problems", SIAM Journal on Imaging Sciences.
    Lee, Battle, Raina & Ng (2006), "Efficient sparse coding algorithms", NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import SparseCoder
    >>> atoms = np.eye(3)[:2]
    >>> coder = SparseCoder(dictionary=atoms, alpha=1.0).fit([[3.0, -0.5, 0.0]])
    >>> coder.transform([[3.0, -0.5, 0.0], [0.0, -4.0, 1.0]])
    array([[ 2.,  0.],
           [ 0., -3.]])
    """

    measure_ = None
    _accepts_sparse = True

    n_components: int | None = param(COUNT, None, default=None, kw_only=False)
    alpha: float = param(NON_NEGATIVE, default=1.0)
    algorithm: str = param(one_of("auto", "ista", "fista", "cd"), default="auto")
    transform_algorithm: str = param(one_of("lasso", "omp"), default="lasso")
    n_nonzero_coefs: int | None = param(COUNT, None, default=None)
    dictionary: object = param("array-like", None, default=None)
    positive_code: bool = param("boolean", default=False)
    positive_dict: bool = param("boolean", default=False)
    split_sign: bool = param("boolean", default=False)
    batch_size: int | str = param(COUNT, AUTO, default="auto")
    max_iter: int = param(COUNT, default=100)
    tol: float = param(NON_NEGATIVE, default=5e-4)
    n_iter_no_change: int = param(COUNT, default=5)
    early_stopping: bool = param("boolean", default=False)
    validation_fraction: float = param(FRACTION, default=0.1)
    code_tol: float = param(POSITIVE, default=1e-4)
    code_max_iter: int = param(COUNT, default=1000)
    random_state: object = param("random_state", default=None)

    @fit_method
    def fit(self, X, y=None, sample_weight=None):
        """Learn the dictionary and the prior of the codes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the objective.

        Returns
        -------
        self : SparseCoder
            The fitted estimator.
        """
        X = self._validate(X, reset=True)
        X, weight = weighted_rows(X, sample_weight)
        weight = np.ones(X.shape[0]) if weight is None else weight
        rng = check_random_state(self.random_state)
        with RowWorkers() as workers:
            learner = self._new_learner(X, rng)
            losses, scores, n_replaced = [], [], 0
            if self.dictionary is None:
                trace = self._learn(learner, X, weight, rng, workers)
                losses, scores, n_replaced, _ = trace
            found, revived = final_survey(
                X, weight, learner, workers, fixed=self.dictionary is not None
            )
        self._keep(learner, found[0])
        warn_of_codes(found[2], self.code_tol, self.code_max_iter)
        self.loss_curve_ = losses
        self.validation_scores_ = scores
        self.n_iter_ = len(losses)
        self.n_replaced_ = n_replaced + revived
        return self

    @fit_method
    def partial_fit(self, X, y=None, sample_weight=None):
        """Take one step of the dictionary for each ``batch_size`` rows of X, in their order.

        The prior follows the same decaying memory as the dictionary.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Further rows.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the objective.

        Returns
        -------
        self : SparseCoder
            The fitted estimator.
        """
        first = not hasattr(self, "components_")
        X = self._validate(X, reset=first)
        X, weight = weighted_rows(X, sample_weight)
        weight = np.ones(X.shape[0]) if weight is None else weight
        if first:
            learner, sums = self._new_learner(X, check_random_state(self.random_state)), None
            self.loss_curve_, self.validation_scores_ = [], []
            self.n_iter_, self.n_replaced_ = 0, 0
        else:
            learner, sums = self._learner.copy(self._problem()), self._sums
        with RowWorkers() as workers:
            losses, sums, revived = learner.stream(
                X,
                weight,
                sums,
                workers,
                self._batch_rows(learner),
                fixed=self.dictionary is not None,
            )
        self._keep(learner, sums)
        self.loss_curve_ = [*self.loss_curve_, *losses]
        self.n_iter_ += 1
        self.n_replaced_ += revived
        return self

    def _problem(self):
        """The lasso problem that the parameters state."""
        return LassoProblem(
            float(self.alpha),
            bool(self.positive_code),
            self.algorithm,
            float(self.code_tol),
            int(self.code_max_iter),
        )

    def _new_learner(self, X, rng):
        """A dictionary to start from: the fixed one, or atoms drawn from rows of X."""
        if self.dictionary is None:
            k = self.n_components or min(X.shape[1], _MOST_ATOMS)
            atoms = starting_atoms(X, k, self.positive_dict, rng)
            return OnlineDictionary(atoms, self._problem(), self.positive_dict)
        atoms = check_array(self.dictionary, dtype=X.dtype, input_name="dictionary", copy=True)
        expected = (self.n_components or len(atoms), X.shape[1])
        if atoms.shape != expected:
            raise ValueError(
                f"dictionary has shape {atoms.shape}, but n_components and X ask for {expected}; "
                "give one atom a row and one column a feature."
            )
        return OnlineDictionary(atoms, self._problem(), positive=False, fixed=True)

    def _batch_rows(self, learner):
        """Rows in a step."""
        return max(256, len(learner.atoms)) if self.batch_size == "auto" else self.batch_size

    def _learn(self, learner, X, weight, rng, workers):
        """Run the epochs, on all rows or on those that are not held out."""
        stopping = Stopping(self.tol, self.n_iter_no_change)
        if self.early_stopping:
            training, held_out = hold_out(X.shape[0], self.validation_fraction, rng)
            stopping = Stopping(self.tol, self.n_iter_no_change, X[held_out], weight[held_out])
            X, weight = X[training], weight[training]
        with fit_progress(self, X, max_iter=self.max_iter, task="epoch") as report:
            trace = learner.learn(
                X,
                weight,
                workers,
                rng,
                batch_size=self._batch_rows(learner),
                max_iter=self.max_iter,
                stopping=stopping,
                report=lambda atoms: report(lambda: {"components_": atoms()}),
            )
        learner.consolidate(X, weight, workers)
        if not trace.converged:
            warn_of_epochs(self.max_iter, self.tol)
        return trace

    def _keep(self, learner, sums):
        """Set the fitted attributes that describe the model."""
        probability, positive_fraction, scale, noise = code_prior.estimates(
            sums, learner.atoms.shape[1]
        )
        self.components_ = learner.atoms
        self.usage_ = probability
        self.positive_share_ = positive_fraction
        self.code_scale_ = scale
        self.noise_variance_ = float(noise)
        self.likelihood_kind_ = "error"
        self._learner, self._sums = learner, sums

    @property
    def _n_features_out(self):
        return len(self.components_) * (2 if self.split_sign else 1)

    def _codes(self, X):
        """Codes (n, n_components) under ``transform_algorithm``."""
        with RowWorkers() as workers:
            if self.transform_algorithm == "omp":
                wanted = self.n_nonzero_coefs or max(1, round(0.1 * X.shape[1]))
                most = min(wanted, *self.components_.shape)
                return pursuit_codes(X, self.components_, most, workers)
            codes, gap = lasso_codes(X, self.components_, self._problem(), workers)
        warn_of_codes(gap.max(initial=0.0), self.code_tol, self.code_max_iter)
        return codes

    def _encode(self, X):
        codes = self._codes(X)
        if self.split_sign:
            return np.hstack([np.maximum(codes, 0), np.maximum(-codes, 0)])
        return codes

    def _decode(self, Z):
        if self.split_sign:
            k = len(self.components_)
            Z = Z[:, :k] - Z[:, k:]
        return (Z @ self.components_).astype(Z.dtype, copy=False)

    def _score_rows(self, X):
        codes = self._codes(X)
        with RowWorkers() as workers:
            residual = residuals(X, self.components_.astype(np.float64), codes, workers)
        return -objective(residual, codes, self.alpha)

    def _sample(self, n_samples, rng):
        codes = code_prior.draw(n_samples, self.usage_, self.positive_share_, self.code_scale_, rng)
        noise = np.sqrt(self.noise_variance_) * rng.standard_normal(
            (n_samples, self.n_features_in_)
        )
        return (codes @ self.components_ + noise).astype(self.components_.dtype, copy=False)
