"""Denoising autoencoder: rebuild rows from corrupted copies."""

from functools import partial
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skgen.autoencoder.base import AUTOENCODER_CONSTRAINTS, CODER_PARAMETERS, BaseAutoencoder
from skgen.base.mixins import SampleMixin
from skgen.base.sklearn_compat import Interval, StrOptions
from skgen.base.training_parameters import document_training
from skgen.nets import ACTIVATIONS
from skgen.nets.autoencoder.corruption import CORRUPTIONS, DRAWS, run_chain
from skgen.training import as_tensor, inference_device, torch_generator

N_POOL = 1000


@document_training(
    learning_rate="2e-3", weight_decay="0.0", max_iter=100, coder_parameters=CODER_PARAMETERS
)
class DenoisingAE(SampleMixin, BaseAutoencoder):
    """Autoencoder that learns to undo a corruption (Vincent et al. 2008).

    Minimizes over encoder f and decoder g, with a fresh corruption c in every update::

        mean_i  L(x_i, g(f(c(x_i))))
        L = squared error, or the cross-entropy of Bernoulli features

    Corrupting, rebuilding and drawing in turn is a Markov chain whose rows follow the data's
    distribution (Bengio et al. 2013); ``sample`` runs it.

    Parameters
    ----------
    n_components : int, default=64
        Length of the code; it may exceed the number of features.
    %(coder_parameters)s
    code_activation : str, default="identity"
        Activation of the code layer.
    corruption : {"masking", "gaussian", "salt_and_pepper"}, default="masking"
        What is undone: entries set to the mean of their column (to 0 with the
        cross-entropy), added noise, or entries set to the extremes of their column.
    corruption_level : float, default=0.3
        Share of the entries concerned; for "gaussian" the standard deviation of the noise in
        units of the root of the mean variance of the features (absolute with the
        cross-entropy).
    n_walkback_steps : int, default=0
        Further steps of the chain from which training learns to return.
    n_chain_steps : int, default=100
        Steps of the chain in ``sample``.
    loss : {"auto", "squared_error", "cross_entropy"}, default="auto"
        "auto" takes the cross-entropy for data in [0, 1] of which more than a quarter are
        exactly 0 or 1 (binary data, gray images), otherwise the squared error.
    %(training_parameters)s

    Attributes
    ----------
    loss_ : str
        The loss in use.
    residuals_ : ndarray of shape (n_pool, n_features)
        Errors of rebuilding corrupted training rows, in units of the networks' input; the
        chain draws from them. Empty with the cross-entropy, where it draws bits.
    likelihood_kind_ : str
        "error": ``score_samples`` is minus the loss of each row, not a density.
    %(training_attributes)s

    References
    ----------
    Vincent, P., Larochelle, H., Bengio, Y. & Manzagol, P.-A. (2008). Extracting and composing
    robust features with denoising autoencoders. ICML.

    Bengio, Y., Yao, L., Alain, G. & Vincent, P. (2013). Generalized denoising auto-encoders as
    generative models. NeurIPS.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skgen import DenoisingAE
    >>> X = load_digits().data[:300]
    >>> model = DenoisingAE(max_iter=20, random_state=0).fit(X)
    >>> noisy = X * (np.random.default_rng(0).random(X.shape) > 0.2)
    >>> bool(np.mean((model.denoise(noisy) - X) ** 2) < np.mean((noisy - X) ** 2))
    True
    """

    _architecture = (*BaseAutoencoder._architecture, "code_activation")
    _parameter_constraints: dict = {
        **AUTOENCODER_CONSTRAINTS,
        "code_activation": [StrOptions(set(ACTIVATIONS))],
        "corruption": [StrOptions(set(CORRUPTIONS))],
        "corruption_level": [Interval(Real, 0, None, closed="left")],
        "n_walkback_steps": [Interval(Integral, 0, None, closed="left")],
        "n_chain_steps": [Interval(Integral, 1, None, closed="left")],
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
        code_activation="identity",
        corruption="masking",
        corruption_level=0.3,
        n_walkback_steps=0,
        n_chain_steps=100,
        loss="auto",
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
        self.corruption = corruption
        self.corruption_level = corruption_level
        self.n_walkback_steps = n_walkback_steps
        self.n_chain_steps = n_chain_steps
        self.loss = loss
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

    def denoise(self, X):
        """Rebuild corrupted rows.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Corrupted rows.

        Returns
        -------
        X_clean : ndarray of shape (n_samples, n_features)
            Mean of the clean row given the corrupted one, of the dtype of X.
        """
        check_is_fitted(self)
        return self._decode(self._encode(self._validate(X)))

    @property
    def _code_activation(self):
        return self.code_activation

    def _corruption(self, like):
        """``corrupt(x, generator)`` for rows of the device and dtype of a tensor."""
        low, high = (as_tensor(bound).to(like) for bound in self._range)
        corrupt, level = CORRUPTIONS[self.corruption], self.corruption_level
        return lambda x, generator: corrupt(x, level, generator, low, high)

    def _objective(self, module):
        encode, decode = module["encoder"], module["decoder"]
        draw, corrupt = DRAWS[self.loss_], self._corruption(next(module.parameters()))

        def denoising(x, generator):
            out = decode(encode(corrupt(x, generator)))
            loss = self._reconstruction(x, out)
            for _ in range(self.n_walkback_steps):
                start = draw(out.detach(), (x - out).detach(), generator)
                out = decode(encode(corrupt(start, generator)))
                loss = loss + self._reconstruction(x, out)
            return loss / (1 + self.n_walkback_steps)

        return denoising

    def _finish(self, X):
        generator = torch.Generator(inference_device(self.device)).manual_seed(0)

        def residuals(net, x):
            return x - net["decoder"](net["encoder"](self._corruption(x)(x, generator)))

        rows = self._standardize(self._some_rows(X, N_POOL))
        self.residuals_ = self._apply(residuals, rows)
        if self.loss_ == "cross_entropy":
            self.residuals_ = self.residuals_[:0]

    def _sample(self, n_samples, rng):
        generator = torch_generator(rng, inference_device(self.device))

        def chain(net, x):
            residuals = as_tensor(self.residuals_).to(x)
            return run_chain(
                x,
                partial(self._corruption(x), generator=generator),
                lambda x: net["decoder"](net["encoder"](x)),
                lambda out: DRAWS[self.loss_](out, residuals, generator),
                self.n_chain_steps,
            )

        low, high = self._range
        start = rng.uniform(low, high, (n_samples, len(low))).astype(np.float32)
        return self._unstandardize(self._apply(chain, start), self._built_for["dtype"])
