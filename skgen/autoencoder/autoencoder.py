"""Autoencoder: a code from which the row can be rebuilt."""

from skgen.autoencoder.base import BaseAutoencoder, PlainReconstructionMixin
from skgen.autoencoder.code_mixture import CodeMixtureMixin
from skgen.base.parameters import one_of, param
from skgen.nets import ACTIVATIONS


class Autoencoder(PlainReconstructionMixin, CodeMixtureMixin, BaseAutoencoder):
    r"""Networks that encode each row in a few numbers and rebuild it from them.

    Minimizes over encoder f and decoder g

    .. math:: \frac1n \sum_i L\bigl(x_i, g(f(x_i))\bigr),

    where L is the squared error, or the cross-entropy of Bernoulli features.

    With ``hidden_layer_sizes=()`` and squared error the codes span the subspace of PCA
    (Baldi & Hornik 1989) of the columns as they are scaled. Inside, rows are centered and each
    column is divided by its scale, so that data of any units train alike; with
    ``scale_columns=False`` all are divided by one. Scores are in the units of X.

    Parameters
    ----------
    code_activation : str, default="identity"
        Activation of the code layer.
    bounded : bool, default=False
        Whether the decoder ends in a sigmoid that keeps each column inside its range in the
        training data; with the squared error only. Pays for images.
    %(shared_parameters)s

    Attributes
    ----------
    %(shared_attributes)s

    See Also
    --------
    VAE : A density model with the same networks.
    DenoisingAE : Learns to rebuild rows from corrupted copies.

    References
    ----------
    Baldi, P. & Hornik, K. (1989). Neural networks and principal component analysis: learning
    from examples without local minima. Neural Networks.

    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural
    networks. Science.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import Autoencoder
    >>> X = load_digits().data[:300]
    >>> model = Autoencoder(n_components=8, max_iter=20, random_state=0).fit(X)
    >>> model.transform(X).shape
    (300, 8)
    >>> model.sample(5).shape
    (5, 64)
    """

    _architecture = (*BaseAutoencoder._architecture, "code_activation", "bounded")
    code_activation: str = param(one_of(*ACTIVATIONS), default="identity")
    bounded: bool = param("boolean", default=False)

    @property
    def _code_activation(self):
        return self.code_activation
