"""Deep autoencoder whose layers are trained one by one before all of them together."""

from torch import nn

from skgen.autoencoder.base import BaseReconstruction, PlainReconstructionMixin, inspect_rows
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.data_range import looks_binary
from skgen.base.parameters import AUTO, COUNT, LAYERS, one_of, param
from skgen.base.run import Settings
from skgen.pretraining.shallow import SHALLOW, random_networks, train_layers, unroll
from skgen.training import own_draws


class StackedAE(PlainReconstructionMixin, CodeMixtureMixin, BaseReconstruction):
    """Deep autoencoder, trained layer by layer and then end to end.

    Parameters
    ----------
    %(shared_parameters)s

    Attributes
    ----------
    layers_ : list of estimators
        The shallow models, the lowest first, as they were before fine-tuning; empty without
        pre-training.
    %(shared_attributes)s
    """

    n_components: int = param(COUNT, default=16, kw_only=False)
    hidden_layer_sizes: tuple = param(LAYERS, default=(128, 64))
    pretraining: str | None = param(one_of(*SHALLOW), None, default="denoising")
    n_pretraining_iter: int | str = param(COUNT, AUTO, default="auto")
    learning_rate: float = param(default=5e-3)
    code_activation: str = param(one_of("identity", "sigmoid"), default="identity")

    _architecture = (
        "n_components",
        "hidden_layer_sizes",
        "pretraining",
        "code_activation",
        "loss",
        "scale_columns",
        "tied_weights",
    )

    @property
    def partial_fit(self):
        """Absent: pre-training wants all rows at once."""
        raise AttributeError("StackedAE has no partial_fit; use warm_start=True.")

    def _inspect(self, X, columns):
        center, scale = inspect_rows(self, columns)
        self._has_bits = self.loss_ == "cross_entropy" or looks_binary(columns)
        if self._has_bits:
            center, scale = 0.0, 1.0
        with own_draws():
            self.layers_ = train_layers(self._shallow_models(X.shape[0]), X, columns.weight)
        return center, scale

    def _shallow_models(self, n_samples):
        """The unfitted models of the layers, the lowest first."""
        if self.pretraining is None:
            return []
        n_rows = Settings(self.batch_size).rows_an_update(n_samples)
        make, models = SHALLOW[self.pretraining], []
        for number, size in enumerate((*self.hidden_layer_sizes, self.n_components)):
            is_code = number == len(self.hidden_layer_sizes)
            of_bits = number > 0 or self._has_bits
            models.append(make(
                size,
                self.code_activation if is_code else "sigmoid",
                loss="cross_entropy" if of_bits else "squared_error",
                scale_columns=self.scale_columns,
                tied_weights=self.tied_weights,
                max_iter=self.n_pretraining_iter,
                random_state=self.random_state,
                device=self.device,
                precision=self.precision,
                batch_size=n_rows,
                compile=self.compile,
            ))
        return models

    def _build(self, n_features):
        sizes = (n_features, *self.hidden_layer_sizes, self.n_components)
        encoder, decoder = random_networks(sizes, self.code_activation, self.tied_weights)
        if self.layers_:
            unroll(self.layers_, self._scale, encoder, decoder)
        if self._has_bits and self.loss_ == "squared_error":
            decoder = nn.Sequential(*(decoder[:-1] if not self.tied_weights else [decoder]), nn.Sigmoid())
        return nn.ModuleDict({"encoder": encoder, "decoder": decoder})
