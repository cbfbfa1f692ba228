"""Variational autoencoder: a latent-variable density with neural networks."""

import math
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skgen.autoencoder.parameters import CODER_ARCHITECTURE, CoderParameters
from skgen.base.data_range import (
    LEAST_NOISE,
    column_scales,
    common_scale,
    looks_binary,
    noise_floors,
    range_of_bits,
)
from skgen.base.mixins import ImputeMixin, LatentMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import COUNT, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.results.measure import MEASURE_OF_UNITS
from skgen.base.sklearn_compat import Interval
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.nets.autoencoder.conditional import metropolis_within_gibbs
from skgen.nets.autoencoder.likelihoods import BernoulliLikelihood, GaussianLikelihood
from skgen.nets.autoencoder.vae import (
    VAENet,
    doubly_reparametrized,
    elbo,
    importance_bound,
    log_weights,
)
from skgen.nets.coder import build_decoder, build_encoder
from skgen.nets.gaussian import scrambled_normal
from skgen.training import Phase, Stage, adam, inference_device, torch_generator

SEVERAL = Interval(Integral, 2, None, closed="left")
N_VALUES = 2**23  # of one intermediate array: 32 MiB in float32


class VAE(
    LatentMixin,
    ScoreMixin,
    SampleMixin,
    ImputeMixin,
    CoderParameters,
    TrainingParameters,
    TorchEstimator,
):
    """Latent-variable density whose decoder and approximate posterior are networks.

    The model, and the bound that training maximizes (Kingma & Welling 2014)::

        z ~ N(0, I),  x | z ~ N(g(z), noise_variance)  or  Bernoulli(sigmoid g(z))
        log p(x) >= E_q(z|x) log p(x | z) - beta KL(q(z|x) || N(0, I)),  q = N(f(x), diag)

    Inside, rows are centered and divided by their scales, so that all data train alike;
    densities are in the units of X. With linear networks the Gaussian model is
    probabilistic PCA (``noise_variance="isotropic"``) or factor analysis (``"diagonal"``).

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
    n_importance_samples : int, default=1
        More than one trains the importance-weighted bound (Burda et al. 2016).
    doubly_reparametrized : bool, default=False
        Whether the importance-weighted bound uses the gradient of Tucker et al. (2019).
    binarize : bool, default=False
        Whether training takes gray values for probabilities and draws the bits of a row anew
        each time it is seen (Salakhutdinov & Murray 2008): the density is then one of binary
        rows. For the Bernoulli likelihood.
    n_score_samples : int, default=64
        Importance samples a row in ``score_samples``.
    n_gibbs_steps : int, default=100
        Steps of the chains in ``impute`` and ``sample_conditional``.
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
    %(shared_attributes)s

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
    _architecture = (*CODER_ARCHITECTURE, "likelihood", "noise_variance")
    _of_bits = 'likelihood="bernoulli"', 'likelihood="gaussian"'
    _measured_buffers = r"^likelihood\.floor$"
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
    n_importance_samples: int = param(COUNT, default=1)
    doubly_reparametrized: bool = param(
        "boolean", default=False, needs={"n_importance_samples": SEVERAL}
    )
    binarize: bool = param("boolean", default=False)
    n_score_samples: int = param(COUNT, default=64)
    n_gibbs_steps: int = param(COUNT, default=100)
    learning_rate: float = param(default=3e-3)
    weight_decay: float = param(default=1e-2)

    def _inspect(self, X, columns):
        self.likelihood_, self._value_range = self.likelihood, None
        if self.likelihood == "auto":
            self.likelihood_ = "bernoulli" if looks_binary(columns) else "gaussian"
        if self.binarize and self.likelihood_ != "bernoulli":
            raise ValueError(
                f"binarize=True draws bits, but likelihood={self.likelihood!r} is Gaussian for "
                'this X; use likelihood="bernoulli" with X in [0, 1], or binarize=False.'
            )
        if self.likelihood_ == "bernoulli":
            self._value_range = range_of_bits(columns, *self._of_bits)
            return 0.0, 1.0
        return (column_scales if self.noise_variance == "diagonal" else common_scale)(columns)

    def _measure(self, columns):
        if self.likelihood_ == "gaussian":
            diagonal = self.noise_variance == "diagonal"
            self._noise_floor = noise_floors(columns) if diagonal else LEAST_NOISE

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

        bound = negative_elbo if n_importance == 1 else negative_importance_bound
        if not self.binarize:
            return bound
        return lambda x, generator: bound(torch.bernoulli(x, generator=generator), generator)

    def _warm_up(self, module):
        def schedule(progress):
            module.kl_weight.fill_(self.beta * min(1.0, progress / self.kl_warm_up))

        return schedule

    def _finish(self, X):
        self.noise_variance_ = None
        if self.likelihood_ == "gaussian":
            variance = self.module_.likelihood.log_variance().double().exp().numpy()
            self.noise_variance_ = variance if self.noise_variance == "diagonal" else variance[0]

    def posterior(self, X):
        """Approximate posterior q(z|x) of each row, a Gaussian with independent components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        mean : ndarray of shape (n_samples, n_components)
            Posterior means, as ``transform`` gives them.
        variance : ndarray of shape (n_samples, n_components)
            Posterior variances.
        """
        check_is_fitted(self)
        rows = self._standardize(self._validate(X))
        joint = self._apply(lambda net, x: torch.cat(net.posterior(x), -1), rows)
        mean, log_variance = np.split(joint, 2, axis=1)
        return mean, np.exp(log_variance)

    @property
    def _n_features_out(self):
        return self._at_fit("n_components")

    def _encode(self, X):
        return self._apply(lambda net, x: net.posterior(x)[0], self._standardize(X))

    def _decode(self, Z):
        means = self._apply(lambda net, z: net.likelihood.mean(net.decode(z)), Z)
        return self._unstandardize(means)

    def _score_rows(self, X):
        # One noise set for all rows: a row's score does not depend on its neighbors.
        noise = scrambled_normal(self.n_score_samples, self._n_features_out)
        block = max(1, min(256, N_VALUES // (self.n_score_samples * X.shape[1])))
        parts = noise.split(max(1, N_VALUES // (block * X.shape[1])))

        def bound(net, x):
            log_w = torch.cat([log_weights(net, x, part.to(x).unsqueeze(1)) for part in parts])
            return torch.logsumexp(log_w.double(), 0) - math.log(len(noise))

        return self._apply(bound, self._standardize(X), block=block)

    def _sample(self, n_samples, rng):
        generator = torch_generator(rng, inference_device(self.device))

        def draw(net, z):
            out = net.decode(z)
            how = {"device": out.device, "dtype": torch.float32}
            noise = torch.randn(out.shape, generator=generator, **how)
            return net.likelihood.draw(out, noise)

        z = rng.standard_normal((n_samples, self._n_features_out)).astype(np.float32)
        return self._unstandardize(self._apply(draw, z), self._built_for["dtype"])

    def _impute(self, X):
        def conditional_mean(net, x, missing):
            generator = torch.Generator(x.device).manual_seed(0)
            chain = metropolis_within_gibbs(
                net, x, missing, self.n_gibbs_steps, generator, shared=True
            )
            # The first half of the chain forgets its start.
            kept = [mean for _, mean in chain][self.n_gibbs_steps // 2 :]
            return torch.stack(kept).mean(0)

        return self._complete(X, conditional_mean)[0]

    def _sample_conditional(self, X, n_draws, rng):
        generator = torch_generator(rng, inference_device(self.device))

        def last_draw(net, x, missing):
            chain = metropolis_within_gibbs(
                net, x, missing, self.n_gibbs_steps, generator, n_draws=n_draws
            )
            for draw, _ in chain:
                last = draw
            return last

        return self._complete(X, last_draw, n_draws)

    def _complete(self, X, complete, n_draws=1):
        """``complete(net, x, missing)`` over blocks of rows, shape (n_draws, n, d), units of X."""
        missing = np.isnan(X)
        rows = np.where(missing, 0.0, self._standardize(X)).astype(X.dtype)
        both = np.concatenate([rows, missing.astype(X.dtype)], axis=1)

        def run(net, block):
            x, mask = block.chunk(2, dim=1)
            return complete(net, x, mask > 0).transpose(0, 1)

        block = max(1, N_VALUES // (16 * n_draws * X.shape[1]))
        filled = self._unstandardize(self._apply(run, both, block=block).transpose(1, 0, 2))
        # What was observed keeps its digits.
        return np.where(missing, filled, X)
