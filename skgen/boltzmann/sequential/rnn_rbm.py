"""Recurrent temporal RBM: its biases depend on all rows before, through a recurrent state."""

from torch import nn

from skgen.base.parameters import COUNT, param
from skgen.boltzmann.learning.state import draw_normal_
from skgen.boltzmann.sequential.base import SequenceRBM
from skgen.boltzmann.sequential.draws import SequenceDrawMixin
from skgen.boltzmann.sequential.scores import SequenceScoreMixin
from skgen.nets.boltzmann.sequential import RecurrentNet


class RNNRBM(SequenceScoreMixin, SequenceDrawMixin, SequenceRBM):
    r"""Density of each binary row given all rows before it, which a recurrent network remembers.

    Rows are in time order. The biases of a restricted Boltzmann machine depend linearly on the
    state u of a recurrent network (Boulanger-Lewandowski, Bengio & Vincent 2012):

    .. math:: & p(v_t \mid v_{t-1}, \ldots) \propto \sum_h
        \exp(v_t b_t + h c_t + h W v_t), \\
        & b_t = b + A u_{t-1}, \quad c_t = c + B u_{t-1}, \quad
        u_t = \tanh(a + U u_{t-1} + V v_t).

    The gradient of each row's machine, by Gibbs chains, goes on back in time. Values between 0 and
    1 are taken for probabilities.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units.
    n_recurrent : int, default=64
        Units of the recurrent state.
    window : int, default=32
        Rows that learn together; the state in which they begin comes from as many rows before
        them, and the gradient goes back no further.
    batch_size : int or "auto", default="auto"
        Windows an update; "auto" takes a twentieth of them, between 16 and 128.
    %(shared_parameters)s

    Attributes
    ----------
    visible_from_state_ : ndarray of shape (n_features, n_recurrent)
        Weights A.
    hidden_from_state_ : ndarray of shape (n_components, n_recurrent)
        Weights B.
    recurrent_weights_ : ndarray of shape (n_recurrent, n_recurrent)
        Weights U.
    input_weights_ : ndarray of shape (n_recurrent, n_features)
        Weights V.
    intercept_recurrent_ : ndarray of shape (n_recurrent,)
        Biases a.
    initial_state_ : ndarray of shape (n_recurrent,)
        State before the first row of a sequence; learned.
    %(shared_attributes)s

    See Also
    --------
    ConditionalRBM : Depends on a few rows before, without a state.
    BernoulliRBM : Rows in no order.

    References
    ----------
    Boulanger-Lewandowski, N., Bengio, Y. & Vincent, P. (2012). Modeling temporal dependencies in
    high-dimensional sequences: application to polyphonic music generation and transcription. ICML.

    Examples
    --------
    A bit that moves on by one place in each row:

    >>> import numpy as np
    >>> from skgen import RNNRBM
    >>> X = np.eye(6)[np.arange(600) % 6]
    >>> how = {"learning_rate": 0.03, "max_iter": 100, "random_state": 0}
    >>> model = RNNRBM(8, n_recurrent=16, **how).fit(X)
    >>> model.likelihood_kind_, bool(model.score(X) > -0.5)
    ('exact', True)
    >>> model.sample(3, start=X[:4]).shape
    (3, 6)
    """

    n_recurrent: int = param(COUNT, default=64)
    window: int = param(COUNT, default=32)

    _of_bits = "RNNRBM", "GaussianBernoulliRBM"
    _architecture = ("n_components", "n_recurrent")

    def _new_net(self, n_features):
        net = RecurrentNet(n_features, self.n_components, self.n_recurrent)
        for weight in (net.to_visible, net.to_hidden):
            draw_normal_(weight, self.init_scale)
        nn.init.xavier_uniform_(net.from_visible)
        nn.init.orthogonal_(net.recurrent)
        return net

    def _spans(self):
        return self.window, self.window

    def _finish_history(self, net):
        names = {
            "visible_from_state_": net.to_visible,
            "hidden_from_state_": net.to_hidden,
            "recurrent_weights_": net.recurrent,
            "input_weights_": net.from_visible,
            "intercept_recurrent_": net.recurrent_bias,
            "initial_state_": net.initial,
        }
        for name, weight in names.items():
            setattr(self, name, weight.numpy().copy())
