"""Deep autoencoder whose layers are trained one by one before all of them together."""

from torch import nn

from skgen.autoencoder.base import BaseReconstruction, PlainReconstructionMixin, inspect_rows
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.data_range import looks_binary
from skgen.base.parameters import COUNT, LAYERS, one_of, param
from skgen.base.run import Settings
from skgen.pretraining.shallow import SHALLOW, random_networks, train_layers, unroll


class StackedAE(PlainReconstructionMixin, CodeMixtureMixin, BaseReconstruction):
    r"""Deep autoencoder that starts from a stack of shallow models and is trained end to end.

    First each layer learns, by itself, to describe what the layer below it makes of the rows; then
    the stack is unrolled, the ways up of all layers into an encoder f, their ways down into a
    decoder g, and these minimize

    .. math:: \frac1n \sum_i L\bigl(x_i, g(f(x_i))\bigr), \quad\text{at first}\quad
        f = f_L \circ \cdots \circ f_1, \; g = g_1 \circ \cdots \circ g_L,

    where L is the squared error, or the cross-entropy of Bernoulli features.

    ``StackedAE(30, hidden_layer_sizes=(1000, 500, 250), pretraining="rbm")`` is the network of
    Hinton & Salakhutdinov (2006). Rows are centered and each column is divided by its scale, except
    rows that look like bits: their networks end in a sigmoid, whatever the loss is.

    Parameters
    ----------
    n_components : int, default=16
        Length of the code.
    hidden_layer_sizes : tuple of int, default=(256, 128)
        Widths of the encoder's hidden layers; the decoder mirrors them.
    pretraining : {"denoising", "contractive", "sparse", "rbm"} or None, default="denoising"
        What each layer is before they are joined: a :class:`DenoisingAE`, :class:`ContractiveAE`
        or :class:`SparseAE` without hidden layers, or a :class:`BernoulliRBM`, below which
        real-valued columns take a :class:`GaussianBernoulliRBM`. None starts at random.
    n_pretraining_iter : int, default=20
        Epochs of each layer by itself.
    code_activation : {"identity", "sigmoid"}, default="identity"
        Activation of the code layer. A linear one cannot be sparse, nor a machine of binary
        units: beside "sparse" and "rbm" it starts as a plain :class:`Autoencoder`.
    learning_rate : float, default=5e-3
        Initial learning rate of Adam in fine-tuning.
    max_iter : int or "auto", default="auto"
        Epochs of fine-tuning; "auto" is 100, but with the cross-entropy and fewer than 2 000 rows
        as many as a first fit, which holds out a fifth of the rows, finds to be best for those, if
        these are fewer.
    tied_weights : bool, default=False
        Whether the decoder uses the encoder's weights transposed, in the layers and in
        fine-tuning. Machines lend theirs to both ways, which part in fine-tuning otherwise.
    %(shared_parameters)s

    Attributes
    ----------
    layers_ : list of estimators
        The shallow models as they were before fine-tuning, the lowest first; each is fitted to
        the codes of the one before it. Empty with ``pretraining=None``.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        ``tied_weights=True`` with machines on real-valued columns.

    See Also
    --------
    Autoencoder : One network from the start, with other activations, convolutions, or your own.
    FineTunedClassifier : Goes on from the encoder with labels.
    DeepBeliefNetwork : A stack of machines as a density.

    Notes
    -----
    The layers have logistic units, sigmoid(a) = (1 + tanh(a / 2)) / 2. The unrolled networks have
    tanh units with the weights that compute the same: their means are near zero, and they learn
    faster. ``early_stopping`` concerns fine-tuning. ``warm_start`` goes on with fine-tuning.

    In place of the autoencoder below a linear code Hinton & Salakhutdinov have a machine of
    Gaussian hidden units, and in fine-tuning conjugate gradients in place of Adam.

    References
    ----------
    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural
    networks. Science.

    Bengio, Y., Lamblin, P., Popovici, D. & Larochelle, H. (2006). Greedy layer-wise training of
    deep networks. NeurIPS.

    Vincent, P., Larochelle, H., Lajoie, I., Bengio, Y. & Manzagol, P.-A. (2010). Stacked denoising
    autoencoders: learning useful representations in a deep network with a local denoising
    criterion. JMLR.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import StackedAE
    >>> X = load_digits().data[:300]
    >>> model = StackedAE(2, hidden_layer_sizes=(64, 16), max_iter=20, random_state=0).fit(X)
    >>> model.transform(X).shape, model.sample(5).shape
    ((300, 2), (5, 64))
    >>> [layer.n_features_in_ for layer in model.layers_]
    [64, 64, 16]
    """

    n_components: int = param(COUNT, default=16, kw_only=False)
    hidden_layer_sizes: tuple = param(LAYERS, default=(256, 128))
    pretraining: str | None = param(one_of(*SHALLOW), None, default="denoising")
    n_pretraining_iter: int = param(COUNT, default=20)
    code_activation: str = param(one_of("identity", "sigmoid"), default="identity")
    learning_rate: float = param(default=5e-3)

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
        elif self.tied_weights and self.pretraining == "rbm":
            raise ValueError(
                'tied_weights=True beside pretraining="rbm" needs columns of bits, but X has '
                "others, for which a machine divides its weights by the noise on the way up alone; "
                "use tied_weights=False, or another pretraining."
            )
        models = self._shallow_models(X.shape[0])
        self.layers_ = train_layers(models, X, columns.weight)
        return center, scale

    def _shallow_models(self, n_samples):
        """The unfitted models of the layers, the lowest first."""
        if self.pretraining is None:
            return []
        sizes = (*self.hidden_layer_sizes, self.n_components)
        activations = ["sigmoid"] * len(self.hidden_layer_sizes) + [self.code_activation]
        bits_alone = [self._has_bits] + [True] * len(self.hidden_layer_sizes)
        settings = {
            "scale_columns": self.scale_columns,
            "tied_weights": self.tied_weights,
            "max_iter": self.n_pretraining_iter,
            "batch_size": Settings(self.batch_size).rows_a_worker(n_samples),
            "random_state": self.random_state,
            "device": self.device,
            "precision": self.precision,
            "compile": self.compile,
            "verbose": self.verbose,
        }
        return [
            SHALLOW[self.pretraining](size, activation, of_bits, settings)
            for size, activation, of_bits in zip(sizes, activations, bits_alone)
        ]

    def _build(self, n_features):
        sizes = (n_features, *self.hidden_layer_sizes, self.n_components)
        encoder, decoder = random_networks(sizes, self.code_activation, self.tied_weights)
        if self.layers_:
            unroll(self.layers_, self._scale, encoder, decoder)
        if self._has_bits and self.loss_ == "squared_error":
            decoder = with_sigmoid(decoder)
        return nn.ModuleDict({"encoder": encoder, "decoder": decoder})


def with_sigmoid(decoder):
    """The decoder with its last outputs in (0, 1), and no other kind of network."""
    if type(decoder) is nn.Sequential:
        return nn.Sequential(*decoder[:-1], nn.Sigmoid())
    return nn.Sequential(decoder, nn.Sigmoid())
