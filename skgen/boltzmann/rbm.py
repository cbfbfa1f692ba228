"""Restricted Boltzmann machine of binary units."""

import math
from numbers import Real

import torch
from sklearn.utils.validation import check_is_fitted
from torch.nn import functional as F

from skgen.base.parameters import FRACTION, NON_NEGATIVE, param
from skgen.base.sklearn_compat import Interval
from skgen.boltzmann.base import BaseRBM
from skgen.boltzmann.labeled import LabeledMachineMixin
from skgen.boltzmann.learning.hybrid_gradient import fast_hybrid_phase
from skgen.boltzmann.learning.phases import bernoulli_phase
from skgen.boltzmann.learning.state import draw_normal_, log_odds, n_parallel, new_chains
from skgen.boltzmann.training_length import has_few_rows, updates_by_held_out_rows
from skgen.boltzmann.visible import inspect_bits, measure_bits
from skgen.kernels.boltzmann.boltzmann_enumeration import labeled_log_partition
from skgen.kernels.boltzmann.pseudo_likelihood import log_pseudo_likelihood
from skgen.nets.boltzmann import labeled
from skgen.nets.boltzmann.annealing import BernoulliPath
from skgen.nets.boltzmann.rbm import RBM

WEIGHT = Interval(Real, 0, None, closed="both")
# By which weight the labels' gradient may lengthen an automatic step.
LARGEST_FACTOR = 20.0
UPDATES_WITH_LABELS = 5000


class BernoulliRBM(LabeledMachineMixin, BaseRBM):
    r"""Density of binary rows by one layer of hidden binary units.

    The model, and what training raises for binary v (n_features,) and h (n_components,):

    .. math:: & p(v, h) = e^{v b + h c + h W v} / Z, \\
        & \log p(v) = -F(v) - \log Z, \qquad F(v) = -\log \sum_h e^{v b + h c + h W v}.

    Its gradient is a difference of two expectations: under the data, and under the model,
    which Gibbs chains stand for. Values between 0 and 1 are taken for probabilities.

    With ``use_labels`` the visible units also hold the label y of each row, one unit a class, so
    that the machine classifies: :math:`p(y \mid v)` is exact, a softmax of free energies, without
    sampling. Training then raises, over rows with a label and rows v_j without one, the mean of

    .. math:: \log p(v_i, y_i) + \alpha \log p(y_i \mid v_i) \quad\text{and}\quad \log p(v_j),

    with :math:`\alpha` the ``discriminative_weight``.

    The defaults serve the likelihood. For features of small gray images that a classifier
    reads, short chains, larger initial weights and a sparsity target do better; see the
    user guide.

    Parameters
    ----------
    centered : bool, default=True
        Whether both layers are measured from the middle between data and model, the enhanced
        gradient (Melchior, Fischer & Wiskott 2016); without it, features that are mostly on
        learn slowly.
    data_bias : bool, default=True
        Whether the visible biases start at the log-odds of the data instead of zero.
    sparsity_target : float or None, default=None
        Mean activity toward which each hidden unit is pulled.
    sparsity_cost : float, default=0.5
        Weight of that pull.
    use_labels : bool, default=False
        Whether ``y`` is learned, too. Rows whose label is the number -1 have none: it is never a
        class. Scores, features and draws are those of the rows, labels summed out. Without it
        ``y`` is ignored.
    discriminative_weight : float, default=20.0
        Weight of the labels given the rest beside the joint density of both (Larochelle & Bengio
        2008): 0 learns the joint density, and ``np.inf`` the labels given the rest alone, by
        exact gradients without chains, for which rows without a label are left out.
    learning_rate : float or "auto" (at most 0.8, see Notes), default="auto"
        Step along the gradient of the mean log-likelihood.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make four updates a weight, between 2 000 and 10 000, or
        fewer where rows are few or have labels, see Notes. Early stopping waits for
        ``n_iter_no_change`` epochs, and for 500 updates at least.
    %(shared_parameters)s

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Weights W.
    intercept_hidden_ : ndarray of shape (n_components,)
        Biases c of the hidden units.
    intercept_visible_ : ndarray of shape (n_features,)
        Biases b of the visible units.
    label_components_ : ndarray of shape (n_components, n_classes)
        Weights of the label's units, with ``use_labels``.
    intercept_label_ : ndarray of shape (n_classes,)
        Their biases, with ``use_labels``.
    classes_ : ndarray of shape (n_classes,)
        Labels of ``fit``, or ``classes`` of the first ``partial_fit``; with ``use_labels``.
    likelihood_kind_ : str
        "exact" where a layer has at most 20 units, so that log Z is enumerated; otherwise
        "ais", estimated by annealed importance sampling.
    log_partition_ : float
        log Z in nats, computed when ``score_samples`` first needs it.
    log_partition_std_ : float
        Its standard error; 0 where exact.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        With ``use_labels``: no row has a label, all labels are of one class, or one is None or NaN.

    See Also
    --------
    GaussianBernoulliRBM : For real-valued rows.
    DeepBeliefNetwork : Several layers, trained one by one.

    Notes
    -----
    ``learning_rate="auto"`` is 6.4 / n_components^0.75, and at most 0.8: the more hidden units
    there are, the sooner a large one runs away.

    Few rows are soon learned by heart. With less than 50 of them a hidden unit, and less than
    2 000 in all, ``max_iter="auto"`` first trains on four fifths of the rows, and then on all for
    as many updates as gave the other fifth the highest pseudo-likelihood. With ``early_stopping``
    there is no such first run.

    With ``use_labels`` the automatic learning rate is at most 0.25. A ``discriminative_weight``
    beyond 20 divides it by weight / 20, so that the step of the labels grows no further; for an
    infinite one it is multiplied by 20. ``max_iter="auto"`` then makes 5 000 updates at most, and
    early stopping watches the log-probability of the labels held out.

    References
    ----------
    Hinton, G. (2002). Training products of experts by minimizing contrastive divergence.
    Neural Computation.

    Tieleman, T. (2008). Training restricted Boltzmann machines using approximations to the
    likelihood gradient. ICML.

    Salakhutdinov, R. & Murray, I. (2008). On the quantitative analysis of deep belief
    networks. ICML.

    Larochelle, H. & Bengio, Y. (2008). Classification using discriminative restricted Boltzmann
    machines. ICML.

    Melchior, J., Fischer, A. & Wiskott, L. (2016). How to center deep Boltzmann machines.
    JMLR.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import BernoulliRBM
    >>> X = (load_digits().data >= 8).astype("float32")
    >>> model = BernoulliRBM(n_components=16, random_state=0).fit(X)
    >>> model.likelihood_kind_, bool(model.score(X) > -18)
    ('exact', True)
    >>> model.transform(X).shape, model.sample(3).shape
    ((1797, 16), (3, 64))

    With labels it is a classifier:

    >>> y = load_digits().target
    >>> model = BernoulliRBM(16, use_labels=True, n_gibbs_steps=1, max_iter=60, random_state=0)
    >>> model = model.fit(X[:1200], y[:1200])
    >>> bool((model.predict(X[1200:]) == y[1200:]).mean() > 0.8), model.sample_class(7).shape
    (True, (1, 64))
    """

    measure_ = "counting"
    _marks_unlabeled = True
    _architecture = ("n_components", "use_labels")
    _former_defaults = {"use_labels": False, "discriminative_weight": 20.0}
    _accepts_sparse = True
    _of_bits = "BernoulliRBM", "GaussianBernoulliRBM"
    n_components: int = param(default=256)
    centered: bool = param("boolean", default=True)
    data_bias: bool = param("boolean", default=True)
    sparsity_target: float | None = param(FRACTION, None, default=None)
    sparsity_cost: float = param(NON_NEGATIVE, default=0.5)
    use_labels: bool = param("boolean", default=False)
    discriminative_weight: float = param(WEIGHT, default=20.0)

    @property
    def _highest_learning_rate(self):
        # Twenty times 0.8 for the labels runs away.
        return 0.25 if self.use_labels else 0.8

    @property
    def _automatic_fraction(self):
        """Of the learning rate: past some weight the step of the labels grows no further."""
        if not self.use_labels:
            return 1.0
        if self.discriminative_weight == math.inf:
            return LARGEST_FACTOR
        return min(1.0, LARGEST_FACTOR / max(self.discriminative_weight, 1.0))

    def pseudo_likelihood(self, X):
        """Log-pseudo-likelihood of each row: the sum of log P(v_j | all the others) over j.

        Exact over the features, unlike scikit-learn's, which draws one; it needs no log Z.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Visible rows.

        Returns
        -------
        pseudo_likelihood : ndarray of shape (n_samples,)
            In nats.
        """
        check_is_fitted(self)
        X = self._validate(X)

        def rows(module, v):
            net = module.averaged_net
            if net.n_classes:
                return labeled.log_pseudo_likelihood(net, v)
            arrays = v, net.hidden_input(v), net.weight.T.contiguous(), net.visible_bias
            return torch.from_numpy(log_pseudo_likelihood(*(a.cpu().numpy() for a in arrays)))

        return self._apply(rows, X, double=True)

    def _inspect(self, X, columns):
        return inspect_bits(self, columns)

    def _choose_length(self, columns):
        self._enough_updates = None
        if self.use_labels:
            most = self._most_updates(columns.n_features)
            self._enough_updates = min(UPDATES_WITH_LABELS, most)
        elif self.max_iter == "auto" and not self.early_stopping:
            if has_few_rows(columns.X.shape[0], self.n_components):
                most = self._most_updates(columns.n_features)
                # On small tables of bits its highest value came with that of the likelihood, which
                # is slow to estimate.
                score = "pseudo_likelihood"
                self._enough_updates = updates_by_held_out_rows(self, columns, most, score)

    def _measure(self, columns):
        measure_bits(self, columns)

    def _new_net(self, n_features):
        n_classes = len(self.classes_) if self.use_labels else 0
        net = RBM(n_features + n_classes, self.n_components, n_classes)
        if self.data_bias:
            net.visible_bias.data[:n_features] = log_odds(self._means)
        return net

    def _start(self, net):
        draw_normal_(net.weight, self.init_scale)
        return new_chains(*n_parallel(self), self.n_components)

    def _phase(self, state, optimizer):
        make_phase = fast_hybrid_phase if self.use_labels else bernoulli_phase
        return make_phase(self, state, optimizer)

    def _finish_visible(self, net):
        d = self._built_for["n_features"]
        self.intercept_visible_ = net.visible_bias[:d].numpy().copy()
        for name in ("label_components_", "intercept_label_"):
            vars(self).pop(name, None)
        if net.n_classes:
            self.label_components_ = net.weight[:, d:].numpy().copy()
            self.intercept_label_ = net.visible_bias[d:].numpy().copy()

    def _label_probabilities(self, module, x):
        return labeled.class_probabilities(module.averaged_net, x)

    def _path(self, net):
        # Labels start alike.
        base = F.pad(log_odds(self._means), (0, net.n_classes))
        return BernoulliPath(net, base.to(net.weight.device))

    def _enumerable_units(self):
        return min(self.components_.shape)

    def _exact_partition(self):
        net = self._net
        arrays = (a.numpy() for a in (net.weight, net.visible_bias, net.hidden_bias))
        return labeled_log_partition(*arrays, net.n_classes)
