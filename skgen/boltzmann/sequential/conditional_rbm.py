"""Conditional RBM: its biases depend on a few rows before."""

from skgen.base.parameters import NATURAL, param
from skgen.boltzmann.learning.state import draw_normal_
from skgen.boltzmann.sequential.base import SequenceRBM
from skgen.boltzmann.sequential.draws import SequenceDrawMixin
from skgen.boltzmann.sequential.scores import SequenceScoreMixin
from skgen.nets.boltzmann.sequential import ConditionalNet

# Deviation of the first factors: of three small numbers the product has no gradient.
FACTOR_SCALE = 0.1


class ConditionalRBM(SequenceScoreMixin, SequenceDrawMixin, SequenceRBM):
    r"""Density of each binary row given a few rows before it: an RBM with biases that move.

    Rows are in time order. The biases of a restricted Boltzmann machine depend linearly on the
    ``lag`` rows before (Taylor, Hinton & Roweis 2006):

    .. math:: & p(v_t \mid v_{t-1}, \ldots) \propto \sum_h
        \exp(v_t b_t + h c_t + h W v_t), \\
        & b_t = b + \sum_l A_l v_{t-l}, \qquad c_t = c + \sum_l B_l v_{t-l}.

    With ``n_factors`` the rows before gate the weights, too, by interactions of the third order in
    factors (Taylor & Hinton 2009): unit j and feature i interact by

    .. math:: W_{ji} + \sum_f H_{fj} V_{fi} \sum_l G_{lf} v_{t-l}.

    What is before the first row of a sequence counts as zeros. Each row has a machine and a log Z
    of its own. Values between 0 and 1 are taken for probabilities.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units.
    lag : int, default=3
        Rows before on which a row depends; 0 is a plain machine, blind to time.
    n_factors : int, default=0
        Factors by which the rows before gate the weights; 0 lets them move the biases alone.
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
    visible_factors_ : ndarray of shape (n_factors, n_features)
        Factors V of the features.
    hidden_factors_ : ndarray of shape (n_factors, n_components)
        Factors H of the hidden units.
    history_factors_ : ndarray of shape (lag, n_factors, n_features)
        Weights G: how the rows before set the gate of each factor.
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

    Taylor, G. & Hinton, G. (2009). Factored conditional restricted Boltzmann machines for modeling
    motion style. ICML.

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
    n_factors: int = param(NATURAL, default=0)
    batch_size: int | str = param(default=100)

    _of_bits = "ConditionalRBM", "GaussianBernoulliRBM"
    _architecture = ("n_components", "lag", "n_factors")

    def _new_net(self, n_features):
        net = ConditionalNet(n_features, self.n_components, self.lag, self.n_factors)
        for weight in (net.to_visible, net.to_hidden):
            draw_normal_(weight, self.init_scale)
        for weight in net.factors():
            draw_normal_(weight, FACTOR_SCALE)
        return net

    def _spans(self):
        return 1, self.lag

    def _finish_history(self, net):
        n_features = net.weight.shape[1]
        history = {
            "visible_history_": net.to_visible,
            "hidden_history_": net.to_hidden,
            "history_factors_": net.history_factors,
        }
        for name, weight in history.items():
            # (units, lag * d), the latest row first.
            by_lag = weight.view(len(weight), self.lag, n_features).transpose(0, 1)
            setattr(self, name, by_lag.numpy().copy())
        self.visible_factors_ = net.visible_factors.numpy().copy()
        self.hidden_factors_ = net.hidden_factors.numpy().copy()
