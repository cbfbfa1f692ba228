"""Denoising autoencoder: rebuild rows from corrupted copies."""

from functools import partial

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skgen.autoencoder.base import BaseAutoencoder
from skgen.base.mixins import SampleMixin
from skgen.base.parameters import COUNT, NATURAL, NON_NEGATIVE, one_of, param
from skgen.base.results.finite import finite
from skgen.nets import ACTIVATIONS
from skgen.nets.autoencoder.corruption import CORRUPTIONS, DRAWS, run_chain
from skgen.training import as_tensor, inference_device, torch_generator

N_POOL = 1000


class DenoisingAE(SampleMixin, BaseAutoencoder):
    r"""Autoencoder that learns to undo a corruption (Vincent et al. 2008).

    Minimizes over encoder f and decoder g, with a fresh corruption c in every update,

    .. math:: \frac1n \sum_i L\bigl(x_i, g(f(c(x_i)))\bigr),

    where L is the squared error, or the cross-entropy of Bernoulli features.

    Corrupting, rebuilding and drawing in turn is a Markov chain whose rows follow the data's
    distribution (Bengio et al. 2013); ``sample`` runs it. Each column stays in its range in the
    training data, outside of which the networks have learned no way back.

    Parameters
    ----------
    code_activation : str, default="identity"
        Activation of the code layer.
    corruption : {"masking", "gaussian", "salt_and_pepper"}, default="masking"
        What is undone: entries set to the mean of their column (to 0 with the
        cross-entropy), added noise, or entries set to the extremes of their column.
    corruption_level : float, default=0.3
        Fraction of the entries concerned; for "gaussian" the standard deviation of the noise in
        units of the scale of each feature (absolute with the cross-entropy).
    n_walkback_steps : int, default=0
        Further steps of the chain from which training learns to return.
    n_chain_steps : int, default=100
        Steps of the chain in ``sample``.
    %(shared_parameters)s

    Attributes
    ----------
    residuals_ : ndarray of shape (n_pool, n_features)
        Errors of rebuilding corrupted training rows, in units of the networks' input; the
        chain draws from them. Empty with the cross-entropy, where it draws bits.
    %(shared_attributes)s

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
    n_components: int = param(default=64)
    code_activation: str = param(one_of(*ACTIVATIONS), default="identity")
    corruption: str = param(one_of(*CORRUPTIONS), default="masking")
    corruption_level: float = param(NON_NEGATIVE, default=0.3)
    n_walkback_steps: int = param(NATURAL, default=0)
    n_chain_steps: int = param(COUNT, default=100)

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
        return finite(lambda X: self._decode_layer(self._codes(X), -1), self._validate(X))

    @property
    def _code_activation(self):
        return self.code_activation

    def _corruption(self, like, kind, level):
        """``corrupt(x, generator)`` for rows of the device and dtype of a tensor."""
        low, high = (as_tensor(bound).to(like) for bound in self._range)
        return lambda x, generator: CORRUPTIONS[kind](x, level, generator, low, high)

    def _fitted_corruption(self, like):
        """The same with the corruption that the network has learned to undo."""
        return self._corruption(like, self._at_fit("corruption"), self._at_fit("corruption_level"))

    def _objective(self, module):
        encode, decode = module["encoder"], module["decoder"]
        like, draw = next(module.parameters()), DRAWS[self.loss_]
        corrupt = self._corruption(like, self.corruption, self.corruption_level)

        def denoising(x, generator):
            out = decode(encode(corrupt(x, generator)))
            loss = self._reconstruction(x, out)
            for _ in range(self.n_walkback_steps):
                start = draw(out.detach(), (x - out).detach(), generator)
                out = decode(encode(corrupt(start, generator)))
                loss = loss + self._reconstruction(x, out)
            return loss / (1 + self.n_walkback_steps)

        return denoising

    def _gradient(self, passes, module):
        like, draw = next(module.parameters()), DRAWS[self.loss_]
        corrupt = self._corruption(like, self.corruption, self.corruption_level)
        n_steps = 1 + self.n_walkback_steps

        @torch.no_grad()
        def denoising(x, generator):
            loss, start = 0.0, x
            for step in range(n_steps):
                out = passes.forward(corrupt(start, generator))
                if step < n_steps - 1:
                    start = draw(out, x - out, generator)
                loss = loss + passes.backward(x, out, 1 / n_steps, add=step > 0)
            return loss

        return denoising

    def _finish(self, X):
        generator = torch.Generator(inference_device(self.device)).manual_seed(0)

        def residuals(net, x):
            return x - net["decoder"](net["encoder"](self._fitted_corruption(x)(x, generator)))

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
                partial(self._fitted_corruption(x), generator=generator),
                lambda x: net["decoder"](net["encoder"](x)),
                lambda out: DRAWS[self.loss_](out, residuals, generator),
                self.n_chain_steps,
                *(as_tensor(bound).to(x) for bound in self._range),
            )

        low, high = self._range
        start = rng.uniform(low, high, (n_samples, len(low))).astype(np.float32)
        return self._unstandardize(self._apply(chain, start), self._built_for["dtype"])
