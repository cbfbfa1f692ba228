"""Sparse autoencoder: few units of the code are active for any row."""

from numbers import Integral, Real

from skgen.autoencoder.base import AUTOENCODER_CONSTRAINTS, CODER_PARAMETERS, BaseAutoencoder
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.sklearn_compat import Interval, StrOptions
from skgen.base.training_parameters import document_training
from skgen.nets.autoencoder.penalties import bernoulli_kl

CODE_ACTIVATIONS = {"kl": "sigmoid", "l1": "relu"}


@document_training(
    learning_rate="2e-3", weight_decay="1e-2", max_iter=100, coder_parameters=CODER_PARAMETERS
)
class SparseAE(CodeMixtureMixin, BaseAutoencoder):
    """Autoencoder whose code is sparse, so that it may be longer than the row.

    Minimizes over encoder f and decoder g, with codes h_i = f(x_i)::

        mean_i  L(x_i, g(h_i)) / n_features  +  sparsity_weight * penalty
        penalty "kl":  mean_j  KL(Bernoulli(sparsity_target) || Bernoulli(mean_i h_ij))
        penalty "l1":  mean_ij |h_ij|

    Codes are sigmoid units with "kl" and rectified units with "l1". L is the squared error in
    units of the mean variance of the features, or the cross-entropy of Bernoulli features.

    Parameters
    ----------
    n_components : int, default=64
        Length of the code; it may exceed the number of features.
    %(coder_parameters)s
    penalty : {"kl", "l1"}, default="kl"
        Penalty on the activity of the code.
    sparsity_target : float, default=0.05
        Mean activity of each unit that "kl" asks for.
    sparsity_weight : float, default=0.1
        Weight of the penalty.
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
    Ng, A. (2011). Sparse autoencoder. CS294A lecture notes, Stanford.

    Ranzato, M., Poultney, C., Chopra, S. & LeCun, Y. (2007). Efficient learning of sparse
    representations with an energy-based model. NeurIPS.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import SparseAE
    >>> X = load_digits().data[:300] / 16
    >>> codes = SparseAE(n_components=32, max_iter=20, random_state=0).fit_transform(X)
    >>> codes.shape
    (300, 32)
    """

    _architecture = (*BaseAutoencoder._architecture, "penalty")
    _parameter_constraints: dict = {
        **AUTOENCODER_CONSTRAINTS,
        "penalty": [StrOptions({"kl", "l1"})],
        "sparsity_target": [Interval(Real, 0, 1, closed="neither")],
        "sparsity_weight": [Interval(Real, 0, None, closed="left")],
        "n_mixture_components": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_components=64,
        *,
        hidden_layer_sizes=(256,),
        activation="relu",
        image_shape=None,
        encoder=None,
        decoder=None,
        penalty="kl",
        sparsity_target=0.05,
        sparsity_weight=0.1,
        loss="auto",
        n_mixture_components=10,
        batch_size="auto",
        learning_rate=2e-3,
        learning_rate_schedule="cosine",
        weight_decay=1e-2,
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
        self.penalty = penalty
        self.sparsity_target = sparsity_target
        self.sparsity_weight = sparsity_weight
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
        return CODE_ACTIVATIONS[self.penalty]

    def _objective(self, module):
        encode, decode = module["encoder"], module["decoder"]

        def activity_kl(codes):
            return bernoulli_kl(self.sparsity_target, codes.mean(0)).mean()

        def activity_l1(codes):
            return codes.abs().mean()

        penalty = {"kl": activity_kl, "l1": activity_l1}[self.penalty]

        def penalized_reconstruction(x, generator):
            codes = encode(x)
            return self._reconstruction(x, decode(codes)) + self.sparsity_weight * penalty(codes)

        return penalized_reconstruction
