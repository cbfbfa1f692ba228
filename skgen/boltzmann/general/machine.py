"""General Boltzmann machine: an Ising model of the columns, with or without hidden units."""

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from skgen.base.mixins import FeatureMixin, ImputeMixin, InputMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import AUTO, COUNT, NATURAL, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.progress.parameters import IterationParameters
from skgen.base.progress.reports import interruptible_progress
from skgen.base.sklearn_compat import CallbackSupportMixin, fit_method
from skgen.base.training_rows import weighted_rows
from skgen.base.warn import warn
from skgen.base.wording import counted
from skgen.boltzmann.general import chains, clamped, learning, units
from skgen.boltzmann.general.coding import Coding, check_choices, coding_of
from skgen.boltzmann.general.visible_fit import MOST_ENUMERATED, distinct, independent
from skgen.boltzmann.partition import PartitionMixin
from skgen.kernels.boltzmann import quadratic_pseudo_likelihood, quadratic_states


class BoltzmannMachine(
    CallbackSupportMixin,
    FeatureMixin,
    ScoreMixin,
    SampleMixin,
    ImputeMixin,
    PartitionMixin,
    InputMixin,
    IterationParameters,
    BaseEstimator,
):
    """Density of binary rows by interactions of pairs: the Ising model, and with hidden units.

    Every unit may be joined to every other. The units u are the features v and, behind them,
    ``n_hidden`` hidden units h, with symmetric weights W and biases b::

        p(u) = exp(sum_i b_i u_i + sum_{i<j} W_ij u_i u_j) / Z,    p(v) = sum_h p(v, h)

    Without hidden units, the default, this is the quadratic log-linear model of binary columns:
    W_ij is the log odds ratio of two columns given all others, and 0 where they are independent
    given the others. Its log-likelihood is concave. Up to 20 columns the fit is its maximum, by
    Newton's method over all states; beyond, it is the maximum of the pseudo-likelihood, in which
    each column is predicted from the others. Hidden units add interactions of more than two
    columns.

    Values between 0 and 1 are taken for probabilities of bits.

    Parameters
    ----------
    n_hidden : int, default=0
        Hidden units, joined to the features and to each other.
    solver : {"auto", "exact", "pseudo_likelihood", "persistent"}, default="auto"
        ``"exact"`` maximizes the likelihood over all states, for at most 20 units;
        ``"pseudo_likelihood"`` takes its place for more columns (Besag 1975), and knows no hidden
        units; ``"persistent"`` follows the gradient of the likelihood with Gibbs chains that stand
        for the model. ``"auto"`` takes the first of these that is possible.
    penalty : {"l2", "l1"}, default="l2"
        Whether ``alpha`` weighs half the sum of squares of the weights, or the sum of their
        absolute values, which sets many to zero: a network with few edges. ``"l1"`` needs another
        solver than ``"persistent"``.
    alpha : float or "auto", default="auto"
        Weight of the penalty beside the mean log-likelihood of a row, for weights between bits.
        ``"auto"`` gives a fifth of the rows, held out of a first fit without hidden units, their
        highest score; for weights of hidden units it is at most 0.1 / n_samples. 0 is maximum
        likelihood, whose estimates are infinite where a value or a pair never occurs.
    coding : {"auto", "binary", "spin"}, default="auto"
        Whether features are bits, 0 and 1, or spins, -1 and 1. ``"auto"`` takes rows that hold
        nothing but -1 and 1 for spins. The distribution is the same: ``interactions_`` of spins are
        a quarter of those of bits, see Notes.
    inference : {"auto", "exact", "mean_field"}, default="auto"
        How hidden units are inferred from a row, in fits, scores and ``transform``: their states
        summed, for at most 20 of them, or replaced by the nearest independent units, mean field.
        ``"auto"`` sums up to ten.
    tol : float, default=1e-5
        Stop when no entry of the gradient of the mean objective exceeds this; not of "persistent".
    max_iter : int or "auto", default="auto"
        Most iterations; "auto" is 1 000, or 200 with hidden units. Of "persistent" the number of
        updates, "auto" 4 000.
    learning_rate : float or "auto", default="auto"
        Step of "persistent"; "auto" is 1.5, divided by the squared largest eigenvalue of the
        features' covariance where that exceeds 1. It falls to zero over the second half.
    n_chains : int, default=200
        Chains of "persistent".
    n_gibbs_steps : int, default=5
        Their sweeps an update.
    n_ais_chains : int, default=100
        Chains of the annealed importance sampling that estimates log Z beyond 20 units.
    n_ais_steps : int, default=1000
        Temperatures of that sampling.
    n_burn_in : int, default=1000
        Sweeps before a chain gives its first draw, beyond 20 units; up to 20 draws are exact.
        Also of ``sample_conditional`` where a row has more than ten unknown units.
    n_thinning : int, default=100
        Sweeps between one set of draws and the next, where more than 1000 rows are asked for; also
        those averaged by ``impute`` where a row has more than ten unknown units.
    random_state : int, RandomState instance or None, default=None
        Seed of the first weights of hidden units, of the chains and of draws. Fits without hidden
        units, but by "persistent", do not use it.
    %(shared_parameters)s

    Attributes
    ----------
    interactions_ : ndarray of shape (n_features, n_features)
        Weights W between features; symmetric, with a zero diagonal.
    interactions_std_ : ndarray of shape (n_features, n_features)
        Their standard errors: from the inverse Fisher information, or Godambe's for the
        pseudo-likelihood. With a ridge they say how much estimates vary, not how far it shrinks
        them. NaN where they are not known: with ``penalty="l1"``, with hidden units, of
        "persistent", and beyond 44 columns.
    intercept_visible_, intercept_visible_std_ : ndarray of shape (n_features,)
        Biases b of the features and their standard errors.
    components_ : ndarray of shape (n_hidden, n_features)
        Weights between hidden units and features.
    hidden_interactions_ : ndarray of shape (n_hidden, n_hidden)
        Weights between hidden units.
    intercept_hidden_ : ndarray of shape (n_hidden,)
        Biases of the hidden units.
    alpha_ : float
        Weight of the penalty on weights between features.
    solver_, coding_ : str
        What "auto" stood for.
    n_iter_ : int
        Iterations, or updates of "persistent".
    gradient_norm_ : float
        Largest entry of the gradient where the fit stopped; NaN of "persistent".
    likelihood_kind_ : str
        "exact" up to 20 units, "ais" where log Z is estimated, "lower_bound" where hidden units are
        inferred by mean field.
    log_partition_ : float
        log Z in nats, computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where exact.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, when X had string column names.

    Raises
    ------
    ValueError
        If a solver, penalty or inference cannot serve so many units, or if X leaves the range of
        the coding.

    Warns
    -----
    ConvergenceWarning
        If the gradient exceeds ``tol`` after ``max_iter`` iterations.
    DataRangeWarning
        If values lie outside of [0, 1]: they count as the nearest of these.

    See Also
    --------
    BernoulliRBM : Hidden units alone interact with the features, whose layers are drawn at once.
    FullyVisibleBeliefNetwork : The chain rule, by a network.

    Notes
    -----
    ``transform`` gives the probability that each hidden unit is on; of a machine without hidden
    units it gives ``conditional_probabilities``, each feature given all others.

    Spins s = 2 u - 1 of the same distribution have the interactions W / 4 and the biases
    b_i / 2 + sum_j W_ij / 4. A spin interaction says how two columns agree, whatever their rates; a
    bias of bits is the log-odds of a column where all others are 0. Penalties, and priors of the
    biases with a standard deviation of 5 where alpha is not 0, are those of bits.

    References
    ----------
    Ackley, D., Hinton, G. & Sejnowski, T. (1985). A learning algorithm for Boltzmann machines.
    Cognitive Science.

    Besag, J. (1975). Statistical analysis of non-lattice data. The Statistician.

    Salakhutdinov, R. & Hinton, G. (2009). Deep Boltzmann machines. AISTATS.

    van Borkulo, C. et al. (2014). A new method for constructing networks from binary data.
    Scientific Reports.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import BoltzmannMachine
    >>> rng = np.random.default_rng(0)
    >>> cause = rng.random((2000, 1)) < 0.5
    >>> X = np.hstack([cause, cause ^ (rng.random((2000, 2)) < 0.2)]).astype(float)
    >>> model = BoltzmannMachine().fit(X)
    >>> model.interactions_.round(0)
    array([[ 0.,  3.,  3.],
           [ 3.,  0., -0.],
           [ 3., -0.,  0.]])
    >>> bool(abs(model.interactions_[1, 2]) < 3 * model.interactions_std_[1, 2])
    True
    >>> model.impute([[1.0, np.nan, 1.0]]).round(1)
    array([[1. , 0.8, 1. ]])
    """

    measure_ = "counting"
    # NaN where a solver has none.
    _may_be_unknown = "intercept_visible_std_", "interactions_std_", "gradient_norm_"
    _of_bits = "BoltzmannMachine", "GaussianBernoulliRBM"

    n_hidden: int = param(NATURAL, default=0, kw_only=False)
    solver: str = param(one_of("auto", "exact", "pseudo_likelihood", "persistent"), default="auto")
    penalty: str = param(one_of("l2", "l1"), default="l2")
    alpha: float | str = param(NON_NEGATIVE, AUTO, default="auto")
    coding: str = param(one_of("auto", "binary", "spin"), default="auto")
    inference: str = param(one_of("auto", "exact", "mean_field"), default="auto")
    tol: float = param(NON_NEGATIVE, default=1e-5)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
    learning_rate: float | str = param(POSITIVE, AUTO, default="auto")
    n_chains: int = param(COUNT, default=200)
    n_gibbs_steps: int = param(COUNT, default=5)
    n_ais_chains: int = param(COUNT, default=100)
    n_ais_steps: int = param(COUNT, default=1000)
    n_burn_in: int = param(COUNT, default=1000)
    n_thinning: int = param(COUNT, default=100)
    random_state: object = param("random_state", default=None)

    @fit_method
    def fit(self, X, y=None, sample_weight=None):
        """Fit biases and weights.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training rows: bits, spins, or probabilities of bits.
        y : Ignored
            Present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row; a weight of 2 counts as two equal rows.

        Returns
        -------
        self : BoltzmannMachine
            The fitted estimator.
        """
        X = self._validate(X, reset=True)
        solver = check_choices(self, X.shape[1])
        X, weight = weighted_rows(X, sample_weight)
        coding, self._value_range = coding_of(X, self.coding, self._of_bits)
        rows = distinct(coding.to_bits(X), weight)
        settings = learning.settings_of(self, solver)
        task = "update" if solver == "persistent" else "iteration"
        with interruptible_progress(self, X, max_iter=settings.most(), task=task) as report:
            found = learning.fit(
                rows,
                settings,
                self._rng(None),
                lambda machine, numbers: report(
                    lambda: self._attributes(coding, X.dtype, rows, *machine()), numbers
                ),
            )
        vars(self).update(self._attributes(coding, X.dtype, rows, found.b, found.W))
        errors = coding.standard_errors(found.covariance, X.shape[1])
        self.intercept_visible_std_, self.interactions_std_ = errors
        self.alpha_, self.solver_ = float(found.alpha), solver
        self.n_iter_, self.gradient_norm_ = found.n_iter, float(found.gradient)
        self._summed = settings.summed
        self._forget_partition()
        if found.gradient > self.tol and settings.should_converge() and not report.stopped:
            warn(
                f"The gradient is {found.gradient:.1e} after "
                f"{counted(found.n_iter, 'iteration')}; raise max_iter={self.max_iter} or "
                f"tol={self.tol}. With alpha=0 a pair of values that never occurs has no maximum.",
                ConvergenceWarning,
            )
        return self

    def _attributes(self, coding, dtype, rows, b, W):
        """Fitted attributes that describe the model, by name."""
        return {
            **coding.attributes(b, W, rows.V.shape[1]),
            "_coding": tuple(coding),
            "_machine": (b, W),
            "_base": np.append(independent(rows)[: rows.V.shape[1]], np.zeros(self.n_hidden)),
            "_dtype": dtype,
        }

    def _bits(self, X):
        return Coding(*self._coding).to_bits(X)

    def _values(self, bits, dtype):
        return Coding(*self._coding).to_values(bits).astype(dtype)

    @property
    def likelihood_kind_(self):
        """What a score is: "exact", "ais" or "lower_bound"."""
        if not self._summed:
            return "lower_bound"
        return "exact" if self._is_enumerable() else "ais"

    @property
    def _n_features_out(self):
        return len(self.components_) or self.n_features_in_

    def _hidden(self, X):
        return units.hidden_given(X, *self._machine, self._summed)

    def _encode(self, X):
        means = self._hidden(self._bits(X)).means if len(self.components_) else self._given_rest(X)
        return means.astype(X.dtype, copy=False)

    def conditional_probabilities(self, X):
        """Probability that each feature is on, given all others of its row.

        That is P(v_j = 1 | the others), of spins the probability of 1. Where hidden units are
        inferred by mean field it is the ratio of two bounds.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_features)
            float64.
        """
        check_is_fitted(self)
        return self._given_rest(self._validate(X))

    def pseudo_likelihood(self, X):
        """Log-pseudo-likelihood of each row: the sum of log P(v_j | all the others) over j.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        pseudo_likelihood : ndarray of shape (n_samples,)
            In nats; it needs no log Z.
        """
        check_is_fitted(self)
        X = self._bits(self._validate(X))
        return quadratic_pseudo_likelihood.log_pseudo_likelihood(X, self._log_odds(X))

    def _given_rest(self, X):
        return expit(self._log_odds(self._bits(X)))

    def _log_odds(self, X):
        """Log-odds of each feature of bits X given the others, (n, d)."""
        b, W = self._machine
        if not len(self.components_):
            return quadratic_pseudo_likelihood.log_odds(X, b, W)
        return units.log_odds_by_sums(X, lambda V: self._hidden(V).log_sums)

    def _score_rows(self, X):
        rows = self._bits(X)
        shift = Coding(*self._coding).log_partition_shift(*self._machine)
        return self._hidden(rows).log_sums - (self._partition() + shift)

    def _enumerable_units(self):
        return len(self._machine[0])

    def _exact_partition(self):
        return self._shown_partition(quadratic_states.log_partition(*self._machine))

    def _shown_partition(self, log_Z):
        """Log Z that goes with the parameters of the coding."""
        return log_Z - Coding(*self._coding).log_partition_shift(*self._machine)

    def _annealed_partition(self, n_chains, n_steps, random_state):
        size = self._base, n_chains, n_steps
        log_Z, error = chains.log_partition(*self._machine, *size, self._rng(random_state))
        return self._shown_partition(log_Z), error

    def _annealed_bracket(self, n_chains, n_steps, random_state):
        rng, size = self._rng(random_state), (self._base, n_chains, n_steps)
        forward, _ = chains.log_partition(*self._machine, *size, rng)
        reverse = chains.reverse_log_partition(*self._machine, *size, self.n_burn_in, rng)
        return self._shown_partition(forward), self._shown_partition(reverse)

    def _sample(self, n_samples, rng):
        if len(self._base) <= MOST_ENUMERATED:
            drawn = chains.exact_draws(*self._machine, n_samples, rng)
        else:
            steps = self.n_burn_in, self.n_thinning
            drawn = chains.chain_draws(*self._machine, self._base, n_samples, *steps, rng)
        return self._values(drawn[:, : self.n_features_in_], self._dtype)

    def _impute(self, X):
        rng = np.random.RandomState(0)
        filled = clamped.means(self._bits(X), *self._machine, self._base, self.n_thinning, rng)
        return np.where(np.isnan(X), self._values(filled, X.dtype), X)

    def _sample_conditional(self, X, n_draws, rng):
        rows = np.tile(self._bits(X), (n_draws, 1))
        drawn = clamped.draws(rows, *self._machine, self._base, self.n_burn_in, rng)
        drawn = self._values(drawn, X.dtype).reshape(n_draws, *X.shape)
        return np.where(np.isnan(X), drawn, X)
