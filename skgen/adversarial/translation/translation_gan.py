"""Estimator that translates rows of one domain to another, adversarially trained."""

from functools import partial

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils import RegressorTags, check_array
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skgen.adversarial.choices import check_compile
from skgen.adversarial.translation.games import CycleGame, PairedGame, translation_stage
from skgen.adversarial.translation.parameters import (
    TRANSLATOR_ARCHITECTURE,
    TranslationParameters,
    TranslatorParameters,
)
from skgen.adversarial.translation.targets import (
    check_n_outputs,
    checked_domain,
    column_names,
    domain_scales,
    scales_of_targets,
)
from skgen.base.blocks import by_blocks
from skgen.base.mixins import FeatureMixin
from skgen.base.results.container import index_of
from skgen.base.results.finite import finite
from skgen.base.sklearn_compat import check_sample_weight
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.wording import counted, naming
from skgen.kernels.two_sample.distances import evenly_spaced, length_scales
from skgen.kernels.two_sample.mmd import bandwidths_between, unbiased_mmd2
from skgen.nets.adversarial.translation.net import build_translation
from skgen.training import as_tensor, standardized

WIDTHS, CHANNELS = (128, 128), (16, 32)
N_UPDATES, N_IMAGE_UPDATES = 2_000, 1_000
PAIRED_WEIGHT, UNPAIRED_WEIGHT = 0.1, 1.0
PENALTY_A_COLUMN, LARGEST_PENALTY = 0.1, 3.0


def _has_pairs(estimator):
    """Whether a fitted model learned from pairs; before a fit, whether it is to."""
    return estimator._at_fit("paired") if "module_" in vars(estimator) else estimator.paired


class TranslationGAN(FeatureMixin, TranslatorParameters, TranslationParameters, TorchEstimator):
    r"""Translation of rows of one domain to those of another, with pairs of rows or without.

    With pairs (x, y) a translator G learns from its error and from a critic D of pairs (Isola et
    al. 2017); the model is then a regressor for many targets whose predictions look like targets:

    .. math:: \min_G \; E \lvert G(x) - y \rvert_1 + w \, E \, \ell(D(x, G(x))).

    Without pairs two translators G and F with a critic each learn that rows come back (Zhu et al.
    2017); the model is then a transformer with an inverse:

    .. math:: \min_{G, F} \; E \lvert F(G(x)) - x \rvert_1 + E \lvert G(F(y)) - y \rvert_1
        + w \, E \, \ell(D_y(G(x))) + w \, E \, \ell(D_x(F(y))).

    Critics learn to tell rows from translations, as that of :class:`GAN` does. Absolute errors are
    means over columns, in standard deviations.

    Parameters
    ----------
    %(shared_parameters)s

    Attributes
    ----------
    n_outputs_ : int
        Columns of y.
    bandwidths_ : ndarray of shape (5,)
        Of the Gaussian kernels of the MMD that ``score`` takes without pairs, from the width of the
        clusters in y to the median distance of two of its rows, in standard deviations.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        y is missing, has NaN, or with pairs another number of rows than X; ``image_shape`` does not
        fit the columns; ``adversarial_weight=0`` without pairs.

    See Also
    --------
    GAN : Rows of one domain, out of noise.
    FineTunedRegressor : Means instead of likely values.

    Notes
    -----
    ``fit(X, y)`` takes y of shape (n_samples, n_outputs): with ``paired=True`` what each row of X
    is to become, as of any regressor; with ``paired=False`` rows of the other domain, in any order
    and number, with any number of columns. An epoch then holds the rows of X, each batch beside as
    many of y, drawn at random; ``sample_weight`` weighs the rows of X, and of as many rows one of
    weight 0 leaves both out. Cross-validation splits X and y by the same row numbers, so that it
    asks for as many rows of one as of the other.

    Without pairs the rows of both domains must stand for the same things: where classes are more
    frequent in one of them, some rows become rows of another class. Of as many columns a translator
    of tables starts where it gives each column of X the mean and scale that the column has in y.

    References
    ----------
    Isola, P., Zhu, J.-Y., Zhou, T., and Efros, A. A. (2017). Image-to-image translation with
    conditional adversarial networks. Conference on Computer Vision and Pattern Recognition.

    Zhu, J.-Y., Park, T., Isola, P., and Efros, A. A. (2017). Unpaired image-to-image translation
    using cycle-consistent adversarial networks. International Conference on Computer Vision.

    Ronneberger, O., Fischer, P., and Brox, T. (2015). U-Net: convolutional networks for biomedical
    image segmentation. Medical Image Computing and Computer-Assisted Intervention.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import TranslationGAN
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((400, 3))
    >>> Y = np.column_stack([X[:, 0] + X[:, 1], 2 * X[:, 2]])
    >>> model = TranslationGAN(max_iter=20, learning_rate=0.01, random_state=0)
    >>> model.fit(X[:300], Y[:300]).score(X[300:], Y[300:]) > 0.9
    True
    >>> model = TranslationGAN(paired=False, max_iter=5, random_state=0)
    >>> others = rng.exponential(size=(200, 2))  # no row of which belongs to one of X
    >>> model.fit(X, others).transform(X).shape, model.inverse_transform(others).shape
    ((400, 2), (200, 3))
    """

    _architecture = TRANSLATOR_ARCHITECTURE
    # Rows of the other domain while those without pairs train.
    _others = None

    @property
    def _n_updates(self):
        return N_UPDATES if self.image_shape is None else N_IMAGE_UPDATES

    @property
    def _adversarial_weight(self):
        if self.adversarial_weight == "auto":
            return PAIRED_WEIGHT if self.paired else UNPAIRED_WEIGHT
        return self.adversarial_weight

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        if _has_pairs(self):
            tags.estimator_type = "regressor"
            tags.regressor_tags = RegressorTags()
        return tags

    @property
    def partial_fit(self):
        """Absent: the scales of the other domain want all rows at once."""
        name = type(self).__name__
        raise AttributeError(f"{name} has no partial_fit; use warm_start=True.")

    @property
    def _n_features_out(self):
        return self.n_outputs_

    def get_feature_names_out(self, input_features=None):
        """Names of the translated columns: those of y, where it was a frame.

        Parameters
        ----------
        input_features : Ignored
            Present for API consistency.

        Returns
        -------
        names : ndarray of str, shape (n_outputs,)
            The class in lower case and a number, where y had no names.
        """
        names = super().get_feature_names_out(input_features)
        return names if self._target_names is None else self._target_names

    def _targets(self, X, y, weight, resume):
        """Standardized rows of y as targets; without pairs they are laid aside."""
        self._target_names = column_names(y)
        y = checked_domain(X, y, self._float_dtypes, self.paired)
        if not self.paired and not self._adversarial_weight:
            raise ValueError(
                "adversarial_weight=0 leaves nothing that ties translations to y with "
                "paired=False; use a positive one."
            )
        self._is_vector, y = y.ndim == 1, y.reshape(len(y), -1)
        if resume and y.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y has {counted(y.shape[1], 'column')}, but the earlier fit had "
                f"{self.n_outputs_}; use warm_start=False or a new estimator."
            )
        self.n_outputs_ = y.shape[1]
        if not resume:
            weight = weight if self.paired else None
            of_images = self.image_shape is not None
            self._target_center, self._target_scale = scales_of_targets(y, weight, of_images)
            rows = evenly_spaced(self._standardize_targets(y))
            self.bandwidths_ = bandwidths_between(*length_scales(rows))
        y = self._standardize_targets(y).astype(np.float32, copy=False)
        if self.paired:
            return y
        self._others = y
        return None

    def _inspect(self, X, columns):
        check_compile(self)
        return domain_scales(columns, self.image_shape is not None)

    def _build(self, n_features):
        auto = WIDTHS if self.image_shape is None else CHANNELS
        given = self.hidden_layer_sizes, self.critic_layer_sizes
        widths, critic_widths = (auto if isinstance(own, str) else tuple(own) for own in given)
        return build_translation(
            n_features,
            self.n_outputs_,
            paired=self.paired,
            widths=widths,
            critic_widths=critic_widths,
            activation=self.activation,
            critic_activation=self.critic_activation,
            image_shape=self.image_shape,
        )

    def _stages(self, module):
        penalty = self.penalty_weight
        if penalty == "auto":
            penalty = min(PENALTY_A_COLUMN * self._built_for["n_features"], LARGEST_PENALTY)
        module.penalty_weight.fill_(penalty)
        weight = self._adversarial_weight
        if self.paired:
            game = PairedGame(module, self, weight, self._built_for["n_features"])
            return [translation_stage(module, self, game, game.monitor)]
        others = self._others if self._others is not None else np.zeros((0, self.n_outputs_))
        game = CycleGame(module, self, weight, as_tensor(others).to(module.n_updates))
        return [translation_stage(module, self, game, self._monitor(module))]

    def _monitor(self, net):
        """``monitor(x, generator)``: minus the score of rows, by the averaged translators."""
        others = evenly_spaced(self._others) if self._others is not None else None

        def monitor(x, generator):
            translated = net.averaged_generator(x)
            cycle = (net.averaged_inverse(translated) - x).abs().mean()
            if min(len(x), len(others)) < 2:
                return cycle
            rows = translated.double().cpu().numpy()
            return cycle + unbiased_mmd2(rows, others, self.bandwidths_)

        return monitor

    def _finish(self, X):
        self._others = None

    @available_if(_has_pairs)
    @by_blocks
    def predict(self, X):
        """What each row of X is to become.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In the units and the shape of the y of ``fit``.
        """
        check_is_fitted(self)
        y = finite(self._encode, self._validate(X))
        return y.ravel() if self._is_vector else y

    @available_if(lambda self: not _has_pairs(self))
    @by_blocks
    def inverse_transform(self, X):
        """Rows of the other domain, translated back.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_outputs)
            Rows as those of y.

        Returns
        -------
        X_original : ndarray of shape (n_samples, n_features)
            Rows as those of X in ``fit``; a frame where ``set_output`` asks for one.
        """
        check_is_fitted(self)
        with naming("X"), np.errstate(invalid="ignore"):
            rows = check_array(X, dtype=self._float_dtypes, input_name="X")
        check_n_outputs(self, rows, "X")
        return self._in_container(finite(self._translated_back, rows), index_of(X))

    def score(self, X, y, sample_weight=None):
        """How well rows are translated; higher is better.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples, n_outputs)
            What they are to become; without pairs rows of the other domain.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the pairs; without pairs none are taken.

        Returns
        -------
        score : float
            With pairs the coefficient of determination R^2, a mean over the columns of y. Without
            them minus the sum of the squared maximum mean discrepancy between (at most 2000)
            translated rows and as many of y, and of the mean absolute error of the round there and
            back in standard deviations.
        """
        check_is_fitted(self)
        paired = _has_pairs(self)
        y = checked_domain(X, y, self._float_dtypes, paired)
        check_n_outputs(self, y.reshape(len(y), -1), "y")
        if paired:
            if sample_weight is not None:
                sample_weight = check_sample_weight(sample_weight, y)
            r2 = partial(r2_score, sample_weight=sample_weight)
            return float(finite(r2, y, self.predict(X), name="y"))
        if sample_weight is not None:
            raise ValueError("sample_weight is given, but without pairs no score is weighted.")
        X, y = self._validate(X), y.reshape(len(y), -1)
        if min(len(X), len(y)) < 2:
            raise ValueError(
                f"X has {counted(len(X), 'row')} and y has {len(y)}, but without pairs score "
                "compares distributions; give two rows or more of both."
            )
        return -float(finite(self._distance, X, y, name="X or y"))

    def _distance(self, X, y):
        """Of translated rows from those of the other domain, and of the round from X."""
        translated = self._encode(X)
        cycle = np.abs(self._translated_back(translated) - X) / self._scale
        rows = [evenly_spaced(self._standardize_targets(part)) for part in (translated, y)]
        return np.mean(cycle) + unbiased_mmd2(*rows, self.bandwidths_)

    def _encode(self, X):
        rows = self._apply(lambda net, x: net.averaged_generator(x), self._standardize(X))
        return (rows * self._target_scale + self._target_center).astype(X.dtype, copy=False)

    def _translated_back(self, y):
        """Rows of y as those of X."""
        rows = self._standardize_targets(y)
        return self._unstandardize(self._apply(lambda net, y: net.averaged_inverse(y), rows))

    def _standardize_targets(self, y):
        """Rows of the other domain as the networks see them, in the dtype of y."""
        return standardized(y, self._target_center, self._target_scale, dtype=y.dtype)
