"""Generative adversarial network: a generator and the critic that teaches it."""

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning

from skgen.adversarial.calibration import calibration_stage
from skgen.adversarial.objective import adversarial_stage
from skgen.adversarial.parameters import (
    GAN_ARCHITECTURE,
    GAN_CONSTRAINTS,
    GAN_PARAMETERS,
    check_combination,
    choose_calibration,
    choose_components,
    choose_frequencies,
    choose_penalty,
    choose_widths,
    restores_spread,
)
from skgen.adversarial.scaling import robust_scales
from skgen.adversarial.verbs import GANVerbs
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import document_training
from skgen.base.warn import warn
from skgen.kernels.two_sample.coverage import coverage, perfect_coverage
from skgen.kernels.two_sample.distances import evenly_spaced, length_scales
from skgen.kernels.two_sample.mmd import bandwidths_between, block_mmd2
from skgen.nets.adversarial.gan import GANNet
from skgen.nets.adversarial.gan_build import N_REFERENCE, build_critic, build_generator

N_JUDGED = 1000  # rows on which coverage is measured
LEAST_COVERAGE = 0.5  # of what a perfect model would cover


@document_training(
    learning_rate="4e-3", weight_decay="0.0", max_iter='"auto"', gan_parameters=GAN_PARAMETERS
)
class GAN(GANVerbs, TorchEstimator):
    """Generative adversarial network that keeps its modes.

    A generator G turns latent rows into data rows; a critic D learns to tell them from the
    data, and the generator learns from it (Goodfellow et al. 2014)::

        z ~ N(0, I),  x = G(z)
        max_D  E log sigmoid(D(x)) + E log sigmoid(-D(G(z))),   max_G  E log sigmoid(D(G(z)))

    There is no density: ``score_samples`` is the critic's output, and ``score`` is minus the
    unbiased squared maximum mean discrepancy (MMD) between the rows and as many draws, by which
    ``GridSearchCV`` chooses. The defaults are those that keep every mode of the usual toy sets:
    zero-centered gradient penalties on data and draws (Mescheder et al. 2018) that relax in the
    course of training, and draws from the moving average of the generator.

    Parameters
    ----------
    %(gan_parameters)s
    %(training_parameters)s

    Attributes
    ----------
    n_components_ : int
        Latent dimensions in use.
    bandwidths_ : ndarray of shape (5,)
        Of the Gaussian kernels of the MMD, log-spaced from the width of the clusters of the
        training rows to the median distance of two rows; in units of the networks, in which
        a column has a standard deviation of one.
    coverage_ : float
        Share of (at most 1000) training rows near which a draw fell: no farther than the fifth
        neighbor (Naeem et al. 2020). A perfect model reaches .97. Set by ``fit``, which warns
        where it is low.
    acceptance_rate_ : float
        Share of the generator's draws that ``sample`` keeps.
    likelihood_kind_ : str
        "error": ``score_samples`` is the critic's output for each row, not a density.
    %(training_attributes)s

    See Also
    --------
    VAE : Blurrier draws, but a bound on the density.

    Notes
    -----
    With ``max_iter="auto"`` the game takes as many epochs as 7000 updates of each player need,
    whatever the number of rows; the calibration adds its share.

    References
    ----------
    Goodfellow, I., Pouget-Abadie, J., Mirza, M., Xu, B., Warde-Farley, D., Ozair, S.,
    Courville, A. & Bengio, Y. (2014). Generative adversarial nets. NeurIPS.

    Mescheder, L., Geiger, A. & Nowozin, S. (2018). Which training methods for GANs do actually
    converge? ICML.

    Salimans, T., Goodfellow, I., Zaremba, W., Cheung, V., Radford, A. & Chen, X. (2016).
    Improved techniques for training GANs. NeurIPS.

    Azadi, S., Olsson, C., Darrell, T., Goodfellow, I. & Odena, A. (2019). Discriminator
    rejection sampling. ICLR.

    Lin, Z., Khetan, A., Fanti, G. & Oh, S. (2018). PacGAN: the power of two samples in
    generative adversarial networks. NeurIPS.

    Metz, L., Poole, B., Pfau, D. & Sohl-Dickstein, J. (2017). Unrolled generative adversarial
    networks. ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import GAN
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((500, 2)) + rng.choice([-5, 5], (500, 1))
    >>> model = GAN(hidden_layer_sizes=(32, 32), max_iter=60, random_state=0).fit(X)
    >>> model.sample(3).shape
    (3, 2)
    >>> bool(0.1 < (model.sample(500)[:, 0] > 0).mean() < 0.9)
    True
    """

    _architecture = GAN_ARCHITECTURE
    _parameter_constraints: dict = GAN_CONSTRAINTS

    _n_updates = 7_000

    def __init__(
        self,
        n_components="auto",
        *,
        hidden_layer_sizes="auto",
        critic_layer_sizes="auto",
        activation="relu",
        critic_activation="leaky_relu",
        image_shape=None,
        generator=None,
        critic=None,
        n_frequencies="auto",
        loss="non_saturating",
        gradient_penalty="r1_r2",
        penalty_weight="auto",
        spectral_normalization=False,
        label_smoothing=0.0,
        instance_noise=0.0,
        minibatch_discrimination=0,
        packing=1,
        unroll_steps=0,
        normalization=None,
        n_critic_steps=1,
        averaging=0.998,
        output_noise="auto",
        calibration="auto",
        batch_size="auto",
        learning_rate=4e-3,
        critic_learning_rate=None,
        learning_rate_schedule="cosine",
        weight_decay=0.0,
        max_iter="auto",
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
        self.critic_layer_sizes = critic_layer_sizes
        self.activation = activation
        self.critic_activation = critic_activation
        self.image_shape = image_shape
        self.generator = generator
        self.critic = critic
        self.n_frequencies = n_frequencies
        self.loss = loss
        self.gradient_penalty = gradient_penalty
        self.penalty_weight = penalty_weight
        self.spectral_normalization = spectral_normalization
        self.label_smoothing = label_smoothing
        self.instance_noise = instance_noise
        self.minibatch_discrimination = minibatch_discrimination
        self.packing = packing
        self.unroll_steps = unroll_steps
        self.normalization = normalization
        self.n_critic_steps = n_critic_steps
        self.averaging = averaging
        self.output_noise = output_noise
        self.calibration = calibration
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.critic_learning_rate = critic_learning_rate
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
        check_combination(self)
        center, unit = robust_scales(X)
        rows = (evenly_spaced(X) - center) / unit
        self._length_scales = length_scales(rows)
        self._n_spread = len(rows) if restores_spread(self, X.shape[1]) else 0
        self.bandwidths_ = bandwidths_between(*self._length_scales)
        self._reference = np.resize(evenly_spaced(rows, N_REFERENCE), (N_REFERENCE, X.shape[1]))
        self.n_components_ = choose_components(self, X.shape[1])
        return center, unit

    def _build(self, n_features):
        shape = {"normalization": self.normalization, "image_shape": self.image_shape}
        widths, critic_widths = choose_widths(self, n_features)
        generator = build_generator(
            self.n_components_,
            n_features,
            widths=widths,
            activation=self.activation,
            factory=self.generator,
            **shape,
        )
        critic = build_critic(
            n_features,
            widths=critic_widths,
            activation=self.critic_activation,
            factory=self.critic,
            packing=self.packing,
            minibatch_discrimination=self.minibatch_discrimination,
            spectral_normalization=self.spectral_normalization,
            frequencies=(*choose_frequencies(self, n_features), *self._length_scales),
            reference=torch.tensor(self._reference, dtype=torch.float32),
            **shape,
        )
        return GANNet(generator, critic, self.n_components_)

    def _stages(self, module):
        penalties = choose_penalty(self, self._length_scales[1])
        game = adversarial_stage(module, self, penalties, self._monitor(module))
        module.output_noise.fill_(0.0 if self.output_noise == "auto" else self.output_noise)
        self._calibration = choose_calibration(self, self._reference.shape[1])
        if not self._calibration:
            return [game]
        how = (self._calibration, self._length_scales[0], self._n_spread)
        return [game, calibration_stage(module, self, *how)]

    def _monitor(self, net):
        """``monitor(batch, generator)``: MMD^2 between rows and draws of the averaged generator."""

        def monitor(x, generator):
            if len(x) < 2:
                return torch.zeros(())
            z = torch.randn(len(x), self.n_components_, generator=generator, device=x.device)
            pair = (rows.double().cpu().numpy() for rows in (x, net.average(z)))
            return torch.tensor(block_mmd2(*pair, self.bandwidths_))

        return monitor

    def _finish(self, X):
        self._calibrate()

    def _review(self, X):
        rows = self._standardize(evenly_spaced(np.asarray(X), N_JUDGED))
        n = len(rows)
        if n < 2:
            self.coverage_ = float("nan")
            return
        self.coverage_ = coverage(rows, self._draw(n, np.random.RandomState(0)))
        if self.coverage_ < LEAST_COVERAGE * perfect_coverage(n, n):
            warn(
                f"The draws cover {self.coverage_:.0%} of the training rows, where a perfect model "
                f"covers {perfect_coverage(n, n):.0%}: the generator has lost modes, or is not "
                "there yet; raise max_iter, or try packing=2.",
                ConvergenceWarning,
            )
