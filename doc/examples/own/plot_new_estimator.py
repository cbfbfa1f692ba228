"""
Write your own estimator, on NumPy or on torch
==============================================

Two models that skgen lacks, each in some thirty lines: a Parzen window on NumPy and an affine
flow on torch. Both get their constructor, input checks, verbs, documentation of shared parameters,
pickling, callbacks and warm starts from the bases, and pass the same contract checks as skgen's own
models. :doc:`/developer` explains the parts.
"""

# %%
# On NumPy: a Parzen window
# -------------------------
# The mathematics is a function of arrays (a *kernel*); the class (the *shell*) only translates.
# Parameters are declared once, by ``param``: constraint, default, and whether by name alone. The
# mixins have the public verbs, which check and validate, and call the hooks ``_score_rows`` and
# ``_sample``, which trust their input.
import numpy as np
from scipy.special import logsumexp
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import check_estimator

from skgen.base import InputMixin, SampleMixin, ScoreMixin
from skgen.base.parameters import POSITIVE, Parameters, param
from skgen.base.sklearn_compat import fit_method
from skgen.testing import check_generative_estimator, generative_checks


def log_density(X, centers, bandwidth):
    """Log of the mean of Gaussians around the centers (m, d) at rows X (n, d), in nats."""
    m, d = centers.shape
    squares = ((X[:, None] - centers) ** 2).sum(-1) / bandwidth**2
    return (
        logsumexp(-0.5 * squares, axis=1)
        - np.log(m)
        - d / 2 * np.log(2 * np.pi * bandwidth**2)
    )


class ParzenWindow(
    ScoreMixin, SampleMixin, InputMixin, Parameters, BaseEstimator
):
    """Density of rows as a Gaussian around each training row (Parzen 1962).

    Parameters
    ----------
    bandwidth : float, default=0.5
        Standard deviation of each Gaussian, in the units of X.
    random_state : int, RandomState instance or None, default=None
        Source of the draws.
    """

    bandwidth: float = param(POSITIVE, default=0.5, kw_only=False)
    random_state: object = param("random_state", default=None)

    likelihood_kind_ = "exact"

    @fit_method
    def fit(self, X, y=None):
        """Keep the training rows."""
        self.rows_ = self._validate(X, reset=True).copy()
        return self

    def _score_rows(self, X):
        return log_density(
            X.astype(np.float64),
            self.rows_.astype(np.float64),
            self.bandwidth,
        )

    def _sample(self, n_samples, rng):
        centers = self.rows_[
            rng.randint(len(self.rows_), size=n_samples)
        ]
        noise = self.bandwidth * rng.standard_normal(centers.shape)
        return (centers + noise).astype(self.rows_.dtype)


# %%
# scikit-learn's checks and skgen's: the second include that the density integrates to one and has
# the mean and covariance of the draws.
check_estimator(ParzenWindow(), on_skip=None)
check_generative_estimator(ParzenWindow())
names = [name for name, _ in generative_checks(ParzenWindow())]
print(
    f"{len(names)} checks of skgen, the first: {', '.join(names[:4])}"
)

# %%
# On torch: an affine flow
# ------------------------
# A torch estimator has five hooks beside its verbs. ``_inspect`` looks at X and says by which
# center and scale the networks see it, ``_build`` makes the module, ``_stages`` says what is
# descended and by which optimizer, ``_finish`` sets fitted attributes, and ``_architecture`` names
# the parameters that going on (``warm_start``, ``partial_fit``) cannot change. There is no loop to
# write: shuffling, devices, early stopping, divergence, callbacks and resuming are the template's.
import torch
from torch import nn

from skgen.base import LatentMixin
from skgen.base.data_range import column_scales
from skgen.base.torch_estimator import TorchEstimator
from skgen.base.training_parameters import TrainingParameters
from skgen.nets.gaussian import log_standard
from skgen.training import Phase, Stage, adam


class AffineNet(nn.Module):
    """z = A x + b with A = diag(exp(s)) (I + strictly lower L), whose log-determinant is sum s."""

    def __init__(self, d):
        super().__init__()
        self.lower, self.shift = (
            nn.Parameter(torch.zeros(d, d)),
            nn.Parameter(torch.zeros(d)),
        )
        self.log_scale = nn.Parameter(torch.zeros(d))

    def matrix(self):
        """A, shape (d, d)."""
        eye = torch.eye(
            len(self.shift),
            dtype=self.shift.dtype,
            device=self.shift.device,
        )
        return self.log_scale.exp()[:, None] * (
            eye + self.lower.tril(-1)
        )

    def forward(self, x):
        """Latent rows z of rows x."""
        return x @ self.matrix().T + self.shift

    def inverse(self, z):
        """Rows x of latent rows z."""
        return torch.linalg.solve(self.matrix(), (z - self.shift).T).T

    def log_prob(self, x):
        """Log-density of rows, as the network sees them, in nats."""
        return log_standard(self(x)) + self.log_scale.sum()


class AffineFlow(
    LatentMixin,
    ScoreMixin,
    SampleMixin,
    TrainingParameters,
    TorchEstimator,
):
    """Density of rows as an affine image of a standard normal, trained by gradients.

    Parameters
    ----------
    %(shared_parameters)s

    Attributes
    ----------
    %(shared_attributes)s
    """

    learning_rate: float = param(default=1e-2)

    likelihood_kind_ = "exact"
    _architecture = ()

    def _inspect(self, X, columns):
        return column_scales(columns)

    def _build(self, n_features):
        return AffineNet(n_features)

    def _stages(self, module):
        optimizer = adam(
            module.parameters(),
            self.learning_rate,
            weight_decay=self.weight_decay,
        )
        loss = Phase(
            "nats",
            lambda x, generator: -module.log_prob(x).mean(),
            optimizer,
        )
        return [Stage([loss])]

    def _finish(self, X):
        self._log_jacobian = float(
            np.log(np.broadcast_to(self._scale, X.shape[1])).sum()
        )

    @property
    def _n_features_out(self):
        return self.n_features_in_

    def _encode(self, X):
        return self._apply(lambda net, x: net(x), self._standardize(X))

    def _decode(self, Z):
        return self._unstandardize(
            self._apply(lambda net, z: net.inverse(z), Z)
        )

    def _score_rows(self, X):
        rows = self._standardize(X).astype(np.float64)
        return (
            self._apply(lambda net, x: net.log_prob(x), rows)
            - self._log_jacobian
        )

    def _sample(self, n_samples, rng):
        z = rng.standard_normal((n_samples, self.n_features_in_))
        return self._decode(z).astype(self._built_for["dtype"])


# Batches are drawn by weight: weights equal repeats in distribution, not number by number.
in_distribution = {
    "check_sample_weight_equivalence_on_dense_data": "batches are random"
}
check_estimator(
    AffineFlow(max_iter=3),
    expected_failed_checks=in_distribution,
    on_skip=None,
)
check_generative_estimator(AffineFlow(max_iter=3))

# %%
# What they learned
# -----------------
# The flow is a Gaussian, whose likelihood a closed form bounds; the Parzen window follows the
# clusters. Bandwidths are compared by the likelihood of held-out rows, with no ``scoring``.
import matplotlib.pyplot as plt
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from skgen import ProbabilisticPCA

X = load_iris().data[:, 2:]
flow = AffineFlow(max_iter=300, random_state=0).fit(X)
gaussian = ProbabilisticPCA(n_components=None).fit(X)
search = GridSearchCV(
    ParzenWindow(), {"bandwidth": [0.05, 0.1, 0.2, 0.4, 0.8]}
).fit(X)
print(
    f"affine flow {flow.score(X):.3f} nats, the closed form {gaussian.score(X):.3f}"
)
print(
    f"Parzen window, held out: {search.best_score_:.3f} nats at {search.best_params_}"
)

fig, axes = plt.subplots(
    1, 2, figsize=(9, 3.6), sharey=True, layout="constrained"
)
grid = np.stack(
    np.meshgrid(np.linspace(0, 8, 120), np.linspace(-0.5, 3.2, 120)), -1
)
for ax, (title, model) in zip(
    axes,
    {
        "affine flow": flow,
        "Parzen window": search.best_estimator_,
    }.items(),
):
    density = np.exp(model.score_samples(grid.reshape(-1, 2))).reshape(
        120, 120
    )
    ax.contourf(
        grid[..., 0], grid[..., 1], density, levels=12, cmap="Blues"
    )
    ax.plot(*X.T, ".", color="tab:orange", markersize=4)
    ax.set(title=title, xlabel="length of the petal, cm")
axes[0].set_ylabel("width of the petal, cm")
plt.show()

# %%
# A step of your own
# ------------------
# A pipeline scores rows in the units before its steps, where it knows how much they stretch. Of a
# transformer of yours :func:`skgen.register_log_jacobian` tells it: the slope of the logarithm is
# 1 / x, whose logarithm is minus what the step gives.
from sklearn.base import OneToOneFeatureMixin, TransformerMixin

from skgen import make_generative_pipeline, register_log_jacobian


class Logarithm(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Logarithm of each value."""

    def fit(self, X, y=None):
        """Learn nothing."""
        return self

    def transform(self, X):
        """Logarithms."""
        return np.log(X)

    def inverse_transform(self, Z):
        """Back to the values."""
        return np.exp(Z)


@register_log_jacobian(Logarithm, columnwise=True)
def log_slopes(step, X, Z):
    """Logarithm of the slope at each value."""
    return -Z


model = make_generative_pipeline(Logarithm(), ParzenWindow())
logarithms = GridSearchCV(
    model, {"parzenwindow__bandwidth": [0.05, 0.1, 0.2, 0.4]}
).fit(X)
print(
    f"Parzen window of logarithms, held out: {logarithms.best_score_:.3f} nats "
    f"at {logarithms.best_params_}"
)
