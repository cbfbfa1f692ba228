"""Features of any hidden layer of a deep model, or of all of them side by side."""

from abc import abstractmethod
from numbers import Integral

import torch

from skgen.base.mixins import FeatureMixin, LatentMixin
from skgen.base.parameters import Parameters, one_of, param
from skgen.base.sklearn_compat import Interval
from skgen.base.wording import counted

ALL = "all"


class LayerMixin(FeatureMixin, Parameters):
    """``transform`` gives the units of the layer that is asked for, from ``_activations``.

    Parameters
    ----------
    layer : int or "all", default=-1
        Layer whose units ``transform`` gives: 0 is the lowest hidden one, -1 the last; "all" puts
        the layers side by side, the lowest first. May be changed after ``fit``.
    """

    layer: int | str = param(
        Interval(Integral, None, None, closed="neither"), one_of(ALL), default=-1
    )

    _former_defaults = {"layer": -1}

    @abstractmethod
    def _activations(self, module, x):
        """Units of each layer given rows x as the networks see them, the lowest first."""

    def _encode(self, X):
        return self._encode_rows(self._standardize(X))

    def _encode_rows(self, rows):
        """Units of the chosen layer for rows as the networks see them."""

        def chosen(module, x):
            return self._chosen(self._activations(module, x))

        return self._apply(chosen, rows)

    def _codes(self, X):
        """Units of the last layer, whichever ``transform`` gives."""
        return self._apply(lambda m, x: self._activations(m, x)[-1], self._standardize(X))

    @property
    def _n_features_out(self):
        return self._chosen(self._activations_of_zeros(self.module_)).shape[1]

    def _built(self, module):
        # These every model has.
        if self.layer not in (0, -1, ALL):
            self._chosen(self._activations_of_zeros(module.eval()))
            module.train()

    @torch.no_grad()
    def _activations_of_zeros(self, module):
        """Units of each layer for a row of zeros."""
        n_features = self._built_for["n_features"]
        return self._activations(module, torch.zeros(1, n_features, dtype=torch.float32))

    def _chosen(self, layers):
        """Of the tensors of all layers what ``layer`` asks for."""
        if self.layer == ALL:
            return torch.cat(layers, 1)
        n_layers = len(layers)
        if not -n_layers <= self.layer < n_layers:
            raise ValueError(
                f"layer={self.layer}, but {type(self).__name__} has "
                f"{counted(n_layers, 'layer')}; use a number from {-n_layers} to "
                f'{n_layers - 1}, or "all".'
            )
        return layers[self.layer]


class LayerLatentMixin(LayerMixin, LatentMixin):
    """``inverse_transform`` takes what ``transform`` gives, from ``_decode_layer``.

    Rows are rebuilt from the units of the layer; of those of all layers by the last.
    """

    @abstractmethod
    def _decode_layer(self, Z, number, *given):
        """Rows given units of a layer, whose number is -1 for the last, -2 for the one below."""

    def _decode(self, Z, *given):
        if self.layer == -1:
            return self._decode_layer(Z, -1, *given)
        layers = self._activations_of_zeros(self.module_)
        if self.layer == ALL:
            return self._decode_layer(Z[:, -layers[-1].shape[1] :], -1, *given)
        return self._decode_layer(Z, self.layer - len(layers) * (self.layer >= 0), *given)
