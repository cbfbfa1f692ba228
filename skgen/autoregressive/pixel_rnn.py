"""PixelRNN: images pixel by pixel, by long short-term memory in two dimensions."""

from skgen.autoregressive.pixel_base import PixelModel, odd, whole_groups
from skgen.base.parameters import COUNT, one_of, param
from skgen.nets.autoregressive.pixels.recurrent import RecurrentNet


class PixelRNN(PixelModel):
    r"""Exact density of images: each pixel given those before it, by recurrent layers.

    The chain rule of :class:`PixelCNN`, with layers of long short-term memory in two dimensions
    for its conditionals (van den Oord, Kalchbrenner & Kavukcuoglu 2016):

    .. math:: & (o, f, i, g) = \sigma, \sigma, \sigma, \tanh(K_s * h_{\text{before}} + K_i * x), \\
        & c = f \odot c_{\text{before}} + i \odot g, \qquad h = o \odot \tanh(c).

    With ``recurrence="diagonal"`` a state follows from those to its left and above, and, in a
    second direction, from those to its right and above: all pixels before one are in sight of each
    layer. With "row" it follows from the nearest states of the row above, so that what is in sight
    is a triangle, and a row is computed at once. Layers are added to what they see.

    Parameters
    ----------
    n_units : int, default=24
        States a layer, direction and pixel; of images with several channels the next number that
        they divide.
    recurrence : {"diagonal", "row"}, default="diagonal"
        Along what the states go: diagonals in both directions (Diagonal BiLSTM), or rows downwards
        (Row LSTM).
    n_layers : int, default=2
        Recurrent layers.
    kernel_size : int, default=3
        Odd; states of the row above that one sees.
    first_kernel_size : int, default=5
        Odd; sides of the convolution that sees the pixels.
    %(shared_parameters)s

    Attributes
    ----------
    %(shared_attributes)s

    Raises
    ------
    ValueError
        The image, the order of its channels or the distribution do not fit the rows, or a size of
        the convolutions is even.

    See Also
    --------
    PixelCNN : The same by convolutions, which is faster; its notes hold here, too.

    References
    ----------
    van den Oord, A., Kalchbrenner, N. & Kavukcuoglu, K. (2016). Pixel recurrent neural networks.
    ICML.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import PixelRNN
    >>> X = load_digits().data
    >>> model = PixelRNN(8, n_layers=1, max_iter=2, random_state=0).fit(X)
    >>> model.distribution_, model.n_levels_
    ('categorical', 17)
    >>> model.sample(3, random_state=0).shape
    (3, 64)
    """

    n_units: int = param(COUNT, default=24, kw_only=False)
    recurrence: str = param(one_of("diagonal", "row"), default="diagonal")
    n_layers: int = param(COUNT, default=2)
    kernel_size: int = param(COUNT, default=3, needs={"recurrence": one_of("row")})
    first_kernel_size: int = param(COUNT, default=5)

    _architecture = (
        *PixelModel._shape_parameters,
        "n_units",
        "recurrence",
        "n_layers",
        "kernel_size",
        "first_kernel_size",
    )

    def _net(self, **how):
        return RecurrentNet(
            width=whole_groups(self.n_units, how["image_shape"][0]),
            recurrence=self.recurrence,
            n_layers=self.n_layers,
            kernel_size=odd(self, "kernel_size"),
            first_kernel_size=odd(self, "first_kernel_size"),
            **how,
        )
