"""LISTA: few layers that guess the lasso codes of a dictionary."""

import copy

import numpy as np
import torch
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted
from torch import nn

from skgen.autoencoder.sparse_encoder import BaseSparseEncoder, root_mean_square
from skgen.base.parameters import COUNT, one_of, param
from skgen.kernels.threads import RowWorkers
from skgen.nets.autoencoder.unrolled import WEIGHTS, UnrolledISTA
from skgen.sparse import SparseCoder
from skgen.sparse.coding import largest_eigenvalue, lasso_codes
from skgen.training import Phase, Stage, adam, as_tensor

LOSSES = "both", "codes", "lasso"
# Few numbers decide much, and are no matrix of small entries.
SCALARS_FASTER = 2.0
# Part of the epochs in which they learn alone: few rows suffice for them, and where these are few
# the matrices end better.
OF_SCALARS = 0.5


class LISTA(BaseSparseEncoder):
    r"""Learned ISTA: an encoder of few layers that guesses the lasso codes of a dictionary.

    A ``SparseCoder`` defines the exact code of a row, and each layer is a proximal step to it:

    .. math:: & a(x) = \arg\min_a \; \tfrac12 \lvert x - a D \rvert^2 + \alpha \lvert a \rvert_1, \\
        & y = z_k + b_k (z_k - z_{k-1}), \\
        & z_{k+1} = \mathrm{shrink}\bigl(y + s_k (x - y D) W_k^\top, s_k t_k\bigr).

    Before training all W_k are D, the steps s_k those of ISTA, t_k = alpha and b_k = 0: the codes
    are those of ``n_layers`` steps of ISTA from zero. Then W_k, s_k, t_k and b_k learn, by default
    from the exact codes of the rows and the objective together,

    .. math:: \frac1{nd} \sum_i \lvert z(x_i) - a(x_i) \rvert^2
        + \tfrac12 \lvert x_i - z(x_i) D \rvert^2 + \alpha \lvert z(x_i) \rvert_1,

    for d features, in units of the root mean square of X. Rows are taken as the coder takes them:
    nothing is centered.

    Parameters
    ----------
    estimator : SparseCoder or None, default=None
        Defines the codes; fitted to X in ``fit``, unless ``prefit``. None takes ``SparseCoder()``.
    prefit : bool, default=False
        Whether ``estimator`` is fitted, or has a ``dictionary``, and is used as it is. It is copied
        and left alone.
    n_layers : int, default=3
        Steps, each of which costs about two products of a row with the dictionary.
    weights : {"coupled", "free", "steps"}, default="coupled"
        What a layer learns: "coupled", what is said above (Chen et al. 2018); "free", a matrix S_k
        in place of D W_k', too (Gregor & LeCun 2010), which needs more rows; "steps", s_k
        and b_k alone with W_k = D and t_k = alpha, which few rows suffice for (Ablin et al. 2019).
    tied_weights : bool, default=False
        Whether all layers share W, t, s, and S; each has its own b.
    loss : {"both", "codes", "lasso"}, default="both"
        What is minimized: both terms above, the distance to the exact codes, or the objective.
    %(shared_parameters)s

    Attributes
    ----------
    estimator_ : SparseCoder
        The fitted coder: ``estimator_.components_`` is the dictionary.
    %(shared_attributes)s

    Raises
    ------
    TypeError
        ``estimator`` is no SparseCoder.
    NotFittedError
        With ``prefit=True``, if it is not fitted.
    ValueError
        It has ``transform_algorithm="omp"``, or X or another parameter is not as described.

    See Also
    --------
    PredictiveSparseDecomposition : Learns the dictionary together with an encoder of one layer.

    Notes
    -----
    ``transform`` has the columns of ``estimator_.transform``, so that ``split_sign`` counts.
    ``score`` is minus the objective of the guessed codes, comparable with that of the coder.

    ``clone``, and so every search, takes the fit from a nested estimator. What survives it is a
    coder that was given its atoms: ``SparseCoder(dictionary=coder.components_, alpha=...)``.

    ``partial_fit`` fits the coder to the rows of its first call; later calls train the encoder.

    References
    ----------
    Gregor, K. & LeCun, Y. (2010). Learning fast approximations of sparse coding. ICML.

    Chen, X., Liu, J., Wang, Z. & Yin, W. (2018). Theoretical linear convergence of unfolded ISTA
    and its practical weights and thresholds. NeurIPS.

    Ablin, P., Moreau, T., Massias, M. & Gramfort, A. (2019). Learning step sizes for unfolded
    sparse coding. NeurIPS.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import LISTA, SparseCoder
    >>> X = load_digits().data / 4
    >>> coder = SparseCoder(32, max_iter=10, tol=0, random_state=0).fit(X)
    >>> few_steps = SparseCoder(
    ...     dictionary=coder.components_, algorithm="fista", code_max_iter=3
    ... )
    >>> model = LISTA(coder, prefit=True, max_iter=10, random_state=0).fit(X[:1000])
    >>> exact, guess = coder.transform(X[1000:]), model.transform(X[1000:])
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     fista = few_steps.transform(X[1000:])
    >>> bool(((guess - exact) ** 2).mean() < ((fista - exact) ** 2).mean() / 2)
    True
    """

    _architecture = ("estimator", "prefit", "n_layers", "weights", "tied_weights")
    estimator: object = param(default=None, kw_only=False)
    prefit: bool = param("boolean", default=False)
    n_layers: int = param(COUNT, default=3)
    weights: str = param(one_of(*WEIGHTS), default="coupled")
    tied_weights: bool = param("boolean", default=False)
    loss: str = param(one_of(*LOSSES), default="both")
    learning_rate: float = param(default=5e-3)

    @property
    def _dictionary(self):
        return self._atoms

    @property
    def _problem(self):
        return self._lasso

    def _inspect(self, X, columns):
        X, weight = columns.at_hand()
        coder = SparseCoder() if self.estimator is None else self.estimator
        check_coder(coder)
        if self.prefit:
            check_is_fitted(coder)
            coder = copy.deepcopy(coder)
            X = coder._validate(X)
        else:
            coder = clone(coder)
            if coder.random_state is None:
                coder.set_params(random_state=self.random_state)
            coder.fit(X, sample_weight=weight)
        self.estimator_ = coder
        self._atoms, self._lasso = coder._model(X[:1])
        return 0.0, root_mean_square(X)

    def _build(self, n_features):
        D = torch.from_numpy(np.asarray(self._atoms, dtype=np.float32))
        encoder = UnrolledISTA(
            D,
            self._scaled_alpha(),
            largest_eigenvalue(self._atoms),
            self.n_layers,
            weights=self.weights,
            tied=self.tied_weights,
            positive=self._lasso.positive,
        )
        return nn.ModuleDict({"encoder": encoder})

    def _stages(self, module):
        encoder, d = module["encoder"], self._built_for["n_features"]
        of_codes, of_lasso = self.loss != "lasso", self.loss != "codes"

        def distance(rows, generator):
            x, exact = rows[:, :d], rows[:, d:]
            z, loss = encoder(x), 0.0
            if of_codes:
                loss = (z - exact).square().sum(1).mean()
            if of_lasso:
                error = 0.5 * (x - z @ encoder.D).square().sum(1) + encoder.alpha * z.abs().sum(1)
                loss = loss + error.mean()
            return loss / d

        def stage(groups, fraction):
            optimizer = adam(groups, self.learning_rate, weight_decay=self.weight_decay)
            phases = [Phase("distance", distance, optimizer)]
            return Stage(phases, inputs=self._with_codes, fraction=fraction)

        scalars = {"params": encoder.scalars(), "lr": SCALARS_FASTER * self.learning_rate}
        if not encoder.matrices():
            return [stage([scalars], 1.0)]
        everything = [scalars, {"params": encoder.matrices()}]
        return [stage([scalars], OF_SCALARS), stage(everything, 1 - OF_SCALARS)]

    def _with_codes(self, rows):
        """Rows with their exact codes behind them, in the units of the networks."""
        X = rows.cpu().numpy()
        problem = self._lasso._replace(alpha=self._scaled_alpha())
        with RowWorkers() as workers:
            codes, _ = lasso_codes(X, self._atoms, problem, workers)
        return torch.cat([rows, as_tensor(codes).to(rows)], 1)

    @property
    def _n_features_out(self):
        return self.estimator_._n_features_out

    def _encode(self, X):
        codes = self._guess(X)
        if self.estimator_.split_sign:
            return np.hstack([np.maximum(codes, 0), np.maximum(-codes, 0)])
        return codes

    def _decode(self, Z):
        return self.estimator_._decode(Z)


def check_coder(coder):
    """Refuse what does not define lasso codes."""
    if not isinstance(coder, SparseCoder):
        raise TypeError(
            f"estimator={coder!r} defines no lasso codes; use a SparseCoder, or None for its "
            "defaults."
        )
    if coder.transform_algorithm != "lasso":
        raise ValueError(
            f"estimator={coder!r} has transform_algorithm={coder.transform_algorithm!r}, but "
            'shrinkage steps lead to lasso codes; use transform_algorithm="lasso".'
        )
