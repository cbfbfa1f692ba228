"""Predictive sparse decomposition: a dictionary and an encoder that learn together."""

import numpy as np
import torch
from torch import nn

from skgen.autoencoder.sparse_encoder import (
    LARGEST_ALPHA,
    BaseSparseEncoder,
    root_mean_square,
)
from skgen.base.parameters import COUNT, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.warn import held
from skgen.nets.autoencoder.predictive import ENCODERS, Dictionary
from skgen.nets.autoencoder.shrinkage import predicted_codes
from skgen.sparse import SparseCoder
from skgen.sparse.coding import LassoProblem, check_squares
from skgen.sparse.convergence import warn_of_no_codes
from skgen.training import Phase, Stage, adam, as_tensor, standardized

MOST_ATOMS = 256  # by default, as in SparseCoder
N_FIRST_EPOCHS = 20  # of the dictionary alone, to start from
RIDGE = 1e-4  # of the mean variance, where columns of the rows are equal or constant
TINY = 1e-12
# The eigenvalue is followed, not computed anew; a step that is a little short does no harm.
MARGIN = 1.05


class PredictiveSparseDecomposition(BaseSparseEncoder):
    r"""Sparse coding whose codes are easy to guess, with the encoder that guesses them.

    Dictionary D and encoder f take turns with the codes z of a batch, which are best for both:

    .. math:: & z(x) = \arg\min_z \; \tfrac12 \lvert x - z D \rvert^2 + \alpha \lvert z \rvert_1
        + \tfrac{w}2 \lvert z - f(x) \rvert^2, \\
        & f(x) = g \; \mathrm{shrink}(x W^\top + b, t), \qquad \lvert D_j \rvert = 1,

    with w the ``prediction_weight``. D and f minimize the mean of the same at z(x).

    ``transform`` is f, one product with a matrix. Rows are taken as they come: nothing is
    centered, and ``alpha`` is in the units of the data, as in ``SparseCoder``. Atoms start at those
    of a few epochs of ``SparseCoder``, the encoder at the best linear guess of their codes.

    Parameters
    ----------
    n_components : int or None, default=None
        Number of atoms; None takes ``n_features`` but at most 256.
    alpha : float, default=1.0
        Weight of the l1 norm, in the units of the data.
    prediction_weight : float, default=1.0
        Weight of the distance between codes and their prediction.
    code_activation : {"shrinkage", "tanh"}, default="shrinkage"
        The encoder: that of the formula, whose codes are sparse and much nearer to the exact ones;
        or g tanh(x W' + b), that of the paper.
    n_code_steps : int, default=20
        Accelerated proximal steps to the codes of a batch, from their prediction.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        The dictionary; atoms are rows, of unit length.
    %(shared_attributes)s

    See Also
    --------
    LISTA : Guesses the codes of a dictionary that is known, in some layers.
    SparseCoder : Exact codes, and the dictionary that is best for them.

    Notes
    -----
    ``exact_codes`` leaves the prediction out, and ``score`` is minus the objective of the guessed
    codes without it: comparable with the score of ``SparseCoder``.

    References
    ----------
    Kavukcuoglu, K., Ranzato, M. & LeCun, Y. (2008). Fast inference in sparse coding algorithms with
    applications to object recognition. Technical report, New York University (arXiv:1010.3467).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import PredictiveSparseDecomposition
    >>> X = load_digits().data[:500]
    >>> model = PredictiveSparseDecomposition(32, max_iter=20, random_state=0).fit(X)
    >>> model.transform(X).shape
    (500, 32)
    """

    _architecture = ("n_components", "alpha", "code_activation")
    n_components: int | None = param(COUNT, None, default=None, kw_only=False)
    alpha: float = param(NON_NEGATIVE, default=1.0)
    prediction_weight: float = param(POSITIVE, default=1.0)
    code_activation: str = param(one_of(*ENCODERS), default="shrinkage")
    n_code_steps: int = param(COUNT, default=20)
    learning_rate: float = param(default=5e-3)

    @property
    def _dictionary(self):
        return self.components_

    @property
    def _problem(self):
        return LassoProblem(float(self._at_fit("alpha")))

    def _inspect(self, X, columns):
        X, weight = columns.at_hand()
        check_squares(X)
        scale = root_mean_square(X)
        # In units in which rows have length sqrt(d), as the networks see them.
        rows = standardized(X, 0.0, scale, dtype=np.result_type(X.dtype, np.float32))
        coder = SparseCoder(
            self.n_components or min(X.shape[1], MOST_ATOMS),
            alpha=min(self.alpha / scale, LARGEST_ALPHA),
            max_iter=N_FIRST_EPOCHS,
            random_state=self.random_state,
        )
        with held(Warning):
            coder.fit(rows, sample_weight=weight)
            codes = coder.transform(rows)
        warn_of_no_codes(codes, X, self.alpha)
        self._start = coder.components_, *linear_guess(rows, codes, weight)
        return 0.0, scale

    def _build(self, n_features):
        D, *guess = (as_tensor(np.asarray(a, np.float32)) for a in self._start)
        encoder = ENCODERS[self.code_activation](*guess)
        return nn.ModuleDict({"encoder": encoder, "decoder": Dictionary(D)})

    def _stages(self, module):
        optimizer = adam(module.parameters(), self.learning_rate, weight_decay=self.weight_decay)
        encoder, decoder = module["encoder"], module["decoder"]
        alpha = torch.tensor(self._scaled_alpha(), dtype=torch.float32).to(decoder.D.device)
        weight, n_steps = self.prediction_weight, self.n_code_steps

        def energy(x, generator):
            guess = encoder(x)
            with torch.autocast(x.device.type, enabled=False):
                lipschitz = MARGIN * decoder.eigenvalue
                start = guess.detach().to(x)
                z = predicted_codes(x, start, decoder.D, alpha, weight, lipschitz, n_steps)
            error = (x - decoder(z)).square().sum(1) + weight * (z - guess).square().sum(1)
            return (0.5 * error + alpha * z.abs().sum(1)).mean() / x.shape[1]

        return [Stage([Phase("energy", energy, optimizer, after=decoder.settle)])]

    def _finish(self, X):
        atoms = self.module_["decoder"].D.numpy()
        self.components_ = atoms.astype(self._built_for["dtype"])

    @property
    def _n_features_out(self):
        return len(self.components_)

    def _encode(self, X):
        return self._guess(X)

    def _decode(self, Z):
        return (Z @ self.components_).astype(Z.dtype, copy=False)


def linear_guess(X, codes, weight):
    """Best linear prediction ``X W' + b`` of codes, (K, d) and (K,), and its sizes (K,)."""
    weight = np.ones(len(X)) if weight is None else weight / weight.mean()
    means = [np.average(a, axis=0, weights=weight) for a in (X, codes)]
    x, z = (np.asarray(a - mean, np.float64) for a, mean in zip((X, codes), means))
    gram = (x * weight[:, None]).T @ x
    gram.flat[:: len(gram) + 1] += RIDGE * max(np.trace(gram) / len(gram), TINY)
    W = np.linalg.solve(gram, (x * weight[:, None]).T @ z).T
    b = means[1] - W @ means[0]
    size = np.abs(X @ W.T + b).max(axis=0)
    return W, b, np.maximum(size, max(1e-3 * size.max(), TINY))
