"""Generative adversarial network: a generator and the critic that teaches it."""

from numbers import Real

import numpy as np
import torch
from sklearn.utils import check_scalar
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skgen.adversarial import drawing
from skgen.adversarial.calibration import calibration_stage
from skgen.adversarial.categories import code_of_categories, latent_categories
from skgen.adversarial.choices import (
    check_combination,
    choose_calibration,
    choose_components,
    choose_penalty,
    gives_codes,
    restores_spread,
)
from skgen.adversarial.judging import N_COVERAGE_ROWS, measured_coverage, mmd, mmd_monitor
from skgen.adversarial.networks import build_net, check_loss, needs_autoencoder
from skgen.adversarial.objective import adversarial_stage
from skgen.adversarial.parameters import (
    FORMER_DEFAULTS,
    NETWORK_ARCHITECTURE,
    GANParameters,
    NetworkParameters,
)
from skgen.adversarial.pixels import as_table, counted, one_or_each
from skgen.adversarial.rejection import N_PILOT
from skgen.base.blocks import by_blocks
from skgen.base.data_range import robust_scales
from skgen.base.results.codes import checked_codes
from skgen.base.results.conditioned import ConditionedMixin
from skgen.base.results.container import index_of
from skgen.base.results.finite import finite
from skgen.base.results.latent_arithmetic import LatentArithmeticMixin
from skgen.base.results.layers import LayerMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.wording import naming
from skgen.kernels.two_sample.distances import evenly_spaced, length_scales
from skgen.kernels.two_sample.mmd import bandwidths_between
from skgen.nets.adversarial.critics.recognition import recovered
from skgen.nets.adversarial.gan_build import N_REFERENCE


class GAN(
    ConditionedMixin,
    LatentArithmeticMixin,
    LayerMixin,
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
    course of training, and draws from the moving average of the generator. With ``conditional``
    both networks see conditions y of rows; with ``encoder`` the critic judges rows and latent rows.

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
    code_information_ : ndarray of shape (n_codes,)
        Lower bound on the mutual information of each code and a draw, in nats (Chen et al. 2016);
        a code that nothing shows has none. With ``n_codes``.
    category_information_ : float
        The same of the category, at most log(n_categories). With ``n_categories``.
    acceptance_rate_ : float
        Fraction of the generator's draws that ``sample`` keeps.
    classes_ : ndarray of shape (n_classes,)
        With ``conditional``, where ``y`` is one column of classes: they.
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

    Chen, X., Duan, Y., Houthooft, R., Schulman, J., Sutskever, I. & Abbeel, P. (2016). InfoGAN:
    interpretable representation learning by information maximizing generative adversarial nets.
    NeurIPS.

    Donahue, J., Krahenbuhl, P. & Darrell, T. (2017). Adversarial feature learning. ICLR.

    Dumoulin, V., Belghazi, I., Poole, B., Mastropietro, O., Lamb, A., Arjovsky, M. & Courville, A.
    (2017). Adversarially learned inference. ICLR.

    Berthelot, D., Schumm, T. & Metz, L. (2017). BEGAN: boundary equilibrium generative adversarial
    networks. arXiv:1703.10717.

    Miyato, T. & Koyama, M. (2018). cGANs with projection discriminator. ICLR.

    Odena, A., Olah, C. & Shlens, J. (2017). Conditional image synthesis with auxiliary classifier
    GANs. ICML.

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
    _may_be_unknown = ("coverage_",)
    _architecture = (*NETWORK_ARCHITECTURE, "conditional", "condition_encoder")
    _n_updates = 7_000
    _score_is_mean, _normal_prior = False, True
    _rebuilds = False  # whether the critic of the fit is an autoencoder
    _former_weights = {r"^average\.": "averaged_generator."}
    _former_defaults = {
        **ConditionedMixin._former_defaults,
        **LayerMixin._former_defaults,
        **FORMER_DEFAULTS,
    }

    def _inspect(self, X, columns):
        check_combination(self)
        self._rebuilds = needs_autoencoder(self)
        center, scale = robust_scales(columns)
        rows = (evenly_spaced(columns.sample()) - center) / scale
        self._length_scales = length_scales(rows)
        self._n_spread = len(rows) if restores_spread(self, X.shape[1]) else 0
        self.bandwidths_ = bandwidths_between(*self._length_scales)
        self._reference = np.resize(evenly_spaced(rows, N_REFERENCE), (N_REFERENCE, X.shape[1]))
        self.n_components_ = choose_components(self, X.shape[1])
        return center, scale

    def _build(self, n_features):
        reference = torch.tensor(self._reference, dtype=torch.float32)
        code = self._code_of_draws(N_REFERENCE, np.random.RandomState(0))
        conditions = self._conditions or latent_categories(self.n_categories)
        facts = self.n_components_, self._length_scales, reference, conditions, code
        return build_net(self, n_features, *facts, rebuilds=self._rebuilds)

    def _built(self, module):
        super()._built(module)
        check_loss(self, self._rebuilds)

    def _stages(self, module):
        penalties = choose_penalty(self, self._length_scales[1])
        game = adversarial_stage(module, self, penalties, mmd_monitor(module, self.bandwidths_))
        module.output_noise.fill_(0.0 if self.output_noise == "auto" else self.output_noise)
        self._calibration = choose_calibration(self, self._reference.shape[1])
        if not self._calibration:
            return [game]
        code = self._code_of_draws(self._n_spread, np.random.RandomState(0))
        facts = self._calibration, self._length_scales[0], self._n_spread, code
        return [game, calibration_stage(module, self, *facts)]

    def _finish(self, X):
        """Set the cap of the rejection, and the fraction of the draws that it keeps."""
        self._cap, self.acceptance_rate_ = None, 1.0
        code = self._code_of_draws(N_PILOT, np.random.RandomState(1))
        if self._calibration:
            self._cap, self.acceptance_rate_ = drawing.pilot(self, code)
        for name in ("code_information_", "category_information_"):
            vars(self).pop(name, None)
        vars(self).update(drawing.code_information(self, code))

    def _review(self, X):
        rows = self._standardize(evenly_spaced(np.asarray(X), N_COVERAGE_ROWS))
        self.coverage_ = measured_coverage(rows, self._drawn_again)

    def _drawn_again(self, n_samples, code=None):
        """The same draws in each call, in the units of the networks."""
        rng = np.random.RandomState(0)
        code = self._code_of_draws(n_samples, rng) if code is None else code
        return drawing.drawn(self, n_samples, rng, code)

    def score(self, X, y=None):
        """Minus the squared MMD between X and as many draws; higher is better.

        The draws have a seed of their own, so that the same rows get the same score. With
        conditions y they are drawn under these, and rows are compared with theirs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; at least two rows.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            With ``conditional`` the conditions of the rows; otherwise ignored.

        Returns
        -------
        score : float
            Minus the unbiased estimate of MMD^2, which may be negative.
        """
        check_is_fitted(self)
        X = self._validate(X)
        code = self._code(X, y)
        draws = self._drawn_again(len(X), code)
        return -float(finite(lambda X: mmd(self._standardize(X), draws, self.bandwidths_, code), X))

    def generate(self, Z, y=None):
        """Rows that the generator makes of given latent rows; deterministic.

        Parameters
        ----------
        Z : array-like of shape (n_samples, n_components)
            Latent rows. A standard normal row is a draw of the model; rows on a line between
            two of them interpolate, and sums and differences do vector arithmetic.
        y : scalar or array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            The condition or latent category of all rows, or of each; unknown where None.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            Generated rows, of the dtype of Z.
        """
        check_is_fitted(self)
        Z = checked_codes(Z, self.n_components_, self, "Z")
        code = self._code_of_each(Z, y)
        return finite(lambda Z: self._unstandardize(drawing.generated(self, Z, code)), Z, name="Z")

    @available_if(gives_codes)
    @by_blocks
    def inverse_transform(self, X):
        """Rows that the generator makes of latent rows, with ``encoder=True``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_components)
            Latent rows, such as ``transform`` gives.

        Returns
        -------
        X_original : ndarray of shape (n_samples, n_features)
            What ``generate`` gives; a frame where ``set_output`` asks for one.
        """
        with naming("X"):
            return self._in_container(self.generate(X), index_of(X))

    def invert(self, X, mask=None, y=None):
        """Latent rows whose images come nearest to the rows of X.

        The squared error in the units of the networks is minimized from the nearest of many
        latent rows. ``generate(invert(X))`` is then the model's closest picture of X; what it
        misses, the model cannot draw. Where values are NaN or left out by the mask, the picture
        is free: so is a hole filled.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; NaN marks what is free.
        mask : array-like of bool, of shape (n_samples, n_features) or (n_features,), default=None
            True where a value counts; None takes all that are no NaN.
        y : scalar or array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            The condition or latent category of all rows, or of each; unknown where None.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)
            Latent rows, of the dtype of X. A row does not depend on its neighbors.

        Raises
        ------
        ValueError
            No value of a row counts, or the mask does not fit X.
        """
        check_is_fitted(self)
        X, counts = counted(self._standardize(self._validate_incomplete(X)), mask)
        return drawing.nearest_codes(self, X, counts, code=self._code_of_each(X, y))

    def edit(self, X, constraints, mask=None, y=None, *, weight=10.0):
        r"""The model's pictures near the rows of X that obey constraints on some of their values.

        Latent rows z near those of X are sought whose images G(z) come near to constraints c on
        the values of a set S, as iGAN does (Zhu et al. 2016):

        .. math:: \min_z \; w \sum_{j \in S} (G(z) - c)_j^2 + |z - z_0|^2, \qquad
            z_0 = \text{invert}(x),

        with rows in the units of the networks, in which a column has a standard deviation of one.
        What is not constrained follows as the model has it, so that the result is a picture of the
        model as a whole.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows to edit.
        constraints : array-like of shape (n_samples, n_features) or (n_features,)
            Values that are asked for; NaN where there is no constraint. One row serves all of X.
        mask : array-like of bool, of the shape of ``constraints`` or (n_features,), default=None
            True where a constraint counts; None takes all that are no NaN.
        y : scalar or array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            The condition or latent category of all rows, or of each; unknown where None.
        weight : float, default=10.0
            Weight of the constraints next to the way from the latent row of X; the higher, the
            better they are obeyed.

        Returns
        -------
        X_edited : ndarray of shape (n_samples, n_features)
            Edited rows, of the dtype of X; a frame where ``set_output`` asks for one.

        Raises
        ------
        ValueError
            A row has no constraint, or shapes do not fit.

        References
        ----------
        Zhu, J.-Y., Krahenbuhl, P., Shechtman, E. & Efros, A. A. (2016). Generative visual
        manipulation on the natural image manifold. ECCV.
        """
        check_is_fitted(self)
        check_scalar(weight, "weight", Real, min_val=0, include_boundaries="neither")
        index = index_of(X)
        X = self._standardize(self._validate(X))
        with naming("constraints"):
            wanted = one_or_each(self._validate_incomplete(as_table(constraints)), X)
        wanted, counts = counted(self._standardize(wanted), mask, "constraints")
        code = self._code_of_each(X, y)
        rows = drawing.edited(self, X, wanted, weight * counts, code)
        return self._in_container(self._unstandardize(rows), index)

    def _code_of_draws(self, n_samples, rng, y=None):
        categories = latent_categories(self._at_fit("n_categories"))
        if categories is None:
            return super()._code_of_draws(n_samples, rng, y)
        return code_of_categories(categories, n_samples, rng, y)

    def _code_of_each(self, rows, y):
        """The code of conditions of all rows or of each, None for unknown ones."""
        return None if y is None else self._code_of_draws(len(rows), None, y)

    def _activations(self, module, x):
        """Layers of the encoder, of the critic with codes above, or of the critic alone."""
        if module.encoder is not None:
            return module.averaged_encoder.layers(x)
        layers = module.critic.layers(x)
        return [*layers, *recovered(module.critic.recognition, layers[-1])]

    def _score_given(self, X, code):
        rows = self._apply(lambda net, x: net.judged_alone(x), self._standardize(X))
        return drawing.log_ratios(self, rows, code)

    def _sample_given(self, n_samples, rng, code):
        return self._unstandardize(
            drawing.drawn(self, n_samples, rng, code), self._built_for["dtype"]
        )
