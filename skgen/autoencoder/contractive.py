"""Contractive autoencoder: codes that hardly move when the row does."""

import torch

from skgen.autoencoder.base import BaseAutoencoder
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.parameters import COUNT, NON_NEGATIVE, one_of, param
from skgen.nets.autoencoder.penalties import DERIVATIVES, layer_jacobian_norm, probed_jacobian_norm


class ContractiveAE(CodeMixtureMixin, BaseAutoencoder):
    r"""Autoencoder whose encoder has a small Jacobian at the data (Rifai et al. 2011).

    Minimizes over encoder f and decoder g

    .. math:: \frac1n \sum_i \Bigl[\frac1d L\bigl(x_i, g(f(x_i))\bigr)
        + \frac{\lambda}{k} \lVert f'(x_i) \rVert_F^2\Bigr],

    with d features, codes of k numbers and :math:`\lambda` the ``contraction``.

    The norm is exact and in closed form for an encoder of one layer (the default,
    ``hidden_layer_sizes=()``), and for deeper or convolutional encoders, or your own, the
    unbiased estimate of Hutchinson. Rows are centered and their columns divided by their scales;
    cross-entropy data are left as they are.

    Parameters
    ----------
    code_activation : {"sigmoid", "tanh", "identity"}, default="sigmoid"
        Activation of the code layer.
    contraction : float, default=0.1
        Weight of the penalty.
    n_probes : int, default=1
        Random directions a row in the estimate for deep encoders.
    %(shared_parameters)s

    Attributes
    ----------
    %(shared_attributes)s

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
    n_components: int = param(default=64)
    hidden_layer_sizes: tuple = param(default=())
    code_activation: str = param(one_of(*DERIVATIVES), default="sigmoid")
    contraction: float = param(NON_NEGATIVE, default=0.1)
    n_probes: int = param(COUNT, default=1)

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
