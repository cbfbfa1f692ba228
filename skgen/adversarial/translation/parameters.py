"""Constructor parameters of the translating network."""

from numbers import Real

from skgen.base.parameters import (
    AUTO,
    COUNT,
    LAYERS,
    NON_NEGATIVE,
    Parameters,
    one_of,
    param,
)
from skgen.base.sklearn_compat import Interval
from skgen.base.training_parameters import TrainingParameters
from skgen.nets import ACTIVATIONS
from skgen.nets.adversarial.gan_losses import LOSSES
from skgen.nets.adversarial.gan_penalties import PENALTIES


class TranslatorParameters(Parameters):
    """What translators and critics are built of.

    Parameters
    ----------
    paired : bool, default=True
        Whether row i of y is what row i of X is to become. False takes X and y for rows of two
        domains, as many of each as there are, and learns the way back, too.
    hidden_layer_sizes : tuple of int or "auto", default="auto"
        Widths of the hidden layers of a translator, (128, 128). With ``image_shape`` the channels
        of the levels of its U-Net, each half as high and wide as the one above: (16, 32).
    critic_layer_sizes : tuple of int or "auto", default="auto"
        Widths of the critic's hidden layers, (128, 128). With ``image_shape`` the channels of its
        stride-2 convolutions, (16, 32).
    activation : str, default="relu"
        Of the translator's hidden layers: "identity", "relu", "leaky_relu", "elu", "gelu", "silu",
        "tanh" or "sigmoid".
    critic_activation : str, default="leaky_relu"
        Of the critic's hidden layers; one of the same.
    image_shape : tuple or None, default=None
        ``(height, width)`` or ``(channels, height, width)`` of the images that the rows of X hold;
        makes the networks convolutional. Images in y have the same height and width; their number
        of columns says how many channels.
    """

    paired: bool = param("boolean", default=True, kw_only=False)
    hidden_layer_sizes: tuple | str = param(LAYERS, AUTO, default="auto")
    critic_layer_sizes: tuple | str = param(LAYERS, AUTO, default="auto")
    activation: str = param(one_of(*ACTIVATIONS), default="relu")
    critic_activation: str = param(one_of(*ACTIVATIONS), default="leaky_relu")
    image_shape: tuple | None = param(tuple, None, default=None)


TRANSLATOR_ARCHITECTURE = tuple(TranslatorParameters.__dataclass_fields__)


class TranslationParameters(TrainingParameters):
    """How translators and critics train.

    Parameters
    ----------
    adversarial_weight : float or "auto", default="auto"
        Factor of the adversarial losses beside the mean absolute error of the translation or,
        without pairs, of the round there and back, in standard deviations: the inverse of the
        lambda of Isola et al. (2017) and Zhu et al. (2017). 0 trains by the error alone, which
        needs pairs. "auto" takes .1 with pairs and 1 without.
    loss : str, default="non_saturating"
        "non_saturating" or "minimax" (Goodfellow et al. 2014), "least_squares" (Mao et al. 2017),
        "wasserstein" (Arjovsky et al. 2017) or "hinge" (Lim & Ye 2017).
    gradient_penalty : {"r1", "r1_r2", "wgan_gp"} or None, default="r1"
        What is added to the critic's loss: half the mean squared norm of its gradient at the data,
        or at data and translations (Mescheder et al. 2018), or the squared distance of the norm
        from one between them (Gulrajani et al. 2017).
    penalty_weight : float or "auto", default="auto"
        Factor of the penalty, with columns of unit standard deviation; "auto" takes a tenth of the
        number of columns of X, at most 3: rows of many columns lie far apart, and a critic with
        steep slopes would learn them by heart.
    averaging : float, default=0.998
        Decay of the moving average of the translators' weights, by which rows are translated.
    max_iter : int or "auto", default="auto"
        Epochs of the rows of X; "auto" takes as many as 2000 updates of each player need, or 1000
        with ``image_shape``.
    """

    adversarial_weight: float | str = param(NON_NEGATIVE, AUTO, default="auto")
    loss: str = param(one_of(*LOSSES), default="non_saturating")
    gradient_penalty: str | None = param(one_of(*PENALTIES), None, default="r1")
    penalty_weight: float | str = param(NON_NEGATIVE, AUTO, default="auto")
    averaging: float = param(Interval(Real, 0, 1, closed="left"), default=0.998)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
