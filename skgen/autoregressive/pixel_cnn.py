"""PixelCNN: images pixel by pixel, by gated convolutions."""

from skgen.autoregressive.pixel_base import PixelModel, odd, whole_groups
from skgen.base.parameters import COUNT, param
from skgen.nets.autoregressive.pixels.gated import GatedNet


class PixelCNN(PixelModel):
    r"""Exact density of images: each pixel given those before it, by convolutions.

    The chain rule in raster order, from the upper left to the lower right,

    .. math:: \log p(x) = \sum_i \log p(x_i \mid x_1, \ldots, x_{i-1}),

    with one network for all conditionals: gated layers

    .. math:: y = \tanh(W_f * x) \odot \sigma(W_g * x)

    in two stacks, one that sees the rows above and one that sees the pixel's own row to its left
    and the first stack, so that no pixel before it is out of sight (van den Oord et al. 2016b). The
    channels of a pixel follow each other in the same way. Each layer is joined to the outputs
    directly.

    Parameters
    ----------
    n_filters : int, default=16
        Features a layer and pixel; of images with several channels the next number that they
        divide.
    n_layers : int, default=5
        Gated layers.
    kernel_size : int, default=3
        Odd; sides of the convolutions, of which the part before the pixel is in use.
    first_kernel_size : int, default=5
        The same of the first layer, which sees the pixels.
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
    PixelRNN : The same with long short-term memory, which sees farther and is slower.
    FullyVisibleBeliefNetwork : Columns of a table in any order.

    Notes
    -----
    ``sample`` computes the features of each pixel once. ``sample_conditional`` draws exactly where
    no known value follows the first that is missing, such as the lower half of an image, and there
    ``impute`` is the mean of 64 draws. Other holes are filled by a particle filter: at a hole each
    filling so far branches into the values that it may have, known values after it multiply the
    weights of the fillings by their probabilities, and up to ``n_particles`` of them stay
    (Fearnhead & Clifford 2003). Where a row has fewer fillings, none is left out, and means and
    draws are exact; otherwise they are the nearer the more particles there are. Which fillings stay
    is decided with a view to known values further on, by a Gaussian with the covariance of 1000
    draws from the model, which cancels at the end (Whiteley & Lee 2014). ``impute`` is the weighted
    mean of all particles; draws of one row are some of them. ``transform`` gives the features of
    the last layer, their maps pooled to four rows and columns.

    The weights that all verbs use, and by which early stopping judges, are a moving average
    (Polyak & Juditsky 1992).

    References
    ----------
    Fearnhead, P. & Clifford, P. (2003). On-line inference for hidden Markov models via particle
    filters. Journal of the Royal Statistical Society B.

    van den Oord, A., Kalchbrenner, N. & Kavukcuoglu, K. (2016a). Pixel recurrent neural networks.
    ICML.

    van den Oord, A., Kalchbrenner, N., Vinyals, O., Espeholt, L., Graves, A. & Kavukcuoglu, K.
    (2016b). Conditional image generation with PixelCNN decoders. NeurIPS.

    Salimans, T., Karpathy, A., Chen, X. & Kingma, D. (2017). PixelCNN++: improving the PixelCNN
    with discretized logistic mixture likelihood and other modifications. ICLR.

    Whiteley, N. & Lee, A. (2014). Twisted particle filters. Annals of Statistics.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skgen import PixelCNN
    >>> X = (load_digits().data >= 8).astype(float)
    >>> model = PixelCNN(8, n_layers=2, max_iter=2, random_state=0).fit(X)
    >>> model.image_shape_, model.distribution_
    ((1, 8, 8), 'bernoulli')
    >>> halves = X[:3].copy()
    >>> halves[:, 32:] = np.nan
    >>> model.sample_conditional(halves, n_draws=5, random_state=0).shape
    (5, 3, 64)
    """

    n_filters: int = param(COUNT, default=16, kw_only=False)
    n_layers: int = param(COUNT, default=5)
    kernel_size: int = param(COUNT, default=3)
    first_kernel_size: int = param(COUNT, default=5)

    _architecture = (
        *PixelModel._shape_parameters,
        "n_filters",
        "n_layers",
        "kernel_size",
        "first_kernel_size",
    )

    def _net(self, **how):
        return GatedNet(
            width=whole_groups(self.n_filters, how["image_shape"][0]),
            n_layers=self.n_layers,
            kernel_size=odd(self, "kernel_size"),
            first_kernel_size=odd(self, "first_kernel_size"),
            **how,
        )
