"""Sparse autoencoder: few units of the code are active for any row."""

from skgen.autoencoder.base import BaseAutoencoder
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.parameters import FRACTION, NON_NEGATIVE, one_of, param
from skgen.nets.autoencoder.penalties import bernoulli_kl
from skgen.workers import workers

CODE_ACTIVATIONS = {"kl": "sigmoid", "l1": "relu"}


class SparseAE(CodeMixtureMixin, BaseAutoencoder):
    r"""Autoencoder whose code is sparse, so that it may be longer than the row.

    Minimizes over encoder f and decoder g, with codes :math:`h_i = f(x_i)`,

    .. math:: & \frac1{nd} \sum_i L(x_i, g(h_i)) + \lambda P, \\
        & P_\mathrm{kl} = \frac1k \sum_j \mathrm{KL}(\rho \,\|\, \mathrm{mean}_i \, h_{ij}), \\
        & P_\mathrm{l1} = \mathrm{mean}_{ij} \, \lvert h_{ij} \rvert,

    with d features, codes of k numbers, the ``sparsity_weight`` :math:`\lambda` and the
    ``sparsity_target`` :math:`\rho`; the divergence is that of Bernoulli variables. Codes are
    sigmoid units with "kl" and rectified units with "l1". L is the squared error in units of the
    squared scales of the features, or the cross-entropy of Bernoulli features.

    Parameters
    ----------
    penalty : {"kl", "l1"}, default="kl"
        Penalty on the activity of the code.
    sparsity_target : float, default=0.05
        Mean activity of each unit that "kl" asks for.
    sparsity_weight : float, default=0.1
        Weight of the penalty.
    %(shared_parameters)s

    Attributes
    ----------
    %(shared_attributes)s

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
    n_components: int = param(default=64)
    penalty: str = param(one_of("kl", "l1"), default="kl")
    sparsity_target: float = param(FRACTION, default=0.05, needs={"penalty": one_of("kl")})
    sparsity_weight: float = param(NON_NEGATIVE, default=0.1)
    weight_decay: float = param(default=1e-2)

    @property
    def _code_activation(self):
        return CODE_ACTIVATIONS[self.penalty]

    def _penalty(self):
        """``penalty(codes)`` with its weight."""

        def activity_kl(codes):
            mean = workers().mean_of(codes.mean(0), len(codes))
            return bernoulli_kl(self.sparsity_target, mean).mean()

        def activity_l1(codes):
            return codes.abs().mean()

        activity = {"kl": activity_kl, "l1": activity_l1}[self.penalty]
        return lambda codes: self.sparsity_weight * activity(codes)

    def _objective(self, module):
        encode, decode, penalty = module["encoder"], module["decoder"], self._penalty()

        def penalized_reconstruction(x, generator):
            codes = encode(x)
            return self._reconstruction(x, decode(codes)) + penalty(codes)

        return penalized_reconstruction

    def _gradient(self, passes, module):
        penalty = self._penalty()
        return lambda x, generator: passes.backward(x, passes.forward(x), penalty=penalty)
