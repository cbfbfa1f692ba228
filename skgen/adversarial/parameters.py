"""Constructor parameters of the GAN."""

from collections.abc import Callable
from numbers import Real

from skgen.base.parameters import (
    AUTO,
    COUNT,
    LAYERS,
    NATURAL,
    NON_NEGATIVE,
    POSITIVE,
    Parameters,
    one_of,
    param,
)
from skgen.base.sklearn_compat import Interval, Options
from skgen.base.training_parameters import TrainingParameters
from skgen.nets import ACTIVATIONS
from skgen.nets.adversarial.gan_losses import BOUNDARY_EQUILIBRIUM, LOSSES
from skgen.nets.adversarial.gan_penalties import PENALTIES


class NetworkParameters(Parameters):
    """What generator and critic are built of.

    Parameters
    ----------
    n_components : int or "auto", default="auto"
        Latent dimensions; "auto" takes the number of features, but at least 2 and at most 32.
    hidden_layer_sizes : tuple of int or "auto", default="auto"
        Widths of the generator's hidden layers; "auto" takes four of 128 for up to 4 features, two
        of 256 for more. With ``image_shape`` the channels of its stride-2 transposed convolutions,
        (128, 64).
    critic_layer_sizes : tuple of int or "auto", default="auto"
        Widths of the critic's hidden layers; "auto" takes two of 128 for up to 4 features, two of
        256 for more. With ``image_shape`` the channels of its stride-2 convolutions, (64, 128).
    activation : str, default="relu"
        Of the generator's hidden layers: "identity", "relu", "leaky_relu", "elu", "gelu", "silu",
        "tanh" or "sigmoid".
    critic_activation : str, default="leaky_relu"
        Of the critic's hidden layers; one of the same.
    image_shape : tuple or None, default=None
        ``(height, width)`` or ``(channels, height, width)`` of the images that the rows hold; makes
        both networks convolutional (Radford et al. 2016).
    generator, critic : callable or None, default=None
        Factories of your own modules: ``generator(n_components, n_features)`` returns a
        ``torch.nn.Module`` from latent rows to rows, ``critic(n_inputs)`` one from rows to
        features; a linear layer on top of these gives the critic's output.
    n_frequencies : int or "auto", default="auto"
        Sines and cosines of projections of a row that the critic sees beside it; a small network
        does not tell tight clusters apart by itself. Their wavelengths lie between the extent of
        the data and the width of its clusters; four times as many finer ones join them for the
        calibration. "auto" takes 8 for up to 4 features, else none.
    spectral_normalization : bool, default=False
        Whether every weight of the critic is divided by its largest singular value (Miyato et al.
        2018).
    minibatch_discrimination : int, default=0
        Number of kernels by which the critic compares the rows of a batch (Salimans et al. 2016).
    packing : int, default=1
        Rows that the critic judges together (Lin et al. 2018).
    normalization : {"batch", "virtual_batch", "reference_batch"} or None, default=None
        Of the hidden layers: by the moments of the batch, of a fixed reference batch and the row
        itself, or of the reference batch alone (Salimans et al. 2016).
    n_codes : int, default=0
        How many columns of a latent row, the first ones, are codes that a further head of the
        critic learns to recover from the draws (InfoGAN, Chen et al. 2016). What they steer is then
        visible, and ``transform`` recovers them.
    n_categories : int, default=0
        How many kinds of rows the model is to find by itself, 2 or more: the generator sees one of
        so many categories beside a latent row, which a further head of the critic learns to recover
        from the draws (InfoGAN, Chen et al. 2016). Categories are equally frequent. ``transform``
        gives their probabilities, before the codes, and ``y`` of ``sample`` asks for one.
    encoder : bool, default=False
        Whether an encoder learns beside the generator, and the critic judges pairs of rows and
        latent rows (BiGAN, Donahue et al. 2017; ALI, Dumoulin et al. 2017). ``transform`` then
        gives latent rows, and ``inverse_transform`` exists.
    conditioning : {"projection", "auxiliary"}, default="projection"
        With ``conditional``: how the critic reads conditions, by a product with its features
        (Miyato & Koyama 2018), or by learning to recognize them in rows, so that draws must show
        theirs (auxiliary classifier, Odena et al. 2017).
    """

    n_components: int | str = param(COUNT, AUTO, default="auto", kw_only=False)
    hidden_layer_sizes: tuple | str = param(LAYERS, AUTO, default="auto")
    critic_layer_sizes: tuple | str = param(LAYERS, AUTO, default="auto")
    activation: str = param(one_of(*ACTIVATIONS), default="relu")
    critic_activation: str = param(one_of(*ACTIVATIONS), default="leaky_relu")
    image_shape: tuple | None = param(tuple, None, default=None)
    generator: Callable | None = param(callable, None, default=None)
    critic: Callable | None = param(callable, None, default=None)
    n_frequencies: int | str = param(NATURAL, AUTO, default="auto")
    spectral_normalization: bool = param("boolean", default=False)
    minibatch_discrimination: int = param(NATURAL, default=0)
    packing: int = param(COUNT, default=1)
    normalization: str | None = param(
        one_of("batch", "virtual_batch", "reference_batch"), None, default=None
    )
    n_codes: int = param(NATURAL, default=0)
    n_categories: int = param(NATURAL, default=0)
    encoder: bool = param("boolean", default=False)
    conditioning: str = param(
        one_of("projection", "auxiliary"),
        default="projection",
        needs={"conditional": Options(bool, {True})},
    )


NETWORK_ARCHITECTURE = tuple(NetworkParameters.__dataclass_fields__)


class GANParameters(TrainingParameters):
    """How generator and critic train, and how draws are made of what they learned.

    Parameters
    ----------
    loss : str, default="non_saturating"
        "non_saturating" or "minimax" (Goodfellow et al. 2014), "least_squares" (Mao et al. 2017),
        "wasserstein" (Arjovsky et al. 2017; give it a penalty or spectral normalization),
        "hinge" (Lim & Ye 2017), or "boundary_equilibrium" (BEGAN, Berthelot et al. 2017), whose
        critic is an autoencoder that rebuilds data well and draws badly, from ``n_components``
        columns: fewer than features, or it rebuilds everything.
    diversity_ratio : float, default=0.5
        With ``loss="boundary_equilibrium"``: the error of rebuilt draws over that of rebuilt data
        that the game is held at; the lower, the cleaner the draws and the fewer their kinds.
    gradient_penalty : {"r1", "r1_r2", "wgan_gp"} or None, default="r1_r2"
        What is added to the critic's loss: half the mean squared norm of its gradient at the data,
        or at data and draws (Mescheder et al. 2018), or the squared distance of the norm from one
        between them (Gulrajani et al. 2017).
    penalty_weight : float, tuple of two floats or "auto", default="auto"
        Factor of the penalty, with columns of unit standard deviation; two values are those at the
        start and at the end of the training, with a log-linear course between. "auto" takes 10 for
        "wgan_gp", otherwise .02 to .008 times the squared median distance of two rows.
    label_smoothing : float, default=0.0
        What the critic's target for data falls short of one (one-sided, Salimans et al. 2016).
    instance_noise : float, default=0.0
        Standard deviation of the noise on data and draws in front of the critic, in standard
        deviations of a column; falls linearly to zero.
    code_weight : float, default=0.1
        With ``n_codes`` or ``n_categories``: weight of the bound on the mutual information of codes
        and draws in both players' losses; the higher, the more of the codes is seen, and the fewer
        kinds of rows.
    unroll_steps : int, default=0
        Steps by which the critic answers before the generator's loss is taken; the generator's
        gradient runs through the answers (Metz et al. 2017).
    n_critic_steps : int, default=1
        Updates of the critic for one of the generator; each sees its own part of the batch.
    averaging : float, default=0.998
        Decay of the moving average of the generator's weights that ``sample`` draws from.
    output_noise : float or "auto", default="auto"
        Standard deviation of the noise that ``sample`` adds to the generator's rows, in standard
        deviations of a column. Generators shrink tight clusters; "auto" takes, for up to 4
        features, the least noise that gives draws the nearest-neighbor distances of the data, and
        none for more features.
    calibration : float or "auto", default="auto"
        Fraction of ``max_iter`` for which the critic alone goes on to learn once the generator is
        finished. Its output then estimates the log-ratio of the densities of data and draws, by
        which ``sample`` rejects draws (Azadi et al. 2019): bridges between clusters go, and lost
        balance returns. With 0 nothing is rejected. "auto" takes .3 for up to 4 features, else 0.
    critic_learning_rate : float or None, default=None
        Initial learning rate of the critic (Heusel et al. 2017); None takes ``learning_rate``.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as 7000 updates of each player need.
    """

    loss: str = param(one_of(*LOSSES, BOUNDARY_EQUILIBRIUM), default="non_saturating")
    diversity_ratio: float = param(
        Interval(Real, 0, 1, closed="right"),
        default=0.5,
        needs={"loss": one_of(BOUNDARY_EQUILIBRIUM)},
    )
    gradient_penalty: str | None = param(one_of(*PENALTIES), None, default="r1_r2")
    penalty_weight: float | tuple | str = param(NON_NEGATIVE, tuple, AUTO, default="auto")
    label_smoothing: float = param(Interval(Real, 0, 0.5, closed="left"), default=0.0)
    instance_noise: float = param(NON_NEGATIVE, default=0.0)
    code_weight: float = param(POSITIVE, default=0.1)
    unroll_steps: int = param(NATURAL, default=0)
    n_critic_steps: int = param(COUNT, default=1)
    averaging: float = param(Interval(Real, 0, 1, closed="left"), default=0.998)
    output_noise: float | str = param(NON_NEGATIVE, AUTO, default="auto")
    calibration: float | str = param(Interval(Real, 0, 1, closed="both"), AUTO, default="auto")
    critic_learning_rate: float | None = param(POSITIVE, None, default=None)
    learning_rate: float = param(default=4e-3)
    max_iter: int | str = param(COUNT, AUTO, default="auto")


# What models were fitted with that were saved before there were such parameters.
FORMER_DEFAULTS = {
    name: field.default
    for group in (NetworkParameters, GANParameters)
    for name, field in group.__dataclass_fields__.items()
    if name
    in ("n_codes", "n_categories", "encoder", "conditioning", "code_weight", "diversity_ratio")
}
