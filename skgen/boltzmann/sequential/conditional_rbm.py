"""Conditional RBM: its biases depend on a few rows before."""

from skgen.base.parameters import NATURAL, param
from skgen.boltzmann.learning.state import draw_normal_
from skgen.boltzmann.sequential.base import SequenceRBM
from skgen.boltzmann.sequential.draws import SequenceDrawMixin
from skgen.boltzmann.sequential.scores import SequenceScoreMixin
from skgen.nets.boltzmann.sequential import ConditionalNet


class ConditionalRBM(SequenceScoreMixin, SequenceDrawMixin, SequenceRBM):
    r"""Density of each binary row given a few rows before it: an RBM with biases that move.

    Rows are in time order. The biases of a restricted Boltzmann machine depend linearly on the
    ``lag`` rows before (Taylor, Hinton & Roweis 2006):

    .. math:: & p(v_t \mid v_{t-1}, \ldots) \propto \sum_h
        \exp(v_t b_t + h c_t + h W v_t), \\
        & b_t = b + \sum_l A_l v_{t-l}, \qquad c_t = c + \sum_l B_l v_{t-l}.

    What is before the first row of a sequence counts as zeros. Each row has a machine and a log Z
    of its own. Values between 0 and 1 are taken for probabilities.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units.
    lag : int, default=3
        Rows before on which a row depends; 0 is a plain machine, blind to time.
    batch_size : int or "auto", default=100
        Rows an update; "auto" takes a twentieth of the training rows, between 16 and 128.
    %(shared_parameters)s

    Attributes
    ----------
    visible_history_ : ndarray of shape (lag, n_features, n_features)
        Weights A: ``visible_history_[l - 1, i, j]`` is what feature j of the row l before adds to
        the bias of feature i.
    hidden_history_ : ndarray of shape (lag, n_components, n_features)
        Weights B, in the same way.
    %(shared_attributes)s

    See Also
    --------
    RNNRBM : Remembers more than a few rows.
    BernoulliRBM : Rows in no order.
    SlowFeatureAnalysis : Linear features of rows in time order.

    References
    ----------
    Taylor, G., Hinton, G. & Roweis, S. (2006). Modeling human motion using binary latent variables.
    NIPS.

    Examples
    --------
    A bit that moves on by one place in each row:

    >>> import numpy as np
    >>> from skgen import ConditionalRBM
    >>> X = np.eye(6)[np.arange(600) % 6]
    >>> how = {"learning_rate": 0.05, "max_iter": 50, "random_state": 0}
    >>> model = ConditionalRBM(8, lag=1, **how).fit(X)
    >>> model.likelihood_kind_, bool(model.score(X) > -0.5)
    ('exact', True)
    >>> model.sample(3, start=X[:4]).shape
    (3, 6)
    """

    lag: int = param(NATURAL, default=3)
    batch_size: int | str = param(default=100)

    _of_bits = "ConditionalRBM", "GaussianBernoulliRBM"
    _architecture = ("n_components", "lag")

    def _new_net(self, n_features):
        net = ConditionalNet(n_features, self.n_components, self.lag)
        for weight in (net.to_visible, net.to_hidden):
            draw_normal_(weight, self.init_scale)
        return net

    def _spans(self):
        return 1, self.lag

    def _finish_history(self, net):
        for name, weight in (("visible", net.to_visible), ("hidden", net.to_hidden)):
            # (units, lag * d), the latest row first.
            by_lag = weight.view(len(weight), -1, net.weight.shape[1]).transpose(0, 1)
            setattr(self, f"{name}_history_", by_lag.numpy().copy())
