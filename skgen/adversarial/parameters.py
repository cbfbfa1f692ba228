"""Constructor parameters of the GAN: constraints, and the choices that "auto" makes."""

from numbers import Integral, Real

from skgen.base.sklearn_compat import Interval, StrOptions
from skgen.base.training_parameters import TRAINING_CONSTRAINTS
from skgen.nets import ACTIVATIONS
from skgen.nets.adversarial.gan_losses import LABELED, LOSSES
from skgen.nets.adversarial.gan_penalties import PENALTIES

NATURAL = Interval(Integral, 0, None, closed="left")
ONE_CENTERED = 10.0  # Gulrajani et al. (2017)
ZERO_CENTERED = (0.02, 0.008)  # of the squared extent of the data
N_FINE = 4  # fine waves for each coarse one
FEW_FEATURES = 4  # in which a draw may lie anywhere between the rows
POSITIVE = Interval(Integral, 1, None, closed="left")

GAN_CONSTRAINTS = {
    "n_components": [POSITIVE, StrOptions({"auto"})],
    "hidden_layer_sizes": ["array-like", StrOptions({"auto"})],
    "critic_layer_sizes": ["array-like", StrOptions({"auto"})],
    "activation": [StrOptions(set(ACTIVATIONS))],
    "critic_activation": [StrOptions(set(ACTIVATIONS))],
    "image_shape": [tuple, None],
    "generator": [callable, None],
    "critic": [callable, None],
    "n_frequencies": [NATURAL, StrOptions({"auto"})],
    "loss": [StrOptions(set(LOSSES))],
    "gradient_penalty": [StrOptions(set(PENALTIES)), None],
    "penalty_weight": [Interval(Real, 0, None, closed="left"), tuple, StrOptions({"auto"})],
    "spectral_normalization": ["boolean"],
    "label_smoothing": [Interval(Real, 0, 0.5, closed="left")],
    "instance_noise": [Interval(Real, 0, None, closed="left")],
    "minibatch_discrimination": [NATURAL],
    "packing": [POSITIVE],
    "unroll_steps": [NATURAL],
    "normalization": [StrOptions({"batch", "virtual_batch", "reference_batch"}), None],
    "n_critic_steps": [POSITIVE],
    "averaging": [Interval(Real, 0, 1, closed="left")],
    "output_noise": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
    "calibration": [Interval(Real, 0, 1, closed="both"), StrOptions({"auto"})],
    **TRAINING_CONSTRAINTS,
    "critic_learning_rate": [Interval(Real, 0, None, closed="neither"), None],
    "max_iter": [POSITIVE, StrOptions({"auto"})],
}

# What the networks are built of.
GAN_ARCHITECTURE = (
    "n_components",
    "hidden_layer_sizes",
    "critic_layer_sizes",
    "activation",
    "critic_activation",
    "image_shape",
    "generator",
    "critic",
    "n_frequencies",
    "spectral_normalization",
    "minibatch_discrimination",
    "packing",
    "normalization",
)


def check_combination(params):
    """Refuse parameters that have no meaning together."""
    loss, smoothing = params.loss, params.label_smoothing
    if smoothing and loss not in LABELED:
        raise ValueError(
            f"label_smoothing={smoothing} needs labels, but loss={loss!r} has none; "
            f"use label_smoothing=0, or one of {sorted(LABELED)}."
        )
    if params.compile and params.gradient_penalty is not None:
        raise ValueError(
            f"gradient_penalty={params.gradient_penalty!r} is differentiated twice, which "
            "torch.compile cannot do; use compile=False, or gradient_penalty=None."
        )
    weight = params.penalty_weight
    if isinstance(weight, tuple) and (len(weight) != 2 or min(weight) <= 0):
        raise ValueError(
            f"penalty_weight={weight} should be a number, or two positive ones: the weight at "
            "the start of the training and at its end."
        )


def choose_components(params, n_features):
    """Latent dimensions: as many as features, between 2 and 32."""
    if params.n_components != "auto":
        return params.n_components
    return min(max(n_features, 2), 32)


def choose_widths(params, n_features):
    """Widths of the hidden layers of generator and critic; channels for images."""
    if params.image_shape is not None:
        chosen = (128, 64), (64, 128)
    elif n_features <= FEW_FEATURES:
        chosen = (128, 128, 128, 128), (128, 128)
    else:
        chosen = (256, 256), (256, 256)
    given = params.hidden_layer_sizes, params.critic_layer_sizes
    return [tuple(auto if isinstance(own, str) else own) for own, auto in zip(given, chosen)]


def choose_penalty(params, coarse):
    """Weight of the penalty at the start and at the end of the training."""
    weight = params.penalty_weight
    if isinstance(weight, tuple):
        return weight
    if weight != "auto":
        return weight, weight
    if params.gradient_penalty == "wgan_gp":
        return ONE_CENTERED, ONE_CENTERED
    # A slope that matters crosses the data: it falls with their extent.
    return tuple(share * coarse**2 for share in ZERO_CENTERED)


def choose_frequencies(params, n_features):
    """How many coarse and fine waves stand beside a row in front of the critic."""
    n_coarse = params.n_frequencies
    if n_coarse == "auto":
        dense = params.image_shape is None and params.critic is None
        n_coarse = 8 if dense and n_features <= FEW_FEATURES else 0
    return n_coarse, N_FINE * n_coarse if params.critic is None else 0


def choose_calibration(params, n_features):
    """Share of the training that the critic spends on the finished generator."""
    if params.calibration != "auto":
        return params.calibration
    # Rows of many features are rare everywhere: the critic would learn them by heart.
    return 0.3 if n_features <= FEW_FEATURES else 0.0


def restores_spread(params, n_features):
    """Whether output noise makes up for a local spread that the generator lacks."""
    return params.output_noise == "auto" and n_features <= FEW_FEATURES


GAN_PARAMETERS = """\
n_components : int or "auto", default="auto"
    Latent dimensions; "auto" takes the number of features, but at least 2 and at most 32.
hidden_layer_sizes : tuple of int or "auto", default="auto"
    Widths of the generator's hidden layers; "auto" takes four of 128 for up to 4 features, two
    of 256 for more. With ``image_shape`` the channels of its stride-2 transposed convolutions,
    (128, 64).
critic_layer_sizes : tuple of int or "auto", default="auto"
    Widths of the critic's hidden layers; "auto" takes two of 128 for up to 4 features, two of
    256 for more. With ``image_shape`` the channels of its stride-2 convolutions, (64, 128).
activation, critic_activation : str, default="relu" and "leaky_relu"
    Of the hidden layers: "identity", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh" or
    "sigmoid".
image_shape : tuple or None, default=None
    ``(height, width)`` or ``(channels, height, width)`` of the images that the rows hold; makes
    both networks convolutional (Radford et al. 2016).
generator, critic : callable or None, default=None
    Factories of your own modules: ``generator(n_components, n_features)`` returns a
    ``torch.nn.Module`` from latent rows to rows, ``critic(n_inputs)`` one from rows to features;
    a linear layer on top of these gives the critic's output.
n_frequencies : int or "auto", default="auto"
    Sines and cosines of projections of a row that the critic sees beside it; a small network
    does not tell tight clusters apart by itself. Their wavelengths lie between the extent of
    the data and the width of its clusters; four times as many finer ones join them for the
    calibration. "auto" takes 8 for up to 4 features, else none.
loss : str, default="non_saturating"
    "non_saturating" or "minimax" (Goodfellow et al. 2014), "least_squares" (Mao et al. 2017),
    "wasserstein" (Arjovsky et al. 2017; give it a penalty or spectral normalization), or
    "hinge" (Lim & Ye 2017).
gradient_penalty : {"r1", "r1_r2", "wgan_gp"} or None, default="r1_r2"
    What is added to the critic's loss: half the mean squared norm of its gradient at the data,
    or at data and draws (Mescheder et al. 2018), or the squared distance of the norm from one
    between them (Gulrajani et al. 2017).
penalty_weight : float, tuple of two floats or "auto", default="auto"
    Factor of the penalty, with columns of unit standard deviation; two values are those at the
    start and at the end of the training, with a log-linear course between. "auto" takes 10 for
    "wgan_gp", otherwise .02 to .008 times the squared median distance of two rows.
spectral_normalization : bool, default=False
    Whether every weight of the critic is divided by its largest singular value (Miyato et al.
    2018).
label_smoothing : float, default=0.0
    What the critic's target for data falls short of one (one-sided, Salimans et al. 2016).
instance_noise : float, default=0.0
    Standard deviation of the noise on data and draws in front of the critic, in standard
    deviations of a column; falls linearly to zero.
minibatch_discrimination : int, default=0
    Number of kernels by which the critic compares the rows of a batch (Salimans et al. 2016).
packing : int, default=1
    Rows that the critic judges together (Lin et al. 2018).
unroll_steps : int, default=0
    Steps by which the critic answers before the generator's loss is taken; the generator's
    gradient runs through the answers (Metz et al. 2017).
normalization : {"batch", "virtual_batch", "reference_batch"} or None, default=None
    Of the hidden layers: by the moments of the batch, of a fixed reference batch and the row
    itself, or of the reference batch alone (Salimans et al. 2016).
n_critic_steps : int, default=1
    Updates of the critic for one of the generator; each sees its share of the batch.
averaging : float, default=0.998
    Decay of the moving average of the generator's weights that ``sample`` draws from.
output_noise : float or "auto", default="auto"
    Standard deviation of the noise that ``sample`` adds to the generator's rows, in standard
    deviations of a column. Generators shrink tight clusters; "auto" takes, for up to 4
    features, the least noise that gives draws the nearest-neighbor distances of the data, and
    none for more features.
calibration : float or "auto", default="auto"
    Share of ``max_iter`` for which the critic alone goes on to learn once the generator is
    finished. Its output then estimates the log-ratio of the densities of data and draws, by
    which ``sample`` rejects draws (Azadi et al. 2019): bridges between clusters go, and lost
    balance returns. With 0 nothing is rejected. "auto" takes .3 for up to 4 features, else 0.
critic_learning_rate : float or None, default=None
    Initial step of Adam for the critic (Heusel et al. 2017); None takes ``learning_rate``."""
