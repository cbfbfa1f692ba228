"""Constructor parameters that the autoencoders share."""

from collections.abc import Callable

from skgen.base.parameters import COUNT, LAYERS, Parameters, one_of, param
from skgen.nets import ACTIVATIONS


class CoderParameters(Parameters):
    """What an encoder and a decoder are built of.

    Parameters
    ----------
    n_components : int, default=16
        Length of the code; it may exceed the number of features.
    hidden_layer_sizes : tuple of int, default=(256,)
        Widths of the encoder's hidden layers; the decoder mirrors them. ``()`` is linear.
    activation : str, default="relu"
        Of the hidden layers: "identity", "relu", "leaky_relu", "elu", "gelu", "silu", "tanh" or
        "sigmoid".
    image_shape : tuple or None, default=None
        ``(height, width)`` or ``(channels, height, width)`` of the images that the rows hold; puts
        two stride-2 convolutions in front of the hidden layers.
    encoder, decoder : callable or None, default=None
        Factories of your own modules: ``encoder(n_features, n_out)`` and
        ``decoder(n_in, n_features)`` return a ``torch.nn.Module``.
    """

    n_components: int = param(COUNT, default=16, kw_only=False)
    hidden_layer_sizes: tuple = param(LAYERS, default=(256,))
    activation: str = param(one_of(*ACTIVATIONS), default="relu")
    image_shape: tuple | None = param(tuple, None, default=None)
    encoder: Callable | None = param(callable, None, default=None)
    decoder: Callable | None = param(callable, None, default=None)


CODER_ARCHITECTURE = tuple(CoderParameters.__dataclass_fields__)
