"""Generative adversarial network: a generator and the critic that teaches it."""

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from skgen.adversarial.calibration import calibration_stage
from skgen.adversarial.choices import (
    check_combination,
    choose_calibration,
    choose_components,
    choose_frequencies,
    choose_penalty,
    choose_widths,
    restores_spread,
)
from skgen.adversarial.inversion import N_CANDIDATES, invert
from skgen.adversarial.objective import adversarial_stage
from skgen.adversarial.parameters import NETWORK_ARCHITECTURE, GANParameters, NetworkParameters
from skgen.adversarial.rejection import N_PILOT, acceptance_rate, log_ratio_cap, rejection_sample
from skgen.base.data_range import robust_scales
from skgen.base.mixins import RowScoreMixin, SampleMixin
from skgen.base.results.latent_arithmetic import LatentArithmeticMixin
from skgen.base.results.layers import LayerMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.warn import warn
from skgen.kernels.two_sample.coverage import coverage, perfect_coverage
from skgen.kernels.two_sample.distances import evenly_spaced, length_scales
from skgen.kernels.two_sample.mmd import bandwidths_between, block_mmd2
from skgen.nets.adversarial.gan import GANNet
from skgen.nets.adversarial.gan_build import N_REFERENCE, build_critic, build_generator

N_COVERAGE_ROWS = 1000  # rows on which coverage is measured
LEAST_COVERAGE = 0.5  # of what a perfect model would cover


class GAN(
    LatentArithmeticMixin,
    LayerMixin,
    RowScoreMixin,
    SampleMixin,
    NetworkParameters,
    GANParameters,
    TorchEstimator,
):
    r"""Generative adversarial network that keeps its modes.

    A generator G turns latent rows into data rows; a critic D learns to tell them from the
    data, and the generator learns from it (Goodfellow et al. 2014):

    .. math:: & \max_D \; E \log \sigma(D(x)) + E \log \sigma(-D(G(z))), \qquad z \sim N(0, I), \\
        & \max_G \; E \log \sigma(D(G(z))), \qquad \sigma(t) = 1 / (1 + e^{-t}).

    There is no density: ``score_samples`` is the critic's output, and ``score`` is minus the
    unbiased squared maximum mean discrepancy (MMD) between the rows and as many draws, by which
    ``GridSearchCV`` chooses. The defaults are those that keep every mode of the usual toy sets:
    zero-centered gradient penalties on data and draws (Mescheder et al. 2018) that relax in the
    course of training, and draws from the moving average of the generator.

    Parameters
    ----------
    %(shared_parameters)s

    Attributes
    ----------
    n_components_ : int
        Latent dimensions in use.
    bandwidths_ : ndarray of shape (5,)
        Of the Gaussian kernels of the MMD, log-spaced from the width of the clusters of the
        training rows to the median distance of two rows; in units of the networks, in which
        a column has a standard deviation of one.
    coverage_ : float
        Fraction of (at most 1000) training rows near which a draw fell: no farther than the fifth
        neighbor (Naeem et al. 2020), or where that is a copy of the row, halfway to the nearest
        row that differs. A perfect model reaches .97. NaN for a single row, or where all are the
        same. Set by ``fit``, which warns where it is low.
    acceptance_rate_ : float
        Fraction of the generator's draws that ``sample`` keeps.
    likelihood_kind_ : str
        "error": ``score_samples`` is the critic's output for each row, not a density.
    %(shared_attributes)s

    See Also
    --------
    VAE : Blurrier draws, but a bound on the density.

    Notes
    -----
    With ``max_iter="auto"`` the game takes as many epochs as 7000 updates of each player need,
    whatever the number of rows; the calibration adds its own.

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

    likelihood_kind_ = "error"
    measure_ = None
    _architecture = NETWORK_ARCHITECTURE
    _n_updates = 7_000
    _normal_prior = True
    _former_weights = {r"^average\.": "averaged_generator."}

    def _inspect(self, X, columns):
        check_combination(self)
        center, scale = robust_scales(columns)
        rows = (evenly_spaced(columns.sample()) - center) / scale
        self._length_scales = length_scales(rows)
        self._n_spread = len(rows) if restores_spread(self, X.shape[1]) else 0
        self.bandwidths_ = bandwidths_between(*self._length_scales)
        self._reference = np.resize(evenly_spaced(rows, N_REFERENCE), (N_REFERENCE, X.shape[1]))
        self.n_components_ = choose_components(self, X.shape[1])
        return center, scale

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
        fine = self._length_scales[0]
        return [game, calibration_stage(module, self, self._calibration, fine, self._n_spread)]

    def _monitor(self, net):
        """``monitor(batch, generator)``: MMD^2 between rows and draws of the averaged generator."""

        def monitor(x, generator):
            if len(x) < 2:
                return torch.zeros((), dtype=torch.float32)
            shape = len(x), self.n_components_
            z = torch.randn(shape, generator=generator, device=x.device, dtype=x.dtype)
            rows = x.double().cpu().numpy()
            draws = net.averaged_generator(z).double().cpu().numpy()
            return torch.tensor(block_mmd2(rows, draws, self.bandwidths_))

        return monitor

    def _finish(self, X):
        """Set the cap of the rejection, and the fraction of the draws that it keeps."""
        self._cap, self.acceptance_rate_ = None, 1.0
        if self._calibration:
            log_ratios = self._log_ratios(self._propose(N_PILOT, np.random.RandomState(0)))
            self._cap = log_ratio_cap(log_ratios)
            self.acceptance_rate_ = acceptance_rate(log_ratios, self._cap)

    def _review(self, X):
        rows = self._standardize(evenly_spaced(np.asarray(X), N_COVERAGE_ROWS))
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

    def score(self, X, y=None):
        """Minus the squared MMD between X and as many draws; higher is better.

        The draws have a seed of their own, so that the same rows get the same score.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; at least two rows.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        score : float
            Minus the unbiased estimate of MMD^2, which may be negative.
        """
        check_is_fitted(self)
        X = self._validate(X)
        if len(X) < 2:
            raise ValueError(
                f"X has {len(X)} sample, but score compares distributions; give two rows or more."
            )
        draws = self._draw(len(X), np.random.RandomState(0))
        return -float(block_mmd2(self._standardize(X), draws, self.bandwidths_))

    def generate(self, Z):
        """Rows that the generator makes of given latent rows; deterministic.

        Parameters
        ----------
        Z : array-like of shape (n_samples, n_components)
            Latent rows. A standard normal row is a draw of the model; rows on a line between
            two of them interpolate, and sums and differences do vector arithmetic.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            Generated rows, of the dtype of Z.
        """
        check_is_fitted(self)
        Z = check_array(Z, dtype=self._float_dtypes, input_name="Z")
        if Z.shape[1] != self.n_components_:
            raise ValueError(
                f"Z has {Z.shape[1]} columns, but {type(self).__name__} has "
                f"{self.n_components_} latent dimensions."
            )
        return self._unstandardize(self._apply(lambda net, z: net.averaged_generator(z), Z))

    def invert(self, X):
        """Latent rows whose images come nearest to the rows of X.

        The squared error in the units of the networks is minimized from the nearest of many
        latent rows. ``generate(invert(X))`` is then the model's closest picture of X; what it
        misses, the model cannot draw.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
            Latent rows, of the dtype of X. A row does not depend on its neighbors.
        """
        check_is_fitted(self)
        rows = self._standardize(self._validate(X))
        candidates = self._latent(N_CANDIDATES, np.random.RandomState(0))

        def latent(net, x):
            return invert(net.averaged_generator, x, torch.from_numpy(candidates).to(x))[0]

        return self._apply(latent, rows)

    def _activations(self, module, x):
        return module.critic.layers(x)

    def _score_rows(self, X):
        return self._log_ratios(self._standardize(X))

    def _sample(self, n_samples, rng):
        return self._unstandardize(self._draw(n_samples, rng), self._built_for["dtype"])

    def _propose(self, n_samples, rng):
        """Draws before rejection, in the units of the networks."""
        x = self._apply(lambda net, z: net.averaged_generator(z), self._latent(n_samples, rng))
        noise = float(self.module_.output_noise)
        return x + noise * rng.standard_normal(x.shape).astype(x.dtype) if noise else x

    def _latent(self, n_samples, rng):
        """Standard normal rows."""
        return rng.standard_normal((n_samples, self.n_components_)).astype(np.float32)

    def _draw(self, n_samples, rng):
        """Draws in the units of the networks."""
        if self._cap is None:
            return self._propose(n_samples, rng)

        def propose(n):
            rows = self._propose(n, rng)
            return rows, self._log_ratios(rows)

        return rejection_sample(propose, n_samples, self._cap, self.acceptance_rate_, rng)

    def _log_ratios(self, rows):
        """Output of the critic for rows in the units of the networks."""
        return self._apply(lambda net, x: net.critic.score(x).double(), rows)
