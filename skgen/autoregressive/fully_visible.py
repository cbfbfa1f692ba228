"""Fully visible belief network: a table's columns, each given any others."""

import math

import numpy as np
import torch
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skgen.autoregressive.architectures import (
    ARCHITECTURES,
    check_ordering,
    check_whole,
    orders_of,
    takes_any_given,
)
from skgen.autoregressive.categories import CategoryCodes
from skgen.autoregressive.column_conditional import ColumnConditional
from skgen.autoregressive.linear_start import factor_model
from skgen.autoregressive.table import NAMES, learn_table, looked_at, placed
from skgen.base.mixins import FeatureMixin, ImputeMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import AUTO, COUNT, LAYERS, one_of, param
from skgen.base.run import Settings
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.nets import ACTIVATIONS
from skgen.nets.autoregressive import walk
from skgen.nets.averaging import AveragedNet
from skgen.training import Phase, Stage, adam, inference_device, torch_generator

MOST_EPOCHS, MOST_UPDATES = 400, 12_000
# The average of the weights looks back about 1 / (1 - DECAY) updates.
DECAY = 0.998
N_VALUES = 2**22  # of one intermediate array


class FullyVisibleBeliefNetwork(
    FeatureMixin,
    ScoreMixin,
    SampleMixin,
    ImputeMixin,
    TrainingParameters,
    TorchEstimator,
):
    r"""Density of a table with real, integer, binary and categorical columns and holes.

    The chain rule, with one network for all conditionals in whatever order, and the mean over
    random orders that training maximizes (Uria, Murray & Larochelle 2014):

    .. math:: & \log p(x) = \sum_t \log p(x_{o(t)} \mid x_{o(1)}, \ldots, x_{o(t-1)}), \\
        & E_o \log p_o(x) = E_G \; \frac{d}{d - |G|} \sum_{i \notin G} \log p(x_i \mid x_G).

    A factor analysis gives the network a first mean and variance of each numeric column given
    any others; what it adds are mixtures of logistic distributions around them, Bernoulli
    and categorical distributions. A missing value is neither given nor asked for, in training as
    in every verb. Without hidden values all probabilities are exact.

    Parameters
    ----------
    categorical_features : "from_dtype", None or array-like, default="from_dtype"
        Categorical columns: a mask, numbers, or names of a frame's columns. "from_dtype" takes
        those with strings, booleans or a categorical type.
    grid_features : "auto", None or array-like of bool of shape (n_features,), default="auto"
        Numeric columns whose values are discrete and have probabilities: those on an evenly
        spaced grid, such as integers or prices in cents, and those with two values. A mask says
        where to look for one; None takes all numeric columns for continuous. Beside other numbers
        the rarer of two values must make up a twentieth of the rows, since it may not be the last.
        A value off its grid, written more finely than those of the fit, is scored as the nearest.
    handle_unknown : {"error", "ignore"}, default="error"
        What to do with categories that no row of the fit had: refuse them, or take them for
        missing.
    architecture : {"orderless", "nade", "made"}, default="orderless"
        The network. "orderless" takes any columns for given. "nade" (Larochelle & Murray 2011)
        adds each column to one hidden state, and "made" (Germain et al. 2015) is a perceptron with
        masks: both give all conditionals of an order in one pass, of whole rows alone, without
        ``impute``, ``sample_conditional`` and ``conditional``.
    ordering : {"random", "fixed"}, default="random"
        "random" mixes ``n_orders`` random orders; "nade" is trained in fresh ones, "made" in
        those that are mixed. "fixed" takes the order of the columns, with "nade" and "made".
    hidden_layer_sizes : tuple of int, default=(256, 256)
        Widths of the hidden layers.
    activation : str, default="silu"
        Of the hidden layers: "identity", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh" or
        "sigmoid".
    n_mixture_components : int, default=8
        Logistic distributions in the mixture of a numeric column.
    n_orders : int, default=16
        Random orders of the columns; ``score_samples`` and ``sample`` are exact for their mixture.
    early_stopping : bool, default=True
        Whether to hold out rows, stop when their loss no longer falls, and keep the best weights.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes 400, or as many as make 12 000 updates if these are fewer.
    %(shared_parameters)s

    Attributes
    ----------
    column_kinds_ : list of str
        "continuous", "grid", "binary" or "categorical" for each column.
    categories_ : dict
        The categories of each categorical column, by column number.
    orders_ : ndarray of shape (n_orders, n_features)
        The orders that are mixed: column numbers.
    likelihood_kind_ : str
        "exact": ``score_samples`` is the log-probability of each row, in nats.
    measure_ : {"counting", "lebesgue", "mixed"}
        What the scores are relative to: "counting" where all columns are discrete, "lebesgue"
        where all are continuous.
    %(shared_attributes)s

    See Also
    --------
    FactorAnalysis : The linear-Gaussian model that the network starts from.
    VAE : A density with a code for each row.

    Notes
    -----
    The density of a row with missing values is that of its observed part. ``impute`` gives the
    mean of a missing number, the probability of a missing bit and the most probable category,
    each given all that is observed in its row.

    The weights that all verbs use, and by which early stopping judges, are a moving average over
    some 500 updates (Polyak & Juditsky 1992): it is free of the noise of single mini-batches.

    References
    ----------
    Germain, M., Gregor, K., Murray, I. & Larochelle, H. (2015). MADE: masked autoencoder for
    distribution estimation. ICML.

    Larochelle, H. & Murray, I. (2011). The neural autoregressive distribution estimator. AISTATS.

    Polyak, B. & Juditsky, A. (1992). Acceleration of stochastic approximation by averaging. SIAM
    Journal on Control and Optimization.

    Uria, B., Murray, I. & Larochelle, H. (2013). RNADE: the real-valued neural autoregressive
    density-estimator. NeurIPS.

    Uria, B., Murray, I. & Larochelle, H. (2014). A deep and tractable density estimator. ICML.

    Salimans, T., Karpathy, A., Chen, X. & Kingma, D. (2017). PixelCNN++: improving the PixelCNN
    with discretized logistic mixture likelihood and other modifications. ICLR.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import FullyVisibleBeliefNetwork
    >>> rng = np.random.default_rng(0)
    >>> height = rng.normal(170, 10, 300)
    >>> X = np.column_stack([height, 0.5 * height + rng.normal(0, 2, 300), height > 175])
    >>> model = FullyVisibleBeliefNetwork(max_iter=20, random_state=0).fit(X)
    >>> model.column_kinds_
    ['continuous', 'continuous', 'binary']
    >>> filled = model.impute([[180.0, np.nan, 1.0]])
    >>> bool(abs(filled[0, 1] - 90) < 3)
    True
    """

    likelihood_kind_ = "exact"
    _has_impossible_rows = True
    measure_ = property(lambda self: self._table.measure)
    _fills_holes = property(lambda self: takes_any_given(self._architecture_of_fit))
    # As the fit was, and as the next one will be; what each takes is checked with its rows.
    _accepts_nan = property(lambda self: self._fills_holes or takes_any_given(self.architecture))
    _architecture = (
        "architecture",
        "ordering",
        "categorical_features",
        "grid_features",
        "hidden_layer_sizes",
        "activation",
        "n_mixture_components",
    )
    _n_fitted = 1
    categorical_features: object = param(
        one_of("from_dtype"), "array-like", None, default="from_dtype"
    )
    grid_features: object = param(AUTO, "array-like", None, default="auto")
    handle_unknown: str = param(one_of("error", "ignore"), default="error")
    architecture: str = param(one_of(*ARCHITECTURES), default="orderless")
    ordering: str = param(one_of("random", "fixed"), default="random")
    hidden_layer_sizes: tuple = param(LAYERS, default=(256, 256))
    activation: str = param(one_of(*ACTIVATIONS), default="silu")
    n_mixture_components: int = param(COUNT, default=8)
    n_orders: int = param(COUNT, default=16)
    early_stopping: bool = param(default=True)
    n_iter_no_change: int = param(default=100)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
    weight_decay: float = param(default=1e-3)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = True
        return tags

    def _as_numbers(self, X, reset):
        if reset:
            self._codes = CategoryCodes(X, self.categorical_features)
            self._fitted_container = container_of(X)
            check_ordering(self.architecture, self.ordering)
        rows = self._codes.codes(X, self.handle_unknown)
        check_whole(rows, self.architecture if reset else self._architecture_of_fit)
        return rows

    def _meet(self, blocks):
        self._codes.add(blocks)

    def _as_values(self, rows):
        return self._codes.values(rows)

    def _inspect(self, X, columns):
        self._n_fitted = len(X)
        X, weight = looked_at(X, columns.weight)
        self._table = learn_table(X, self.categories_, self.grid_features)
        center, scale = self._table.center, self._table.scale
        rows = (X - center) / scale
        layout = self._table.layout()
        self._linear = factor_model(rows[:, layout.numbers].astype(np.float64), weight)
        self._first_bits = [log_odds(rows[:, j]) for j in layout.bits]
        self._first_categories = [
            log_frequencies(rows[:, j], size) for j, size in zip(layout.categories, layout.sizes)
        ]
        return center, scale

    @property
    def _n_updates(self):
        """Updates that max_iter="auto" stands for."""
        batch_size = Settings(self.batch_size).rows_an_update(self._n_fitted)
        return min(MOST_UPDATES, MOST_EPOCHS * math.ceil(self._n_fitted / batch_size))

    def _build(self, n_features):
        net = ARCHITECTURES[self.architecture].net(
            self._table.layout(),
            tuple(self.hidden_layer_sizes),
            self.activation,
            self.n_mixture_components,
            self._linear,
            self._first_bits,
            self._first_categories,
        )
        return AveragedNet(net)

    def _stages(self, module):
        net, averaged_net = module.net, module.averaged_net
        groups = [{"params": list(net.parameters()), "weight_decay": self.weight_decay}]
        d = self._built_for["n_features"]
        orders = torch.as_tensor(orders_of(d, self.n_orders, self.ordering))
        orders = orders.to(next(net.parameters()).device)
        architecture = ARCHITECTURES[self.architecture]
        phase = Phase(
            "negative_log_likelihood",
            architecture.training_loss(net, orders, self.ordering == "random"),
            adam(groups, self.learning_rate),
            after=module.averager(DECAY),
        )
        return [Stage([phase], monitor=architecture.validation_loss(averaged_net, orders))]

    def _finish(self, X):
        d = self._built_for["n_features"]
        self.orders_ = orders_of(d, self._at_fit("n_orders"), self._at_fit("ordering"))

    @property
    def _architecture_of_fit(self):
        """Name of the fitted network, or of the one to fit."""
        fitted = vars(self).get("_built_for")
        return fitted["params"]["architecture"] if fitted else self.architecture

    @property
    def _network(self):
        """How the network of the fit is used."""
        return ARCHITECTURES[self._architecture_of_fit]

    @property
    def column_kinds_(self):
        """Kind of each column."""
        return [NAMES[kind] for kind in self._table.kinds]

    @property
    def categories_(self):
        """Categories by column number."""
        return self._codes.categories

    @property
    def _n_features_out(self):
        return self.module_.averaged_net.head.in_features

    def _apply(self, function, X, **how):
        """``function(net, rows)`` of the averaged network over blocks of rows."""
        return super()._apply(lambda module, x: function(module.averaged_net, x), X, **how)

    def _encode(self, X):
        orders = torch.as_tensor(self.orders_)
        hidden = self._network.hidden
        return self._apply(lambda net, x: hidden(net, x, orders), self._standardize(X))

    def _score_rows(self, X):
        X, possible = placed(X, self._table)
        orders, log_probability = torch.as_tensor(self.orders_), self._network.log_probability
        scores = self._apply(
            lambda net, x: log_probability(net, x, orders),
            self._standardize(np.where(possible, X, np.nan)),
            block=self._block(X, len(orders)),
        )
        # Densities of standardized columns, in units of X.
        real = self._table.kinds == "real"
        scores -= ~np.isnan(X[:, real]) @ np.log(self._scale[real])
        return np.where(possible.all(axis=1), scores, -np.inf)

    def _block(self, X, n_copies):
        """Rows at once, of which there are so many copies."""
        widest = max(X.shape[1], *self._at_fit("hidden_layer_sizes"))
        return max(1, N_VALUES // (widest * n_copies))

    def _sample(self, n_samples, rng):
        empty = np.full((n_samples, self.n_features_in_), np.nan, dtype=self._built_for["dtype"])
        return self._draw_missing(empty, rng.randint(len(self.orders_), size=n_samples), rng)

    def _sample_conditional(self, X, n_draws, rng):
        rows = np.tile(X, (n_draws, 1))
        numbers = rng.randint(len(self.orders_), size=len(rows))
        return self._draw_missing(rows, numbers, rng).reshape(n_draws, *X.shape)

    def _draw_missing(self, X, numbers, rng):
        """Rows with what is NaN drawn, each in the order of its number."""
        generator = torch_generator(rng, inference_device(self.device))
        filled, rows = np.array(X), self._standardize(X).astype(np.float32)
        draw_missing = self._network.draw_missing
        for number in np.unique(numbers):
            own = np.flatnonzero(numbers == number)
            order = torch.as_tensor(self.orders_[number])
            draws = self._apply(
                lambda net, x, order=order: draw_missing(net, x, order, generator), rows[own]
            )
            filled[own] = self._table.snapped(self._unstandardize(draws, X.dtype))
        # What was observed keeps its digits.
        return np.where(np.isnan(X), filled, X)

    def _impute(self, X):
        filled = self._apply(walk.conditional_means, self._standardize(X))
        return np.where(np.isnan(X), self._unstandardize(filled), X)

    @available_if(lambda self: self._fills_holes)
    def conditional(self, X, column):
        """Distribution of one column given the rest of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data; what the column holds has no part in the result, and NaN elsewhere is not given.
        column : int or str
            Number of the column, or its name in a frame.

        Returns
        -------
        conditional : ColumnConditional
            With ``mean`` and ``quantile`` of a number, or ``classes`` and ``probabilities``.
        """
        check_is_fitted(self)
        number = column_number(column, self)
        rows = np.array(self._validate(X))
        rows[:, number] = np.nan

        def parameters(net, x):
            parts = net.features(torch.nan_to_num(x), ~torch.isnan(x))
            _, _, found = net.column(*parts, number)
            return torch.cat(found).T if isinstance(found, tuple) else found

        found = self._apply(parameters, self._standardize(rows)).astype(np.float64)
        return ColumnConditional.of(found, self._table, number, self.categories_.get(number))


def container_of(X):
    """Which frames verbs give back: of the library of X, or arrays."""
    if hasattr(X, "iloc"):
        return "pandas"
    return "polars" if hasattr(X, "columns") and hasattr(X, "dtypes") else "default"


def column_number(column, estimator):
    """Number of a column by its number or name."""
    d = estimator.n_features_in_
    names = list(getattr(estimator, "feature_names_in_", ()))
    if isinstance(column, str) and column in names:
        return names.index(column)
    if isinstance(column, (int, np.integer)) and -d <= column < d:
        return int(column) % d
    raise ValueError(
        f"column={column!r} is none of the {d} columns; give a number below {d}"
        + (f" or one of {names}." if names else ".")
    )


def log_odds(bits):
    """Log-odds of the ones among bits, which may be NaN."""
    n, ones = np.sum(~np.isnan(bits)), np.nansum(bits)
    return float(np.log((ones + 0.5) / (n - ones + 0.5)))


def log_frequencies(codes, size):
    """Log-frequencies of categories by their numbers, which may be NaN."""
    counts = np.bincount(codes[~np.isnan(codes)].astype(int), minlength=size)
    return np.log((counts + 0.5) / (counts.sum() + 0.5 * size))
