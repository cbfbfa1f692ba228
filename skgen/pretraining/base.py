"""Networks that start at the weights of an unsupervised model, whatever they are to predict."""

import copy
from abc import abstractmethod
from numbers import Real

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skgen.autoencoder import Autoencoder
from skgen.base.data_range import widened_range
from skgen.base.parameters import AUTO, COUNT, NATURAL, param
from skgen.base.results.finite import finite
from skgen.base.results.layers import LayerMixin
from skgen.base.sklearn_compat import Interval
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.nets.layers import activations
from skgen.nets.mlp import mlp
from skgen.pretraining.network import initialize_randomly, layers_of, tuned_network
from skgen.training import Phase, Stage, adam

# Units of each hidden layer of a network that starts at no model.
LEAST_WIDTH, LARGEST_WIDTH = 128, 512
DROPPED = Interval(Real, 0, 1, closed="left")
DECAY = Interval(Real, 0, 1, closed="right")
# Of models saved before there were these parameters.
ADDED = {"prefit": False, "freeze": False, "layer_decay": 1.0, "layer": -1}


class BaseFineTuned(LayerMixin, TrainingParameters, TorchEstimator):
    """The encoder of an unsupervised model and a layer of outputs, trained by backpropagation.

    A subclass says what the outputs are: ``_targets``, ``_n_outputs`` and ``_losses``.

    Parameters
    ----------
    estimator : estimator or None, default=None
        Model with an encoder: BernoulliRBM, GaussianBernoulliRBM, DeepBeliefNetwork,
        DeepBoltzmannMachine, Autoencoder, SparseAE, ContractiveAE, DenoisingAE or StackedAE. A
        copy of it is fitted to all rows, without targets. None starts a network of two layers of
        rectified linear units at random: 128 in each or, of many features, two thirds as many, and
        at most 512.
    pretrain : bool, default=True
        Whether the estimator is fitted first. False starts the same network at random, which
        shows what the unlabeled rows are worth.
    prefit : bool, default=False
        Whether ``estimator`` is fitted already, perhaps to other data with the same features. It
        is taken as it is, in its own units, and left alone; a clone of this estimator shares it.
    freeze : int or bool, default=False
        How many layers, from the lowest, stay as pre-trained; True keeps the whole encoder.
    layer_decay : float, default=1.0
        Factor of the learning rate from each layer to the one below: less than 1 moves the lower
        layers, which are of use for many tasks, more slowly than the outputs.
    dropout : float, default=0.0
        Fraction of the units of each hidden layer that an update leaves out. The others are
        scaled up for it, so that the weights of ``estimator`` fit as they are.
    input_dropout : float, default=0.0
        The same of the features.
    learning_rate : float, default=3e-3
        Initial learning rate of Adam, at the outputs.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as 3000 updates need, and more for many targets.

    Attributes
    ----------
    estimator_ : estimator or None
        The unsupervised model, before fine-tuning.
    """

    _architecture = ("estimator", "pretrain", "prefit", "dropout", "input_dropout")
    estimator: object = param(default=None, kw_only=False)
    pretrain: bool = param("boolean", default=True)
    prefit: bool = param("boolean", default=False)
    freeze: int | bool = param("boolean", NATURAL, default=False)
    layer_decay: float = param(DECAY, default=1.0)
    dropout: float = param(DROPPED, default=0.0)
    input_dropout: float = param(DROPPED, default=0.0)
    learning_rate: float = param(default=3e-3)
    max_iter: int | str = param(COUNT, AUTO, default="auto")

    # Set by ``_targets``.
    _n_seen = 0

    @property
    @abstractmethod
    def _n_outputs(self):
        """Outputs of the network."""

    @abstractmethod
    def _losses(self, module, n_features):
        """Name, ``loss(rows, generator)`` and that of validation rows, or None if it is the same.

        The rows have the targets behind their features.
        """

    @property
    def _n_updates(self):
        return max(3000, 30 * self._n_seen // 128)

    def __sklearn_clone__(self):
        twin = super().__sklearn_clone__()
        # A clone of a fitted model would be an unfitted one.
        return twin.set_params(estimator=self.estimator) if self.prefit else twin

    @property
    def partial_fit(self):
        """Absent: pre-training wants all rows at once."""
        name = type(self).__name__
        raise AttributeError(f"{name} has no partial_fit; use warm_start=True.")

    def _inspect(self, X, columns):
        if self.estimator is None:
            return self._inspect_alone(X, columns)
        if not hasattr(self.estimator, "_encoder_module"):
            raise TypeError(
                f"estimator={self.estimator!r} has no encoder to fine-tune; "
                "use a Boltzmann machine, a DeepBeliefNetwork, or a deterministic autoencoder."
            )
        model = self._fitted_before(columns) if self.prefit else self._fitted_first(X, columns)
        self.estimator_ = model
        self._of_bits, self._value_range = model._of_bits, model._value_range
        if self.prefit and self._value_range is not None:
            self._value_range = widened_range(columns, self._value_range, *self._of_bits)
        return model._center, model._scale

    def _inspect_alone(self, X, columns):
        """Center and scale of the features where no model has been asked for them."""
        if self.prefit:
            raise ValueError(
                "prefit=True, but estimator=None; give a fitted model, or use prefit=False."
            )
        self.estimator_, like = None, Autoencoder()
        center, scale = like._inspect(X, columns)
        self._of_bits, self._value_range = like._of_bits, like._value_range
        return center, scale

    def _fitted_before(self, columns):
        """A copy of a model that was fitted by somebody else."""
        if not self.pretrain:
            raise ValueError(
                "prefit=True starts at the weights of the estimator, pretrain=False at random "
                "ones; use one of them."
            )
        try:
            check_is_fitted(self.estimator)
        except NotFittedError as error:
            raise NotFittedError(
                f"prefit=True, but estimator={self.estimator!r} is not fitted; call its fit, or "
                "use prefit=False."
            ) from error
        if columns.n_features != self.estimator.n_features_in_:
            raise ValueError(
                f"X has {columns.n_features} features, but the estimator was fitted to "
                f"{self.estimator.n_features_in_}; give the same features, or use prefit=False."
            )
        return copy.deepcopy(self.estimator)

    def _fitted_first(self, X, columns):
        """A copy that learns from the rows, or that knows their scales alone."""
        if self.estimator.get_params(deep=False).get("use_labels"):
            raise ValueError(
                f"estimator={self.estimator!r} has use_labels=True, but it is fitted without "
                "labels; use use_labels=False."
            )
        model = clone(self.estimator)
        if model.random_state is None:
            model.set_params(random_state=self.random_state)
        if self.pretrain:
            how = {} if columns.weight is None else {"sample_weight": columns.weight}
            return model.fit(X, **how)
        model._initial_module(columns)
        return model

    def _build(self, n_features):
        model = self.estimator_
        if model is None:
            width = min(max(LEAST_WIDTH, 2 * n_features // 3), LARGEST_WIDTH)
            encoder = mlp((n_features, width, width), final="relu")
        elif self.pretrain:
            encoder = model._encoder_module(model.module_)
        else:
            encoder = model._encoder_module(model._build(n_features))
            initialize_randomly(encoder)
        network = tuned_network(
            encoder,
            n_features,
            self._n_outputs,
            input_dropout=self.input_dropout,
            dropout=self.dropout,
        )
        return network.requires_grad_(True)

    def _stages(self, module):
        *encoder, outputs = layers_of(module)
        n_frozen = self._n_frozen(len(encoder))
        frozen, moving = encoder[:n_frozen], [*encoder[n_frozen:], outputs]
        for layer in frozen:
            layer.requires_grad_(False)
        groups = [
            {"params": list(layer.parameters()), "lr": self.learning_rate * self.layer_decay**depth}
            for depth, layer in enumerate(reversed(moving))
        ]
        optimizer = adam(groups, self.learning_rate, weight_decay=self.weight_decay)
        name, loss, monitor = self._losses(module, self._built_for["n_features"])

        def loss_of_the_rest(rows, generator):
            # Statistics of batches would change what is kept.
            for layer in frozen:
                layer.eval()
            return loss(rows, generator)

        phase = Phase(name, loss_of_the_rest if frozen else loss, optimizer)
        return [Stage([phase], monitor=monitor)]

    def _activations(self, module, x):
        return activations(module[0], x)

    def _n_frozen(self, n_layers):
        """Layers that stay as they are, of those of the encoder."""
        if isinstance(self.freeze, bool | np.bool_):
            return n_layers if self.freeze else 0
        if self.freeze > n_layers:
            raise ValueError(
                f"freeze={self.freeze}, but the encoder has {n_layers} layers; freeze at most as "
                "many, or all of them by freeze=True."
            )
        return self.freeze

    def _outputs(self, X, function=None):
        """What the network makes of rows, or a function of it, float32 on the way."""
        check_is_fitted(self)

        def outputs(net, x):
            return net(x) if function is None else function(net(x))

        def of_rows(X):
            return self._apply(outputs, self._standardize(X))

        return finite(of_rows, self._validate(X))
