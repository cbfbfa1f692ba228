"""Contractive autoencoder: codes that hardly move when the row does."""

from numbers import Integral, Real

import torch

from skgen.autoencoder.base import AUTOENCODER_CONSTRAINTS, CODER_PARAMETERS, BaseAutoencoder
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.sklearn_compat import Interval, StrOptions
from skgen.base.training_parameters import document_training
from skgen.nets.autoencoder.penalties import DERIVATIVES, layer_jacobian_norm, probed_jacobian_norm


@document_training(
    learning_rate="2e-3",
    weight_decay="0.0",
    max_iter=100,
    coder_parameters=CODER_PARAMETERS.replace("(256,)", "()"),
)
class ContractiveAE(CodeMixtureMixin, BaseAutoencoder):
    """Autoencoder whose encoder has a small Jacobian at the data (Rifai et al. 2011).

    Minimizes over encoder f and decoder g::

        mean_i  L(x_i, g(f(x_i))) / n_features  +  contraction * ||df/dx (x_i)||_F^2 / n_components

    The norm is exact and in closed form for an encoder of one layer (the default,
    ``hidden_layer_sizes=()``), and for deeper or convolutional encoders, or your own, the
    unbiased estimate of Hutchinson. Rows are centered and in one common unit, the root of the
    mean variance of the features; cross-entropy data are left as they are.

    Parameters
    ----------
    n_components : int, default=64
        Length of the code; it may exceed the number of features.
    %(coder_parameters)s
    code_activation : {"sigmoid", "tanh", "identity"}, default="sigmoid"
        Activation of the code layer.
    contraction : float, default=0.1
        Weight of the penalty.
    n_probes : int, default=1
        Random directions a row in the estimate for deep encoders.
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

    References
    ----------
    Rifai, S., Vincent, P., Muller, X., Glorot, X. & Bengio, Y. (2011). Contractive
    auto-encoders: explicit invariance during feature extraction. ICML.

    Hutchinson, M. (1990). A stochastic estimator of the trace of the influence matrix.
    Communications in Statistics.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import ContractiveAE
    >>> X = load_digits().data[:300] / 16
    >>> codes = ContractiveAE(n_components=32, max_iter=20, random_state=0).fit_transform(X)
    >>> codes.shape
    (300, 32)
    """

    _architecture = (*BaseAutoencoder._architecture, "code_activation")
    _parameter_constraints: dict = {
        **AUTOENCODER_CONSTRAINTS,
        "code_activation": [StrOptions(set(DERIVATIVES))],
        "contraction": [Interval(Real, 0, None, closed="left")],
        "n_probes": [Interval(Integral, 1, None, closed="left")],
        "n_mixture_components": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        hidden_layer_sizes=(),
        activation="relu",
        image_shape=None,
        encoder=None,
        decoder=None,
        code_activation="sigmoid",
        contraction=0.1,
        n_probes=1,
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
        self.contraction = contraction
        self.n_probes = n_probes
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
        norm = self._layer_norm if self._is_one_layer else self._probed_norm

        def penalized_reconstruction(x, generator):
            with torch.enable_grad():  # the probes need it, in validation too
                x = x.requires_grad_(not self._is_one_layer)
                codes = encode(x)
                penalty = norm(encode, x, codes, generator).mean() / self.n_components
            return self._reconstruction(x, decode(codes)) + self.contraction * penalty

        return penalized_reconstruction

    @property
    def _is_one_layer(self):
        plain = self.encoder is None and self.image_shape is None
        return plain and len(self.hidden_layer_sizes) == 0

    def _layer_norm(self, encode, x, codes, generator):
        return layer_jacobian_norm(encode[0].weight, codes, self.code_activation)

    def _probed_norm(self, encode, x, codes, generator):
        noise = torch.randn(
            self.n_probes, *codes.shape, generator=generator, device=x.device, dtype=x.dtype
        )
        return probed_jacobian_norm(x, codes, noise)
