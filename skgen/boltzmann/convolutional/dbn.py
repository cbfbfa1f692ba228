"""Convolutional deep belief network: machines of filters, stacked."""

from numbers import Integral

import torch

from skgen.base.mixins import SampleMeansMixin, SampleMixin
from skgen.base.parameters import one_of, param
from skgen.base.results.layers import LayerLatentMixin
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.convolutional.images import ImageMixin, start
from skgen.boltzmann.convolutional.shapes import filter_of
from skgen.boltzmann.convolutional.stack import StackState, stack_stages
from skgen.boltzmann.learning.negative_phase import NEGATIVE_PHASES
from skgen.boltzmann.learning.state import TrainingState
from skgen.boltzmann.parameters import ChainParameters
from skgen.boltzmann.sampling import sample_rows
from skgen.nets.boltzmann.convolutional.encoder import PooledLayer
from skgen.nets.boltzmann.convolutional.rbm import ConvolutionalRBM
from skgen.training import inference_device, torch_generator

N_UPDATES = 2000
POOL_SIZE = 2


class ConvolutionalDBN(
    LayerLatentMixin, SampleMixin, SampleMeansMixin, ImageMixin, ChainParameters, TorchEstimator
):
    r"""Images by several layers of filters, each of which sees the pooled units of the one below.

    Each layer is a :class:`ConvolutionalRBM`, trained when those below it are, on bits drawn from
    the probabilities of their pooled units: filters of the second layer hold strokes and corners
    where those of the first hold edges (Lee, Grosse, Ranganath & Ng 2009).

    .. math:: p(x) = \sum_{u, h} p_1(x, h \mid u) \, p_2(u),

    with u the pooled units of the lowest machine :math:`p_1`, and :math:`p_2` the machine above, or
    all those above. The sum is out of reach: there is no ``score_samples``.

    Parameters
    ----------
    layers : list, default=(24, 40)
        The layers from the lowest to the top, at least two: of each its number of filters, or
        ``(n_filters, filter_size)``, or ``(n_filters, filter_size, pool_size)``. Sizes that are
        left out are "auto", which is 0.35 times the sides of what the layer sees, but 4 to 12 and
        at most one more than half of them, and pools of two by two.
    negative_phase : {"cd", "pcd"}, default="cd"
        Where the model's half of the gradient comes from: chains that start at each batch (Hinton
        2002), or that persist from update to update (Tieleman 2008).
    learning_rate : float or "auto", default="auto"
        Step of all layers along the gradient of the mean log-likelihood, as in
        :class:`ConvolutionalRBM`; "auto" is chosen layer by layer.
    max_iter : int or "auto", default="auto"
        Epochs of each layer; "auto" takes as many as make 2 000 updates. Early stopping waits for
        ``n_iter_no_change`` epochs, and for 500 updates at least.
    %(shared_parameters)s

    Attributes
    ----------
    filters_ : list of ndarray of shape (n_filters, channels, filter height, filter width)
        Weights of each layer, the lowest first; its channels are the filters below.
    intercepts_hidden_ : list of ndarray of shape (n_filters,)
        Biases of the filters of each layer.
    image_shape_ : tuple
        ``(channels, height, width)`` of the images in use.
    pooled_shapes_ : list of tuple
        ``(n_filters, rows, columns)`` of the pooled units of each layer, whose probabilities
        ``transform`` gives as rows.
    visible_ : {"binary", "gaussian"}
        The units of the pixels in use.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        The image, the layers or their filters do not fit the rows.

    See Also
    --------
    ConvolutionalRBM : One layer, with a likelihood.
    DeepBeliefNetwork : Layers without convolution.

    Notes
    -----
    ``sample`` runs chains of the machine at the top, and draws downwards from them: below the top
    each machine is sampled by 20 sweeps with its pooled units held, of which each block that is on
    draws one of its units.

    ``partial_fit`` trains each layer for an epoch. With ``layer="all"`` ``transform`` gives the
    features that the paper classifies by.

    References
    ----------
    Lee, H., Grosse, R., Ranganath, R. & Ng, A. (2009). Convolutional deep belief networks for
    scalable unsupervised learning of hierarchical representations. ICML.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import ConvolutionalDBN
    >>> X = load_digits().data / 16
    >>> model = ConvolutionalDBN([8, (12, 2)], max_iter=5, layer="all", random_state=0).fit(X)
    >>> model.pooled_shapes_
    [(8, 3, 3), (12, 1, 1)]
    >>> model.transform(X).shape, model.sample(3).shape
    ((1797, 84), (3, 64))
    """

    layers: list | tuple = param(list, tuple, default=(24, 40), kw_only=False)
    negative_phase: str = param(one_of("cd", "pcd"), default="cd")
    init_scale: float = param(default=0.1)
    n_gibbs_steps: int = param(default=1)
    n_burn_in: int = param(default=200)

    # The gradients are written by hand, in float32.
    precision = "float32"
    compile = False
    # Epochs of few rows hold a handful of updates, while the averaged weights move slowly.
    _least_patience = 500
    _architecture = ("layers", "image_shape", "visible")
    _n_updates = N_UPDATES

    def _build(self, n_features):
        shape, states = self.image_shape_, []
        for number, (n_filters, filter_size, pool_size) in enumerate(_described(self.layers)):
            try:
                filter_shape = filter_of(filter_size, shape)
            except ValueError as error:
                raise ValueError(f"layers[{number}]: {error}") from error
            net = (
                ConvolutionalRBM(shape, n_filters, filter_shape, pool_size)
                if states
                else self._net_of_images(n_filters, filter_shape, pool_size)
            )
            states.append(TrainingState(net, start(self, net)))
            shape = net.pooled_shape
        return StackState(states)

    def _stages(self, state):
        return stack_stages(self, state)

    def _negative_phase(self, chains, net):
        """Where the model's half of the gradient of a machine comes from."""
        return NEGATIVE_PHASES[self.negative_phase](chains, self.n_gibbs_steps)

    def _finish(self, X):
        machines = self.module_.averaged_net.machines
        self.filters_ = [machine.weight.numpy().copy() for machine in machines]
        self.intercepts_hidden_ = [machine.hidden_bias.numpy().copy() for machine in machines]
        self.pooled_shapes_ = [machine.pooled_shape for machine in machines]

    def _encoder_module(self, module):
        """The way up as a network."""
        return torch.nn.Sequential(*map(PooledLayer, module.averaged_net.machines))

    def _activations(self, module, x):
        return module.averaged_net.layer_means(x)

    def _decode_layer(self, Z, number):
        number = number % len(self.pooled_shapes_)
        return self._unstandardize(self._apply(lambda m, z: m.averaged_net.decode(z, number), Z))

    @property
    def _chains(self):
        """Hidden states of the machine at the top that learning left, (n_chains, k)."""
        return self.module_.chains[-1]

    def _sample(self, n_samples, rng):
        return self._from_chains("draw_data", n_samples, rng)

    def _sample_means(self, n_samples, rng):
        return self._from_chains("draw_means", n_samples, rng)

    def _from_chains(self, method, n_samples, rng):
        """Rows by a method of the stack that goes down from the visible rows of the top."""
        generator = torch_generator(rng, inference_device(self.device))
        rows = sample_rows(self, lambda m: m.layers[-1].averaged_net, n_samples, generator)
        rows = self._apply(lambda m, u: getattr(m.averaged_net, method)(u, generator), rows)
        return self._unstandardize(rows, self._built_for["dtype"])


def _described(layers):
    """``(n_filters, filter_size, pool_size)`` of each layer."""
    if len(layers) < 2:
        raise ValueError(
            f"layers={layers!r} has {len(layers)} layers, but ConvolutionalDBN takes at least 2; "
            "use ConvolutionalRBM for a single layer."
        )
    described = []
    for layer in layers:
        given = tuple(layer) if isinstance(layer, (list, tuple)) else (layer,)
        numbers = [part for part in given if part != "auto"]
        is_known = 1 <= len(given) <= 3 and "auto" not in (given[0], *given[2:])
        if not is_known or not all(isinstance(n, Integral) and n >= 1 for n in numbers):
            raise ValueError(
                f"layers={layers!r} holds {layer!r}; give a number of filters, (n_filters, "
                "filter_size) or (n_filters, filter_size, pool_size), each at least 1."
            )
        described.append((*given, *("auto", POOL_SIZE)[len(given) - 1 :]))
    return described
