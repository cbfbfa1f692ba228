"""The sparse-coding estimator."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state

from skgen.base import InputMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.base.blocks import fit_of_blocks
from skgen.base.progress.reports import fit_progress, iterations
from skgen.base.sklearn_compat import CallbackSupportMixin, fit_method, validate_params
from skgen.base.training_rows import hold_out, weighted_rows
from skgen.interrupts import innermost
from skgen.kernels.sparse import code_prior
from skgen.kernels.threads import RowWorkers
from skgen.sparse.coding import (
    LassoProblem,
    check_squares,
    lasso_codes,
    objective,
    pursuit_codes,
    residuals,
)
from skgen.sparse.convergence import warn_of_codes, warn_of_epochs, warn_of_no_codes
from skgen.sparse.learning import (
    OnlineDictionary,
    Stopping,
    checked_start,
    final_survey,
    given_atoms,
    starting_atoms,
    survey,
)
from skgen.sparse.parameters import SparseCoderParameters
from skgen.sparse.prior import fitted_attributes, prior_and_rest

_MOST_ATOMS = 256  # by default; the time of a step grows with the square of their number
N_SURVEYED = 1000  # rows from which a fit that is not done takes the prior of the codes


class SparseCoder(
    CallbackSupportMixin,
    LatentMixin,
    ScoreMixin,
    SampleMixin,
    InputMixin,
    SparseCoderParameters,
    BaseEstimator,
):
    r"""Sparse coding: each row is a combination of few atoms of a learned dictionary.

    The code of a row minimizes a squared error with an l1 penalty, and the unit-norm atoms
    (rows of D) minimize the mean of that over the training rows:

    .. math:: a(x) = \arg\min_a \; \tfrac12 \lvert x - a D \rvert^2 + \alpha \lvert a \rvert_1,
        \qquad \lvert D_j \rvert = 1

    Rows are taken as they come: nothing is centered, and ``alpha`` is in the units of the data.
    An atom can enter the code of x only if its inner product with x exceeds ``alpha``, so rows of
    length about 10 suit the default, such as 8 x 8 patches of unit standard deviation, images of
    a few hundred pixels in [0, 1], or tens of standardized features.

    Parameters
    ----------
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        The dictionary; atoms are rows.
    usage_ : ndarray of shape (n_components,)
        Fraction of the training rows whose code uses each atom: the prior probability that it is
        active.
    code_scale_ : ndarray of shape (n_components,)
        Mean magnitude of each atom's non-zero coefficients.
    code_shape_ : ndarray of shape (n_components,)
        Shape of the gamma distribution with the mean and variance of these magnitudes: 1 for
        Laplace coefficients, large for those that hardly differ.
    code_mean_ : ndarray of shape (n_components,)
        Mean code of the training rows.
    code_covariance_ : ndarray of shape (n_components, n_components)
        Covariance of their codes.
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
        If X, a parameter or the shape of ``dictionary`` or ``dict_init`` is not as described.

    Notes
    -----
    Codes are computed on as many threads as joblib, threadpoolctl and ``NUMBA_NUM_THREADS``
    allow, and do not depend on how many that is. The kernels are compiled by numba in the first
    call and cached on disk.

    After ``fit`` the parameters that say how rows are coded may be changed and count at once:
    ``transform_algorithm``, ``n_nonzero_coefs``, ``residual_tol``, ``split_sign``, ``algorithm``,
    ``code_tol`` and ``code_max_iter``. ``alpha`` and the others belong to the dictionary and stay
    those of the fit.

    ``score`` is comparable between dictionaries, but not between values
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

    def __sklearn_is_fitted__(self):
        return "components_" in vars(self) or self.dictionary is not None

    @fit_method
    @fit_of_blocks
    def fit(self, X, y=None, sample_weight=None):
        """Learn the dictionary and the prior of the codes.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, an array or rows in blocks.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row in the objective.

        Returns
        -------
        self : SparseCoder
            The fitted estimator.
        """
        with fit_progress(self, X, task="epoch") as tasks:
            self._fit(X, sample_weight, tasks)
        return self

    def _fit(self, X, sample_weight, tasks):
        X = self._validate(X, reset=True)
        check_squares(X)
        X, weight = weighted_rows(X, sample_weight)
        tasks.compare(X, weight)
        weight = np.ones(X.shape[0]) if weight is None else weight
        rng = tasks.rng(self.random_state)
        with RowWorkers() as workers:
            learner = self._new_learner(X, rng)
            losses, scores, n_replaced = [], [], 0
            if self.dictionary is None:
                trace = self._learn(learner, X, weight, rng, workers, tasks)
                losses, scores, n_replaced, _ = trace
            if innermost().stopped:  # who presses Ctrl-C does not wait for all rows
                X, weight = _few(X), _few(weight)
            found, revived = final_survey(
                X, weight, learner, workers, fixed=self.dictionary is not None
            )
        vars(self).update(fitted_attributes(learner, found[0]))
        warn_of_codes(found[2], self.code_tol, self.code_max_iter)
        warn_of_no_codes(self.usage_, X, self.alpha)
        self.loss_curve_ = losses
        self.validation_scores_ = scores
        self.n_iter_ = len(losses)
        self.n_replaced_ = n_replaced + revived

    @fit_method
    @fit_of_blocks
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
        check_squares(X)
        X, weight = weighted_rows(X, sample_weight)
        weight = np.ones(X.shape[0]) if weight is None else weight
        if first:
            learner, sums = self._new_learner(X, check_random_state(self.random_state)), None
            self.loss_curve_, self.validation_scores_ = [], []
            self.n_iter_, self.n_replaced_ = 0, 0
        else:
            learner = self._learner.copy(self._problem())
            # What version 0.1 saved lacks the later sums: the prior begins anew.
            sums = self._sums if "code_covariance_" in vars(self) else None
        with RowWorkers() as workers:
            losses, sums, revived = learner.stream(
                X,
                weight,
                sums,
                workers,
                self._batch_rows(learner),
                fixed=self.dictionary is not None,
            )
        vars(self).update(fitted_attributes(learner, sums))
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
        """A dictionary to start from: the one that was given, or atoms drawn from rows of X."""
        if self.dictionary is not None:
            atoms = given_atoms(self, "dictionary", X)
            return OnlineDictionary(atoms, self._problem(), positive=False, fixed=True)
        if self.dict_init is not None:
            atoms = checked_start(given_atoms(self, "dict_init", X), self.positive_dict)
        else:
            k = self.n_components or min(X.shape[1], _MOST_ATOMS)
            atoms = starting_atoms(X, k, self.positive_dict, rng)
        return OnlineDictionary(atoms, self._problem(), self.positive_dict)

    def _batch_rows(self, learner):
        """Rows in a step."""
        return max(256, len(learner.atoms)) if self.batch_size == "auto" else self.batch_size

    def _learn(self, learner, X, weight, rng, workers, tasks):
        """Run the epochs, on all rows or on those that are not held out."""
        stopping = Stopping(self.tol, self.n_iter_no_change)
        if self.early_stopping:
            training, held_out = hold_out(X.shape[0], self.validation_fraction, rng)
            stopping = Stopping(self.tol, self.n_iter_no_change, X[held_out], weight[held_out])
            X, weight = X[training], weight[training]
        report = iterations(tasks, self, self.max_iter, task="epoch")
        trace = learner.learn(
            X,
            weight,
            workers,
            rng,
            batch_size=self._batch_rows(learner),
            max_iter=self.max_iter,
            stopping=stopping,
            report=lambda trace, save: report(
                lambda: self._so_far(learner, trace, X, weight, workers), trace.watched, save
            ),
            saved=tasks.saved,
        )
        if not innermost().stopped:
            learner.consolidate(X, weight, workers)
        if not trace.converged:
            warn_of_epochs(self.max_iter, self.tol)
        return trace

    def _so_far(self, learner, trace, X, weight, workers):
        """Fitted attributes as if learning had stopped here, the prior by some of the rows."""
        learner = learner.copy(learner.problem)
        sums = survey(_few(X), _few(weight), learner, workers)[0]
        return fitted_attributes(learner, sums) | {
            "loss_curve_": list(trace.losses),
            "validation_scores_": list(trace.validation),
            "n_replaced_": trace.n_replaced,
        }

    @property
    def _n_features_out(self):
        if not self.__sklearn_is_fitted__():
            raise AttributeError("There are no atoms before fit, unless dictionary is given.")
        atoms = self.components_ if self._is_learned else self.dictionary
        return len(atoms) * (2 if self.split_sign else 1)

    @property
    def _is_learned(self):
        """Whether ``fit`` was called; a given dictionary codes without."""
        return "components_" in vars(self)

    def _model(self, X):
        """Atoms and lasso problem of the fit, or of the parameters where there was none."""
        if self._is_learned:
            fitted = self._learner.problem
            problem = self._problem()._replace(alpha=fitted.alpha, positive=fitted.positive)
            return self.components_, problem
        validate_params(self)
        return given_atoms(self, "dictionary", X), self._problem()

    def _codes(self, X, atoms, problem):
        """Codes (n, n_components) under ``transform_algorithm``."""
        with RowWorkers() as workers:
            if self.transform_algorithm == "omp":
                return self._pursue(X, atoms, problem, workers)
            codes, gap = lasso_codes(X, atoms, problem, workers)
        warn_of_codes(gap.max(initial=0.0), self.code_tol, self.code_max_iter)
        return codes

    def _pursue(self, X, atoms, problem, workers):
        """Codes by orthogonal matching pursuit."""
        if problem.positive:
            raise ValueError(
                "transform_algorithm='omp' gives codes of either sign, but the dictionary was "
                "learned with positive_code=True; use transform_algorithm='lasso'."
            )
        tenth = max(1, round(0.1 * X.shape[1]))
        most = self.n_nonzero_coefs or (tenth if self.residual_tol is None else len(atoms))
        return pursuit_codes(X, atoms, min(most, *atoms.shape), workers, self.residual_tol)

    def _encode(self, X):
        codes = self._codes(X, *self._model(X))
        if self.split_sign:
            return np.hstack([np.maximum(codes, 0), np.maximum(-codes, 0)])
        return codes

    def _decode(self, Z):
        atoms = self.components_ if self._is_learned else np.asarray(self.dictionary)
        if self.split_sign:
            k = len(atoms)
            Z = Z[:, :k] - Z[:, k:]
        return (Z @ atoms).astype(Z.dtype, copy=False)

    def _score_rows(self, X):
        atoms, problem = self._model(X)
        codes = self._codes(X, atoms, problem)
        with RowWorkers() as workers:
            residual = residuals(X, atoms.astype(np.float64), codes, workers)
        return -objective(residual, codes, problem.alpha)

    def _sample(self, n_samples, rng):
        if not self._is_learned:
            raise NotFittedError(
                "sample draws from the prior of the codes, which a dictionary does not tell; "
                "call fit with the rows whose codes it should describe."
            )
        prior, rest = prior_and_rest(self)
        change = code_prior.draw(n_samples, prior, rng) - prior.mean
        noise = np.sqrt(rest.noise) * rng.standard_normal((n_samples, self.n_features_in_))
        mean = prior.mean @ self.components_ + rest.offset
        rows = mean + change @ (self.components_ + rest.coefficients) + noise
        return rows.astype(self.components_.dtype, copy=False)


def _few(rows):
    """Some of the rows, evenly spread."""
    return rows[:: -(-rows.shape[0] // N_SURVEYED)]
