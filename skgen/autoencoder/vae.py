"""Variational autoencoder: a latent-variable density with neural networks."""

from numbers import Integral, Real

import numpy as np
import torch

from skgen.autoencoder.base import CODER_CONSTRAINTS, CODER_PARAMETERS
from skgen.autoencoder.vae_verbs import VAEVerbs
from skgen.base.data_range import (
    LEAST_NOISE,
    column_scales,
    common_scale,
    looks_binary,
    noise_floors,
    warn_outside_unit_interval,
)
from skgen.base.sklearn_compat import Interval, StrOptions
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TRAINING_CONSTRAINTS, document_training
from skgen.nets.autoencoder.likelihoods import BernoulliLikelihood, GaussianLikelihood
from skgen.nets.autoencoder.vae import VAENet, doubly_reparametrized, elbo, importance_bound
from skgen.nets.coder import build_decoder, build_encoder
from skgen.training import Phase, Stage, adam


@document_training(
    learning_rate="3e-3", weight_decay="1e-2", max_iter=100, coder_parameters=CODER_PARAMETERS
)
class VAE(VAEVerbs, TorchEstimator):
    """Latent-variable density whose decoder and approximate posterior are networks.

    The model, and the bound that training maximizes (Kingma & Welling 2014)::

        z ~ N(0, I),  x | z ~ N(g(z), noise_variance)  or  Bernoulli(sigmoid g(z))
        log p(x) >= E_q(z|x) log p(x | z) - beta KL(q(z|x) || N(0, I)),  q = N(f(x), diag)

    Inside, rows are centered and divided by their units, so that data of any scale train
    alike; densities are in the units of X. With linear networks the Gaussian model is
    probabilistic PCA (``noise_variance="isotropic"``) or factor analysis (``"diagonal"``).

    Parameters
    ----------
    n_components : int, default=16
        Latent dimensions. Training switches off those that the data do not need.
    %(coder_parameters)s
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
        Share of the training during which the weight of the KL term rises from zero.
    n_importance_samples : int, default=1
        More than one trains the importance-weighted bound (Burda et al. 2016).
    doubly_reparametrized : bool, default=False
        Whether the importance-weighted bound uses the gradient of Tucker et al. (2019).
    n_score_samples : int, default=64
        Importance samples a row in ``score_samples``.
    n_gibbs_steps : int, default=100
        Steps of the chains in ``impute`` and ``sample_conditional``.
    %(training_parameters)s

    Attributes
    ----------
    likelihood_ : {"gaussian", "bernoulli"}
        The likelihood in use.
    noise_variance_ : ndarray of shape (n_features,), float or None
        Observation noise, in squared units of X; None for Bernoulli.
    likelihood_kind_ : str
        "lower_bound": ``score_samples`` is the importance-weighted bound on the log-density
        of each row, in nats.
    %(training_attributes)s

    See Also
    --------
    Autoencoder : The same networks without a density.
    ProbabilisticPCA : The linear model, in closed form and with exact densities.

    References
    ----------
    Kingma, D. & Welling, M. (2014). Auto-encoding variational Bayes. ICLR.

    Rezende, D., Mohamed, S. & Wierstra, D. (2014). Stochastic backpropagation and approximate
    inference in deep generative models. ICML.

    Burda, Y., Grosse, R. & Salakhutdinov, R. (2016). Importance weighted autoencoders. ICLR.

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

    _architecture = (*CODER_CONSTRAINTS, "likelihood", "noise_variance")
    _parameter_constraints: dict = {
        **CODER_CONSTRAINTS,
        "likelihood": [StrOptions({"auto", "gaussian", "bernoulli"})],
        "noise_variance": [
            StrOptions({"diagonal", "isotropic"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "beta": [Interval(Real, 0, None, closed="left")],
        "free_bits": [Interval(Real, 0, None, closed="left")],
        "kl_warm_up": [Interval(Real, 0, 1, closed="both")],
        "n_importance_samples": [Interval(Integral, 1, None, closed="left")],
        "doubly_reparametrized": ["boolean"],
        "n_score_samples": [Interval(Integral, 1, None, closed="left")],
        "n_gibbs_steps": [Interval(Integral, 1, None, closed="left")],
        **TRAINING_CONSTRAINTS,
    }

    def __init__(
        self,
        n_components=16,
        *,
        hidden_layer_sizes=(256,),
        activation="relu",
        image_shape=None,
        encoder=None,
        decoder=None,
        likelihood="auto",
        noise_variance="diagonal",
        beta=1.0,
        free_bits=0.0,
        kl_warm_up=0.0,
        n_importance_samples=1,
        doubly_reparametrized=False,
        n_score_samples=64,
        n_gibbs_steps=100,
        batch_size="auto",
        learning_rate=3e-3,
        learning_rate_schedule="cosine",
        weight_decay=1e-2,
        max_iter=100,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        tol=1e-4,
        warm_start=False,
        random_state=None,
        verbose=False,
        device="auto",
        precision="float32",
        compile=False,
    ):
        self.n_components = n_components
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.image_shape = image_shape
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = likelihood
        self.noise_variance = noise_variance
        self.beta = beta
        self.free_bits = free_bits
        self.kl_warm_up = kl_warm_up
        self.n_importance_samples = n_importance_samples
        self.doubly_reparametrized = doubly_reparametrized
        self.n_score_samples = n_score_samples
        self.n_gibbs_steps = n_gibbs_steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.weight_decay = weight_decay
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
        self.device = device
        self.precision = precision
        self.compile = compile

    def _inspect(self, X):
        self.likelihood_ = self.likelihood
        if self.likelihood == "auto":
            self.likelihood_ = "bernoulli" if looks_binary(X) else "gaussian"
        if self.likelihood_ == "bernoulli":
            warn_outside_unit_interval(X, 'likelihood="bernoulli"', 'likelihood="gaussian"')
            return 0.0, 1.0
        if self.noise_variance != "diagonal":
            self._noise_floor = LEAST_NOISE
            return common_scale(X)
        mean, scale = column_scales(X)
        self._noise_floor = noise_floors(X, mean, scale)
        return mean, scale

    def _build(self, n_features):
        shape = {
            "hidden": tuple(self.hidden_layer_sizes),
            "activation": self.activation,
            "image_shape": self.image_shape,
        }
        k = self.n_components
        return VAENet(
            build_encoder(n_features, 2 * k, factory=self.encoder, **shape),
            build_decoder(k, n_features, factory=self.decoder, **shape),
            self._build_likelihood(n_features),
        )

    def _build_likelihood(self, n_features):
        if self.likelihood_ == "bernoulli":
            return BernoulliLikelihood()
        log_scale = np.broadcast_to(np.log(self._scale), n_features)
        return GaussianLikelihood(
            torch.tensor(log_scale, dtype=torch.float32),
            torch.tensor(self._noise_floor, dtype=torch.float32),
            self.noise_variance if isinstance(self.noise_variance, Real) else None,
            isotropic=self.noise_variance == "isotropic",
        )

    def _stages(self, module):
        module.kl_weight.fill_(self.beta)
        noise = [p for p in module.likelihood.parameters() if p.requires_grad]
        networks = [*module.encoder.parameters(), *module.decoder.parameters()]
        groups = [{"params": networks, "weight_decay": self.weight_decay}]
        if noise:
            # A log-variance has far to go: from the data's own to that of the residual.
            groups.append({"params": noise, "lr": 10 * self.learning_rate})
        phase = Phase("negative_bound", self._objective(module), adam(groups, self.learning_rate))
        schedule = self._warm_up(module) if self.kl_warm_up else None
        return [Stage([phase], schedule=schedule)]

    def _objective(self, module):
        n_importance, k = self.n_importance_samples, self.n_components
        if n_importance > 1 and (self.beta != 1 or self.free_bits or self.kl_warm_up):
            raise ValueError(
                f"beta={self.beta}, free_bits={self.free_bits} and kl_warm_up={self.kl_warm_up} "
                f"weight a KL term that the bound of n_importance_samples={n_importance} lacks; "
                "leave them at 1, 0 and 0."
            )

        def negative_elbo(x, generator):
            noise = torch.randn(len(x), k, generator=generator, device=x.device, dtype=x.dtype)
            return -elbo(module, x, noise, free_bits=self.free_bits)

        def negative_importance_bound(x, generator):
            noise = torch.randn(
                n_importance, len(x), k, generator=generator, device=x.device, dtype=x.dtype
            )
            if self.doubly_reparametrized:
                return -doubly_reparametrized(module, x, noise)
            return -importance_bound(module, x, noise).mean()

        return negative_elbo if n_importance == 1 else negative_importance_bound

    def _warm_up(self, module):
        def schedule(progress):
            module.kl_weight.fill_(self.beta * min(1.0, progress / self.kl_warm_up))

        return schedule

    def _finish(self, X):
        self.noise_variance_ = None
        if self.likelihood_ == "gaussian":
            variance = self.module_.likelihood.log_variance().double().exp().numpy()
            self.noise_variance_ = variance if self.noise_variance == "diagonal" else variance[0]
