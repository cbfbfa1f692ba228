"""Classifier whose network starts at the weights of an unsupervised model."""

from numbers import Real

import numpy as np
import torch
from sklearn.base import ClassifierMixin, clone
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted
from torch.nn import functional as F

from skgen.base.labels import UNLABELED, checked_labels, one_hot, with_label
from skgen.base.parameters import AUTO, COUNT, NON_NEGATIVE, param
from skgen.base.results.layers import LayerMixin
from skgen.base.sklearn_compat import Interval
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.base.wording import counted
from skgen.nets.layers import activations
from skgen.pretraining.network import classifier_network, initialize_randomly
from skgen.pretraining.virtual_adversarial import draw_rows, virtual_adversarial_loss
from skgen.training import Phase, Stage, adam, as_tensor, standardized

REMEDY = f"mark rows without a label by the number {UNLABELED}"
DROPPED = Interval(Real, 0, 1, closed="left")


class FineTunedClassifier(LayerMixin, ClassifierMixin, TrainingParameters, TorchEstimator):
    """Softmax classifier on the encoder of an unsupervised model, trained by backpropagation.

    First ``estimator`` learns from all rows x, labeled or not; then its encoder f and a softmax
    layer learn from the labeled rows x_i, and on request from all::

        P(y | x) = softmax(A f(x) + a),   f from W, b of the estimator's layers
        minimize   -mean_i log P(y_i | x_i)  +  mean_x KL(P(. | x) || P(. | x + r))

    In the second term r is a perturbation of length ``adversarial_radius`` in the direction that
    changes the prediction the most, so that classes part where rows are rare (Miyato et al. 2019).

    Parameters
    ----------
    estimator : estimator
        Unfitted model with an encoder: BernoulliRBM, GaussianBernoulliRBM, DeepBeliefNetwork,
        DeepBoltzmannMachine, Autoencoder, SparseAE, ContractiveAE, DenoisingAE or StackedAE. It
        is fitted without labels.
    pretrain : bool, default=True
        Whether the estimator is fitted first. False starts the same network at random, which
        shows what the unlabeled rows are worth.
    dropout : float, default=0.0
        Fraction of the units of each hidden layer that an update leaves out. The others are
        scaled up for it, so that the weights of ``estimator`` fit as they are.
    input_dropout : float, default=0.0
        The same of the features.
    adversarial_radius : float, default=0.0
        Length of the perturbation r of a row, labeled or not, that should not change its
        prediction; in the units that ``estimator`` sees, those of the data where they lie in
        [0, 1]. 0 leaves the second term out; with it an update takes about three times as long.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as 3000 updates need, and more for many labels.
    %(shared_parameters)s

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels, without the -1 that marks rows without one.
    estimator_ : estimator
        The unsupervised model, before fine-tuning.
    %(shared_attributes)s

    Raises
    ------
    ValueError
        No row has a label, all labels are of one class, or one is None or NaN.

    Notes
    -----
    ``max_iter="auto"`` makes 3 000 updates, however few the labels are, and more where that is
    not 30 epochs of 128 rows.

    Rows whose label is the number -1 have none, as in scikit-learn's semi-supervised classifiers:
    it is never a class, so that two classes are coded by 0 and 1 and not by -1 and 1. Beside names,
    -1 takes an array of dtype object. ``score`` leaves such rows out, so that a search over partly
    labeled rows counts what is known. None and NaN are refused. Where few rows have a label, split
    by ``StratifiedKFold``: a part in which a single class is left cannot train a classifier.

    References
    ----------
    Hinton, G. & Salakhutdinov, R. (2006). Reducing the dimensionality of data with neural
    networks. Science.

    Srivastava, N. et al. (2014). Dropout: a simple way to prevent neural networks from
    overfitting. JMLR.

    Miyato, T., Maeda, S., Koyama, M. & Ishii, S. (2019). Virtual adversarial training: a
    regularization method for supervised and semi-supervised learning. IEEE TPAMI.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import BernoulliRBM, FineTunedClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> y_known = y.copy()
    >>> y_known[200:] = -1
    >>> machine = BernoulliRBM(64, max_iter=50)
    >>> model = FineTunedClassifier(machine, random_state=0).fit(X / 16, y_known)
    >>> bool(model.score(X[200:] / 16, y[200:]) > 0.8)
    True
    """

    _architecture = ("estimator", "pretrain", "dropout", "input_dropout")
    estimator: object = param(kw_only=False)
    pretrain: bool = param("boolean", default=True)
    dropout: float = param(DROPPED, default=0.0)
    input_dropout: float = param(DROPPED, default=0.0)
    adversarial_radius: float = param(NON_NEGATIVE, default=0.0)
    learning_rate: float = param(default=3e-3)
    max_iter: int | str = param(COUNT, AUTO, default="auto")

    @property
    def _n_updates(self):
        return max(3000, 30 * self._n_labeled // 128)

    @property
    def partial_fit(self):
        """Absent: pre-training wants all rows at once."""
        raise AttributeError("FineTunedClassifier has no partial_fit; use warm_start=True.")

    def _targets(self, X, y, resume):
        y = checked_labels(X, y, REMEDY)
        known = with_label(y)
        check_classification_targets(y[known])
        self._n_labeled = int(known.sum())
        self._all_rows = None if known.all() else X
        if not resume:
            self.classes_ = two_or_more_classes(y[known])
        # Rows of NaN sit out the training.
        columns = np.full((len(y), len(self.classes_)), np.nan, dtype=np.float32)
        columns[known] = one_hot(y[known], self.classes_)
        return columns

    def _inspect(self, X, columns):
        if not hasattr(self.estimator, "_encoder_module"):
            raise TypeError(
                f"estimator={self.estimator!r} has no encoder to fine-tune; "
                "use a Boltzmann machine, a DeepBeliefNetwork, or a deterministic autoencoder."
            )
        if self.estimator.get_params(deep=False).get("use_labels"):
            raise ValueError(
                f"estimator={self.estimator!r} has use_labels=True, but it is fitted without "
                "labels; use use_labels=False."
            )
        model = clone(self.estimator)
        if model.random_state is None:
            model.set_params(random_state=self.random_state)
        if self.pretrain:
            model.fit(X, **({} if columns.weight is None else {"sample_weight": columns.weight}))
        else:
            model._initial_module(columns)
        if columns.weight is not None and self._all_rows is not None:
            self._all_rows = columns.sample(len(X))
        self.estimator_ = model
        self._of_bits, self._value_range = model._of_bits, model._value_range
        return model._center, model._scale

    def _build(self, n_features):
        model = self.estimator_
        if self.pretrain:
            encoder = model._encoder_module(model.module_)
        else:
            encoder = model._encoder_module(model._build(n_features))
            initialize_randomly(encoder)
        network = classifier_network(
            encoder,
            n_features,
            len(self.classes_),
            input_dropout=self.input_dropout,
            dropout=self.dropout,
        )
        return network.requires_grad_(True)

    def _stages(self, module):
        optimizer = adam(module.parameters(), self.learning_rate, weight_decay=self.weight_decay)
        d = self._built_for["n_features"]

        def cross_entropy(rows, generator):
            return F.cross_entropy(module(rows[:, :d]), rows[:, d:])

        if not self.adversarial_radius:
            return [Stage([Phase("cross_entropy", cross_entropy, optimizer)])]
        pool = self._pool(next(module.parameters()).device)

        def smoothed(rows, generator):
            x = rows[:, :d] if pool is None else draw_rows(pool, generator)
            smoothness = virtual_adversarial_loss(module, x, self.adversarial_radius, generator)
            return cross_entropy(rows, generator) + smoothness

        return [Stage([Phase("cross_entropy", smoothed, optimizer)], monitor=cross_entropy)]

    def _pool(self, device):
        """All rows as a tensor where some have no label, otherwise None."""
        if self._all_rows is None:
            return None
        rows = standardized(self._all_rows, self._center, self._scale)
        return as_tensor(rows).to(device)

    def _finish(self, X):
        """Let go of the rows; nothing is left to set."""
        self._all_rows = None

    def _activations(self, module, x):
        return activations(module[0], x)

    def predict_proba(self, X):
        """P(y | x) of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            In the order of ``classes_``.
        """
        check_is_fitted(self)
        rows = self._standardize(self._validate(X))
        return self._apply(lambda net, x: torch.softmax(net(x), -1), rows)

    def predict(self, X):
        """The most probable label of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Values of ``classes_``.
        """
        numbers = self.predict_proba(X).argmax(axis=1)
        return self.classes_[numbers]

    def score(self, X, y, sample_weight=None):
        """Accuracy on the rows that have a label.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,)
            Labels; rows with -1 are left out.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows.

        Returns
        -------
        accuracy : float
            Fraction of the labels that are predicted.

        Raises
        ------
        ValueError
            No row has a label, or one is None or NaN.
        """
        y = checked_labels(X, y, REMEDY)
        weight = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight)
        return float(np.average(self.predict(X) == y, weights=weight * with_label(y)))


def two_or_more_classes(y):
    """Sorted labels; refuses a single one, which leaves nothing to tell apart."""
    classes = np.unique(y)
    if len(classes) == 1:
        raise ValueError(
            f"y has one class, {classes[0]}, in its {counted(len(y), 'labeled row')}, but a "
            "classifier needs two; label rows of another class, or split so that each part keeps "
            f"some, as StratifiedKFold does. {UNLABELED} marks a row without a label and is never "
            "a class: code two classes by 0 and 1."
        )
    return classes
