"""
Quickstart: every model as a feature step, and as a generator
=============================================================

Each estimator of skgen does two jobs. As a **feature step** it stands in a scikit-learn
``Pipeline`` before a classifier, and ``GridSearchCV`` chooses its size. As a **generator** it says
how likely unseen rows are, in nats, and draws new ones. This example does both for each of them, on
the 8 x 8 digits that ship with scikit-learn.

The digits are stored in the order in which people wrote them. The last 30 % are held out without
shuffling, and so are the folds of the searches. A model is thus tested on handwriting that it
has not seen, which is harder than a shuffled split and closer to how it would be used.
"""

import warnings
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skgen import (
    GAN,
    VAE,
    Autoencoder,
    BernoulliRBM,
    ContractiveAE,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    DenoisingAE,
    FactorAnalysis,
    GaussianBernoulliRBM,
    ProbabilisticPCA,
    SparseAE,
    SparseCoder,
)
from skgen.exceptions import HeywoodWarning

# %%
# The models
# ----------
#
# One line each: the estimator, and the few values that the search tries. To be quick the networks
# train for 30 epochs in the search; as generators, below, they train for as long as they do by
# default.

BRIEF = {"max_iter": [30]}
MODELS = {
    "density of the gray levels": [
        (ProbabilisticPCA(), {"n_components": [20, 40]}),
        (FactorAnalysis(), {"n_components": [16, 32]}),
        (GaussianBernoulliRBM(), {"n_components": [64, 128], **BRIEF}),
    ],
    "probability of ink": [
        (VAE(), {"n_components": [16, 32], **BRIEF}),
        (BernoulliRBM(), {"n_components": [100, 256], **BRIEF}),
        (DeepBeliefNetwork(), BRIEF),
        (DeepBoltzmannMachine(), BRIEF),
    ],
    "no density": [
        (Autoencoder(), {"n_components": [16, 64], **BRIEF}),
        (SparseCoder(alpha=0.5), {"n_components": [64, 128]}),
        (SparseAE(), {"n_components": [64, 256], **BRIEF}),
        (ContractiveAE(), {"n_components": [64, 128], **BRIEF}),
        (DenoisingAE(), {"n_components": [64, 256], **BRIEF}),
        (GAN(max_iter=100), BRIEF),
    ],
}

# Models of 64 pixels are too small to gain from a second thread.
threadpool_limits(1)

# Some corner pixels have ink in one or two digits only. That factors explain them wholly is worth a
# warning, and does no harm here.
warnings.simplefilter("ignore", HeywoodWarning)

X, y = load_digits(return_X_y=True)
X = X / 16  # gray levels in [0, 1]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, shuffle=False)

# %%
# Two jobs
# --------
#
# A classifier of the features: the search sees the training rows only, then the best pipeline is
# tested once on the held-out digits.


def search_features(step, grid):
    """Search a pipeline with this feature step."""
    pipeline = Pipeline(
        [
            ("features", step),
            ("scale", StandardScaler()),
            ("classify", LogisticRegression(max_iter=2000)),
        ]
    )
    return GridSearchCV(pipeline, grid, cv=KFold(2)).fit(X_train, y_train)


# %%
# A generator: the estimator as it stands in the table, its score on the held-out digits, and twelve
# draws.


def fit_generator(estimator):
    """Fit to the training rows; what the held-out digits score, and draws."""
    model = estimator.fit(X_train)
    nats = "-"
    if model.likelihood_kind_ != "error":
        nats = f"{model.score(X_test):.2f} ({model.likelihood_kind_})"
    return nats, model.sample(12, random_state=0)


# %%
# The table
# ---------


def print_row(name, search, nats, start):
    """Print one line of the table."""
    searched = [k for k, values in search.param_grid.items() if len(values) > 1]
    chosen = ", ".join(f"{k.split('__')[-1]}={search.best_params_[k]}" for k in searched)
    accuracy = search.score(X_test, y_test)
    seconds = perf_counter() - start
    print(f"{name:22}{chosen:20}{accuracy:8.3f}   {nats:24}{seconds:7.1f}", flush=True)


draws = {"real digits": X_test[:12]}
print(f"{'features':22}{'chosen':20}{'accuracy':8}   {'held-out nats':24}seconds")
start = perf_counter()
raw = search_features("passthrough", {"classify__C": [0.01, 0.1, 1, 10]})
print_row("raw pixels", raw, "-", start)
for kind, rows in MODELS.items():
    print(f"-- {kind}")
    for step, grid in rows:
        start, name = perf_counter(), type(step).__name__
        step.set_params(random_state=0)
        search = search_features(step, {f"features__{k}": v for k, v in grid.items()})
        nats, draws[name] = fit_generator(step)
        print_row(name, search, nats, start)

# %%
# How to read it:
#
# - **Accuracy.** With 540 held-out digits a difference below about 0.02 is noise. Linear features
#   can only lose something for a linear classifier, though few of them go a long way; wide
#   non-linear codes gain.
# - **Held-out nats**, per digit, higher is better. They compare within a block. The first block has
#   densities of gray levels, which may exceed zero; the second takes a pixel in [0, 1] as the
#   chance of ink, and the logarithm of a probability never exceeds zero.
# - The kind says whether the number is exact or a lower bound. A plain autoencoder has no density.
#
# The draws
# ---------


def strip(images):
    """Put a row of 8 x 8 digits side by side, with a gap between them."""
    padded = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    return np.hstack(padded.clip(0, 1))


n_columns = 1 if len(draws) < 10 else 2
n_rows = -(-len(draws) // n_columns)
figure, axes = plt.subplots(
    n_rows, n_columns, figsize=(8.5 * n_columns, 0.6 * n_rows), squeeze=False, layout="constrained"
)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
for ax, (name, images) in zip(axes.T.flat, draws.items()):
    ax.imshow(strip(images), cmap="gray_r", vmin=0, vmax=1)
    weight = "bold" if name == "real digits" else "normal"
    ax.set_yticks([4.5], [name], fontsize=12, weight=weight)
    ax.tick_params(length=0)
figure.savefig("quickstart.png", dpi=120)
print("The picture is in quickstart.png.")

# %%
# Every draw is new: none of these digits is in the data. Models that take pixels for the chance of
# ink draw black and white. A Gaussian draws gray levels with noise around them; an autoencoder
# decodes a draw from a mixture fitted to its codes, without noise; the sparse coder adds up atoms
# that it draws one by one, and does not know which go together.
