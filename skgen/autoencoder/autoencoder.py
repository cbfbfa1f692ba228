"""Autoencoder: a code from which the row can be rebuilt."""

from numbers import Integral

from skgen.autoencoder.base import AUTOENCODER_CONSTRAINTS, CODER_PARAMETERS, BaseAutoencoder
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.sklearn_compat import Interval, StrOptions
from skgen.base.training_parameters import document_training
from skgen.nets import ACTIVATIONS


@document_training(
    learning_rate="2e-3", weight_decay="0.0", max_iter=100, coder_parameters=CODER_PARAMETERS
)
class Autoencoder(CodeMixtureMixin, BaseAutoencoder):
    """Networks that encode each row in a few numbers and rebuild it from them.

    Minimizes over encoder f and decoder g::

        mean_i  L(x_i, g(f(x_i)))
        L = squared error, or the cross-entropy of Bernoulli features

    With ``hidden_layer_sizes=()`` and squared error the codes span the subspace of PCA
    (Baldi & Hornik 1989). Inside, rows are centered and divided by one common unit, so data of
    any scale train alike; scores are in the units of X.

    Parameters
    ----------
    n_components : int, default=16
        Length of the code; it may exceed the number of features.
    %(coder_parameters)s
    code_activation : str, default="identity"
        Activation of the code layer.
    tied_weights : bool, default=False
        Whether the decoder uses the encoder's weights transposed; dense encoders only.
    bounded : bool, default=False
        Whether the decoder ends in a sigmoid that keeps each column inside its range in the
        training data; with the squared error only. Pays for images.
    loss : {"auto", "squared_error", "cross_entropy"}, default="auto"
        "auto" takes the cross-entropy for data in [0, 1] of which more than a quarter are
        exactly 0 or 1 (binary data, gray images), otherwise the squared error.
    n_mixture_components : int, default=10
        Gaussians fitted to the training codes, for ``sample``.
    %(training_parameters)s

    Attributes
    ----------
    loss_ : str
        The loss in use.
    code_mixture_ : sklearn.mixture.GaussianMixture
        Density of the training codes, from which ``sample`` draws.
    likelihood_kind_ : str
        "error": ``score_samples`` is minus the loss of each row, not a density.
    %(training_attributes)s

    See Also
    --------
    VAE : A density model with the same networks.
    DenoisingAE : Learns to rebuild rows from corrupted copies.

    References
    ----------
    Baldi, P. & Hornik, K. (1989). Neural networks and principal component analysis: learning
    from examples without local minima. Neural Networks.

    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural
    networks. Science.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import Autoencoder
    >>> X = load_digits().data[:300]
    >>> model = Autoencoder(n_components=8, max_iter=20, random_state=0).fit(X)
    >>> model.transform(X).shape
    (300, 8)
    >>> model.sample(5).shape
    (5, 64)
    """

    _architecture = (*BaseAutoencoder._architecture, "code_activation", "tied_weights", "bounded")
    _parameter_constraints: dict = {
        **AUTOENCODER_CONSTRAINTS,
        "code_activation": [StrOptions(set(ACTIVATIONS))],
        "tied_weights": ["boolean"],
        "bounded": ["boolean"],
        "n_mixture_components": [Interval(Integral, 1, None, closed="left")],
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
        code_activation="identity",
        tied_weights=False,
        bounded=False,
        loss="auto",
        n_mixture_components=10,
        batch_size="auto",
        learning_rate=2e-3,
        learning_rate_schedule="cosine",
        weight_decay=0.0,
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
        self.code_activation = code_activation
        self.tied_weights = tied_weights
        self.bounded = bounded
        self.loss = loss
        self.n_mixture_components = n_mixture_components
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

    @property
    def _code_activation(self):
        return self.code_activation

    def _objective(self, module):
        encode, decode = module["encoder"], module["decoder"]

        def reconstruction(x, generator):
            return self._reconstruction(x, decode(encode(x)))

        return reconstruction
