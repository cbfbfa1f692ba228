"""Variational autoencoder: a latent-variable density with neural networks."""

from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skgen.autoencoder import vae_start
from skgen.autoencoder.completion import N_VALUES, conditional_draws, conditional_means
from skgen.autoencoder.learning.labeled_gradient import labeled_bound_gradient
from skgen.autoencoder.learning.vae_gradient import bound_gradient, conditional_bound_gradient
from skgen.autoencoder.parameters import CODER_ARCHITECTURE, CoderParameters
from skgen.autoencoder.training_length import EPOCHS, chosen_epochs
from skgen.base.data_range import (
    LEAST_NOISE,
    column_scales,
    common_scale,
    looks_binary,
    noise_floors,
    range_of_bits,
)
from skgen.base.labels import one_hot
from skgen.base.mixins import SampleMeansMixin
from skgen.base.parameters import AUTO, COUNT, LAYERS, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.results.conditioned import ConditionedImputeMixin, ConditionedMixin
from skgen.base.results.labeled import LabeledMixin
from skgen.base.results.layers import LayerLatentMixin
from skgen.base.results.measure import MEASURE_OF_UNITS
from skgen.base.run import Settings
from skgen.base.sklearn_compat import Interval, Options
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.kernels.two_sample.distances import evenly_spaced
from skgen.nets.autoencoder.conditioned import negative_conditional_bound
from skgen.nets.autoencoder.labeled import negative_labeled_bound
from skgen.nets.autoencoder.vae import negative_bound, of_drawn_bits
from skgen.nets.conditions import of_hidden_conditions
from skgen.nets.gaussian import scrambled_normal
from skgen.training import Phase, Stage, adam, inference_device, torch_generator

SEVERAL = Interval(Integral, 2, None, closed="left")


class VAE(
    ConditionedMixin,
    ConditionedImputeMixin,
    LabeledMixin,
    LayerLatentMixin,
    SampleMeansMixin,
    CoderParameters,
    TrainingParameters,
    TorchEstimator,
):
    r"""Latent-variable density whose decoder and approximate posterior are networks.

    The model, and the bound that training maximizes (Kingma & Welling 2014), with q(z | x)
    normal around f(x):

    .. math:: & z \sim N(0, I), \qquad x \mid z \sim N(g(z), \psi) \;\text{or Bernoulli}, \\
        & \log p(x) \ge E_q \log p(x \mid z) - \beta \, \mathrm{KL}(q(z \mid x) \,\|\, p(z)).

    Inside, rows are centered and divided by their scales, so that all data train alike;
    densities are in the units of X. With linear networks the Gaussian model is
    probabilistic PCA (``noise_variance="isotropic"``) or factor analysis (``"diagonal"``).

    With ``use_labels`` the label y of a row is a latent variable, too, known for some rows (model
    M2 of Kingma et al. 2014). Training then maximizes, over rows x_i with a label and x_j without,

    .. math:: & L(x_i, y_i) + \alpha \log q(y_i \mid x_i), \qquad L(x, y) \le \log p(x, y), \\
        & \sum_y q(y \mid x_j) \bigl(L(x_j, y) - \log q(y \mid x_j)\bigr), \qquad
        p(x, y, z) = p(y) \, p(z) \, p(x \mid y, z).

    Parameters
    ----------
    n_components : int, default=16
        Latent dimensions. Training switches off those that the data do not need.
    likelihood : {"auto", "gaussian", "bernoulli"}, default="auto"
        "auto" takes Bernoulli for data in [0, 1] of which more than a quarter are exactly 0
        or 1 (binary data, gray images), otherwise Gaussian.
    noise_variance : {"diagonal", "isotropic"} or float, default="diagonal"
        Observation noise of the Gaussian likelihood: learned for each feature, learned and
        common to all, or fixed, in squared units of X.
    beta : float, default=1.0
        Weight of the KL term (Higgins et al. 2017); 1 is the bound on the likelihood.
    free_bits : float, default=0.0
        Nats of KL in each latent dimension that cost nothing in training.
    kl_warm_up : float, default=0.0
        Fraction of the training during which the weight of the KL term rises from zero.
    n_importance_samples : int or "auto", default="auto"
        More than one trains the importance-weighted bound (Burda et al. 2016). "auto" takes
        64 / n_features for the Gaussian likelihood and 20 rows a feature, between 1 and 16, with
        the gradient of Tucker et al. (2019); otherwise, and beside ``beta``, ``free_bits`` or
        ``kl_warm_up``, 1.
    doubly_reparametrized : bool, default=False
        Whether the importance-weighted bound uses the gradient of Tucker et al. (2019).
    binarize : bool, default=False
        Whether training takes gray values for probabilities and draws the bits of a row anew
        each time it is seen (Salakhutdinov & Murray 2008): the density is then one of binary
        rows. For the Bernoulli likelihood.
    use_labels : bool, default=False
        Whether ``y`` is learned, too. Rows whose label is the number -1 have none: it is never a
        class. Scores and draws are those of the rows, labels summed out. ``transform`` gives means
        of z, with q(y|x), a column a class, behind them. Without it ``y`` is ignored.
    discriminative_weight : float, default=20.0
        Weight :math:`\alpha` of :math:`\log q(y \mid x)` of each row with a label. It is
        positive: where all have one, nothing else teaches the classifier.
    n_score_samples : int, default=64
        Importance samples a row in ``score_samples``, with ``use_labels`` for each class.
    n_gibbs_steps : int, default=100
        Steps of the chains in ``impute`` and ``sample_conditional``.
    hidden_layer_sizes : tuple of int or "auto", default="auto"
        Widths of the encoder's hidden layers; the decoder mirrors them. ``()`` is linear. "auto"
        is ``(256,)``, but ``(128, 128)`` for the Gaussian likelihood and 250 rows a feature.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" is 100; for the Gaussian likelihood and 250 rows a feature as many as make
        5 000 updates, if these are more; for bits and fewer than 2 000 rows at most as many, and
        those that a first fit, which holds out a fifth of the rows, finds to be best for them;
        for bits with ``use_labels`` 200.
    %(shared_parameters)s

    Attributes
    ----------
    likelihood_ : {"gaussian", "bernoulli"}
        The likelihood in use.
    noise_variance_ : ndarray of shape (n_features,), float or None
        Observation noise, in squared units of X; None for Bernoulli.
    likelihood_kind_ : str
        "lower_bound": ``score_samples`` is the importance-weighted bound on the log-density
        of each row, in nats.
    classes_ : ndarray of shape (n_classes,)
        Labels of ``fit``, or ``classes`` of the first ``partial_fit``; with ``use_labels``.
    %(shared_attributes)s

    See Also
    --------
    Autoencoder : The same networks without a density.
    ProbabilisticPCA : The linear model, in closed form and with exact densities.

    Notes
    -----
    Learned noise starts below the variance of the data, where codes would die out before the
    decoder has learned to use them (Lucas et al. 2019): at a fraction 12 n_features / n_samples of
    it, between 0.01 and 1, since few rows could be learned by heart. A fit in which all codes
    died out warns.

    References
    ----------
    Kingma, D. & Welling, M. (2014). Auto-encoding variational Bayes. ICLR.

    Rezende, D., Mohamed, S. & Wierstra, D. (2014). Stochastic backpropagation and approximate
    inference in deep generative models. ICML.

    Kingma, D., Rezende, D., Mohamed, S. & Welling, M. (2014). Semi-supervised learning with deep
    generative models. NeurIPS.

    Burda, Y., Grosse, R. & Salakhutdinov, R. (2016). Importance weighted autoencoders. ICLR.

    Lucas, J., Tucker, G., Grosse, R. & Norouzi, M. (2019). Don't blame the ELBO! A linear VAE
    perspective on posterior collapse. NeurIPS.

    Salakhutdinov, R. & Murray, I. (2008). On the quantitative analysis of deep belief
    networks. ICML.

    Mattei, P.-A. & Frellsen, J. (2018). Leveraging the exact likelihood of deep latent
    variable models. NeurIPS.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import VAE
    >>> X = load_digits().data[:300]
    >>> model = VAE(n_components=4, max_iter=20, random_state=0).fit(X)
    >>> model.transform(X).shape
    (300, 4)
    >>> model.sample(5).shape
    (5, 64)
    """

    likelihood_kind_ = "lower_bound"
    measure_ = property(lambda self: MEASURE_OF_UNITS[self.likelihood_])
    _marks_unlabeled = True
    _architecture = (*CODER_ARCHITECTURE, "likelihood", "noise_variance", "use_labels")
    _architecture = (*_architecture, "conditional", "condition_encoder")
    _former_defaults = {
        **ConditionedMixin._former_defaults,
        "layer": -1,
        "use_labels": False,
        "discriminative_weight": 20.0,
    }
    _of_bits = 'likelihood="bernoulli"', 'likelihood="gaussian"'
    _measured_buffers = r"^likelihood\.floor$"
    # Models saved before lack what their fit knew of its rows.
    _n_fitted, _has_many_rows, _starting_noise, _enough_epochs = 1, False, 1.0, EPOCHS
    likelihood: str = param(one_of("auto", "gaussian", "bernoulli"), default="auto")
    noise_variance: str | float = param(
        one_of("diagonal", "isotropic"),
        POSITIVE,
        default="diagonal",
        needs={"likelihood": one_of("auto", "gaussian")},
    )
    beta: float = param(NON_NEGATIVE, default=1.0)
    free_bits: float = param(NON_NEGATIVE, default=0.0)
    kl_warm_up: float = param(Interval(Real, 0, 1, closed="both"), default=0.0)
    n_importance_samples: int | str = param(COUNT, AUTO, default="auto")
    doubly_reparametrized: bool = param(
        "boolean", default=False, needs={"n_importance_samples": SEVERAL}
    )
    binarize: bool = param("boolean", default=False)
    use_labels: bool = param(
        "boolean", default=False, needs={"conditional": Options(bool, {False})}
    )
    discriminative_weight: float = param(POSITIVE, default=20.0)
    n_score_samples: int = param(COUNT, default=64)
    n_gibbs_steps: int = param(COUNT, default=100)
    hidden_layer_sizes: tuple | str = param(LAYERS, AUTO, default="auto")
    learning_rate: float = param(default=3e-3)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
    weight_decay: float = param(default=1e-2)

    def _inspect(self, X, columns):
        self.likelihood_, self._value_range = self.likelihood, None
        if self.likelihood == "auto":
            self.likelihood_ = "bernoulli" if looks_binary(columns) else "gaussian"
        self._n_fitted = columns.X.shape[0]
        self._has_many_rows = self.likelihood_ == "gaussian" and vae_start.has_many_rows(
            columns.n_rows, columns.n_features
        )
        vae_start.check_binarize(self)
        if self.likelihood_ == "bernoulli":
            self._value_range = range_of_bits(columns, *self._of_bits)
            return 0.0, 1.0
        # A linear decoder has no maxima of the bound in which codes die (Lucas et al. 2019).
        is_linear = len(self.hidden_layer_sizes) == 0
        noise = vae_start.starting_noise(columns.n_rows, columns.n_features)
        self._starting_noise = 1.0 if is_linear else noise
        return (column_scales if self.noise_variance == "diagonal" else common_scale)(columns)

    def _choose_length(self, columns):
        self._enough_epochs = EPOCHS
        if self.likelihood_ == "bernoulli" and self.use_labels:
            self._enough_epochs = vae_start.EPOCHS_WITH_LABELS
        # While the weight of the KL term rises, so does the loss.
        elif self.likelihood_ == "bernoulli" and not self.kl_warm_up:
            self._enough_epochs = chosen_epochs(self, columns)

    def _measure(self, columns):
        if self.likelihood_ == "gaussian":
            diagonal = self.noise_variance == "diagonal"
            self._noise_floor = noise_floors(columns) if diagonal else LEAST_NOISE

    @property
    def _n_updates(self):
        """Updates that max_iter="auto" stands for."""
        batch_size = Settings(self.batch_size).rows_an_update(self._n_fitted)
        n_updates = self._enough_epochs * self._n_fitted // batch_size
        return max(n_updates, vae_start.LEAST_UPDATES_OF_MANY if self._has_many_rows else 0)

    def _build(self, n_features):
        return vae_start.build(self, n_features)

    def _stages(self, module):
        module.kl_weight.fill_(self.beta)
        noise = [p for p in module.likelihood.parameters() if p.requires_grad]
        networks = [*module.encoder.parameters(), *module.decoder.parameters()]
        groups = [{"params": networks, "weight_decay": self.weight_decay}]
        if self.use_labels:
            networks += module.classifier.parameters()
            groups.append({"params": [module.label_logits]})
        if noise:
            # A log-variance has far to go to that of the residual.
            groups.append({"params": noise, "lr": 10 * self.learning_rate})
        loss, gradient = self._bound_and_gradient(module)
        phase = Phase("negative_bound", loss, adam(groups, self.learning_rate), gradient=gradient)
        schedule = self._warm_up(module) if self.kl_warm_up else None
        return [Stage([phase], schedule=schedule)]

    def _bound_and_gradient(self, module):
        """The loss as a formula for any networks, and its gradient by formulas, or None."""
        how = {
            "n_importance": vae_start.chosen_importance_samples(self),
            "free_bits": self.free_bits,
            "doubly": self.doubly_reparametrized or isinstance(self.n_importance_samples, str),
        }
        if self.use_labels:
            how |= {
                "discriminative_weight": self.discriminative_weight,
                "all_labeled": not self._partly_labeled,
            }
            makers = negative_labeled_bound, labeled_bound_gradient
        elif self.conditional:
            makers = negative_conditional_bound, conditional_bound_gradient
        else:
            makers = negative_bound, bound_gradient
        both = [make(module, self.n_components, **how) for make in makers]
        if self.binarize:
            both = [of_drawn_bits(bound, self._built_for["n_features"]) for bound in both]
        if self.conditional:
            both = [of_hidden_conditions(module.columns, bound) for bound in both]
        return both

    def _warm_up(self, module):
        def schedule(progress):
            module.kl_weight.fill_(self.beta * min(1.0, progress / self.kl_warm_up))

        return schedule

    def _finish(self, X):
        self.noise_variance_ = None
        if self.likelihood_ == "gaussian":
            variance = self.module_.likelihood.log_variance().double().exp().numpy()
            self.noise_variance_ = variance if self.noise_variance == "diagonal" else variance[0]

    def _review(self, X):
        rows = evenly_spaced(X, vae_start.N_REVIEWED).astype(self._built_for["dtype"])
        rows = self._standardize(rows)
        kl = self._apply(lambda net, x: net.kl(x), rows).mean(axis=0)
        if self.n_iter_ >= vae_start.FORMED:
            vae_start.review(self, kl, rows)

    def posterior(self, X, y=None):
        """Approximate posterior q(z|x) of each row, a Gaussian with independent components.

        With ``use_labels`` the moments of the mixture of q(z|x,y) over q(y|x).

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions of the rows, unknown where None; otherwise ignored.

        Returns
        -------
        mean : ndarray of shape (n_samples, n_components)
            Posterior means, as ``transform`` gives them.
        variance : ndarray of shape (n_samples, n_components)
            Posterior variances.
        """
        check_is_fitted(self)
        rows = self._conditioned(self._validate(X), self._code(X, y))
        joint = self._apply(lambda net, x: torch.cat(net.moments(x), -1), rows)
        mean, log_variance = np.split(joint, 2, axis=1)
        return mean, np.exp(log_variance)

    def transform(self, X, y=None):
        """Mean of q(z|x) of each row, or units of another layer; deterministic.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions of the rows, unknown where None; otherwise ignored.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
            Latent rows, of the dtype of X.
        """
        check_is_fitted(self)
        return self._encode_rows(self._conditioned(self._validate(X), self._code(X, y)))

    def inverse_transform(self, X, y=None):
        """Data-space mean for latent rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            Latent rows.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions, unknown where None; otherwise ignored.

        Returns
        -------
        X_original : ndarray of shape (n_samples, n_features)
            Mean of the data given the latent rows; a frame where ``set_output`` asks for one,
            rounded in columns that were integers or booleans in ``fit``.
        """
        return self._decoded(X, self._code(X, y))

    def sample_means(self, n_samples=1, random_state=None, y=None):
        """Draw latent rows, and return the mean of a row given each of them.

        ``sample`` adds to these means what the model takes for noise: of binary features it draws
        bits, so that a model of gray images gives images in black and white. The means are gray,
        and scatter less than rows of the data.

        Parameters
        ----------
        n_samples : int, default=1
            Number of rows.
        random_state : int, RandomState instance or None, default=None
            Source of the draws; None uses the estimator's own ``random_state``.
        y : scalar, array-like of shape (n_columns,) or (n_samples, n_columns), default=None
            With ``conditional`` the condition of all draws, or of each, as in ``sample``.

        Returns
        -------
        means : ndarray of shape (n_samples, n_features)
            Probabilities of binary features, means of others; a frame where ``set_output`` asks for
            one.
        """
        return self._means_drawn(n_samples, random_state, y)

    @property
    def _normal_prior(self):
        # Of lower layers, and of the labels behind a code, the prior is another.
        return self.layer == -1 and not self.module_.n_classes

    def _activations(self, module, x):
        return module.activations(x)

    def _decode_layer(self, Z, number, code=None):
        n_features = self._built_for["n_features"]
        if code is None:
            means = self._apply(lambda net, units: net.rebuilt(units, number, n_features), Z)
            return self._unstandardize(means)

        def given(net, rows):
            units, beside = rows.split([Z.shape[1], code.shape[1]], dim=1)
            return net.rebuilt(units, number, n_features, beside)

        rows = np.concatenate([Z, code], axis=1, dtype=Z.dtype)
        return self._unstandardize(self._apply(given, rows))

    def _score_given(self, X, code):
        # One noise set for all rows: a row's score does not depend on its neighbors.
        noise = scrambled_normal(self.n_score_samples, self._at_fit("n_components"))
        block = max(1, min(256, N_VALUES // (self.n_score_samples * X.shape[1])))
        parts = noise.split(max(1, N_VALUES // (block * X.shape[1])))
        rows = self._conditioned(X, code)
        return self._apply(lambda net, x: net.log_evidence(x, parts), rows, block=block)

    def _sample_given(self, n_samples, rng, code):
        generator = torch_generator(rng, inference_device(self.device))

        def draw(likelihood, out):
            how = {"device": out.device, "dtype": torch.float32}
            noise = torch.randn(out.shape, generator=generator, **how)
            return likelihood.draw(out, noise)

        return self._decode_prior(draw, n_samples, rng, code)

    def _sample_label(self, number, n_samples, rng):
        if self._conditions is not None:
            code = self._conditions.code_of_class(number, n_samples)
        else:
            code = one_hot(np.full(n_samples, number), np.arange(self.module_.n_classes))
        return self._sample_given(n_samples, rng, code)

    def _sample_means(self, n_samples, rng, y=None):
        code = self._code_of_draws(n_samples, rng, y)
        # With the same seed they belong to the draws.
        torch_generator(rng, inference_device(self.device))
        return self._decode_prior(
            lambda likelihood, out: likelihood.mean(out), n_samples, rng, code
        )

    def _decode_prior(self, see, n_samples, rng, code):
        """``see(likelihood, out)`` of the decoder at draws from the prior, in units of X.

        The decoder reads the code of labels or conditions behind them, if any; labels that are
        not given are drawn.
        """

        def rows(net, z):
            return see(net.likelihood, net.decode(z))

        shape = n_samples, self._at_fit("n_components")
        z = rng.standard_normal(shape).astype(np.float32)
        if self.module_.n_classes and code is None:
            p = self.module_.log_prior().double().exp().numpy()
            code = np.eye(len(p), dtype=np.float32)[rng.choice(len(p), n_samples, p=p / p.sum())]
        if code is not None:
            z = np.concatenate([z, code], axis=1)
        return self._unstandardize(self._apply(rows, z), self._built_for["dtype"])

    def _impute(self, X, code=None):
        return conditional_means(self, X, code)

    def _sample_conditional(self, X, n_draws, rng, code=None):
        return conditional_draws(self, X, n_draws, rng, code)

    def _label_probabilities(self, module, x):
        return module.log_label(x).exp()
