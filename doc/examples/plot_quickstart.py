"""
Quickstart: every model as a feature step, and as a generator
=============================================================

Each estimator of skgen does two jobs. As a **feature step** it stands before a classifier. As a
**generator** it draws new rows, fills in what is missing and, where it has a density, says how
likely unseen rows are, in nats. This example does both for each of them, on the 8 x 8 digits that
ship with scikit-learn. It takes a minute or two.

The digits are stored in the order in which people wrote them. The last 30 % are held out without
shuffling. A model is thus tested on handwriting that it has not seen, which is harder than a
shuffled split and closer to how it would be used.
"""

import warnings
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from skgen import (
    GAN,
    ICA,
    VAE,
    Autoencoder,
    BernoulliRBM,
    ContractiveAE,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    DenoisingAE,
    FactorAnalysis,
    FullyVisibleBeliefNetwork,
    GaussianBernoulliRBM,
    MixtureOfFactorAnalyzers,
    ProbabilisticPCA,
    SparseAE,
    SparseCoder,
)
from skgen.exceptions import HeywoodWarning

# Models of 64 pixels are too small to gain from a second thread.
threadpool_limits(1)

# Some corner pixels have ink in one or two digits only. That factors explain them wholly is worth a
# warning, and does no harm here.
warnings.simplefilter("ignore", HeywoodWarning)

X, y = load_digits(return_X_y=True)
X = X / 16  # gray levels in [0, 1]
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, shuffle=False
)

# %%
# A search by likelihood
# ----------------------
#
# A model with a density needs no labels to choose its size: the best one makes unseen rows the most
# likely. ``score`` is the mean log-density of the rows, so ``GridSearchCV`` needs no ``scoring``.

sizes = {"n_components": [4, 8, 16, 32]}
search = GridSearchCV(FactorAnalysis(), sizes, cv=KFold(3)).fit(X_train)
for k, nats in zip(
    sizes["n_components"], search.cv_results_["mean_test_score"]
):
    print(
        f"FactorAnalysis({k:2}): {nats:6.2f} nats for each digit of an unseen fold"
    )

# %%
# Every model
# -----------
#
# One line each. To be quick the networks train for less long than they do by default, the belief
# network mixes 4 orders of the pixels instead of 16, and most codes have 64 numbers. The mixture has
# the size that makes the last half of the training rows the most likely after a fit to the first
# half. Slow features are absent, since digits have no order in time; the general Boltzmann machine
# and the sigmoid belief network have pages of their own.

MODELS = {
    "density of the gray levels": [
        ProbabilisticPCA(),
        search.best_estimator_,
        ICA(),
        MixtureOfFactorAnalyzers(20, 6),
        GaussianBernoulliRBM(64, max_iter=25),
    ],
    "probability of the gray levels": [
        FullyVisibleBeliefNetwork(n_orders=4, max_iter=12),
    ],
    "probability of ink": [
        VAE(32, max_iter=50),
        BernoulliRBM(64, max_iter=150),
        DeepBeliefNetwork((64, 64), max_iter=100),
        DeepBoltzmannMachine((64, 64), max_iter=100),
    ],
    "no density": [
        SparseCoder(64, alpha=0.5),
        Autoencoder(64, max_iter=50),
        SparseAE(64, max_iter=50),
        ContractiveAE(64, max_iter=50),
        DenoisingAE(64, max_iter=50),
        GAN(max_iter=50),
    ],
}


def accuracy_of(features_train, features_test):
    """Held-out accuracy of a linear classifier of these features."""
    classifier = make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=2000)
    )
    return classifier.fit(features_train, y_train).score(
        features_test, y_test
    )


def nats_of(model):
    """What the held-out digits score, and what kind of number that is."""
    if model.likelihood_kind_ == "error":
        return "-"
    return f"{model.score(X_test):.2f} ({model.likelihood_kind_})"


# %%
# ICA, the sparse coder and the Boltzmann machines run on kernels that numba compiles when they are
# first called and keeps on disk. That is not counted below.

print("compiling kernels, once on a machine ...", flush=True)
start = perf_counter()
ICA(2).fit(X_train[:200])
SparseCoder(2, tol=0.1).fit(X_train[:200])
BernoulliRBM(2, max_iter=1).fit(X_train[:200])
DeepBoltzmannMachine((2, 2), max_iter=1).fit(X_train[:200])
print(f"compiled in {perf_counter() - start:.0f} s\n")

print(
    f"{'model':26}{'seconds':>8}{'accuracy':>10}{'of codes':>10}   held-out nats"
)
print(
    f"{'pixels alone':26}{'-':>8}{accuracy_of(X_train, X_test):10.3f}{'-':>10}   -"
)
fitted = {}
for kind, models in MODELS.items():
    print(f"-- {kind}")
    for model in models:
        name, start = type(model).__name__, perf_counter()
        fitted[name] = model.set_params(random_state=0).fit(X_train)
        seconds = perf_counter() - start
        codes = model.transform(X_train), model.transform(X_test)
        beside = accuracy_of(
            *(np.hstack(both) for both in zip((X_train, X_test), codes))
        )
        print(
            f"{name:26}{seconds:8.1f}{beside:10.3f}{accuracy_of(*codes):10.3f}   {nats_of(model)}"
        )

# %%
# How to read it:
#
# - **Accuracy** of a linear classifier of the pixels with the codes beside them, as
#   ``make_union("passthrough", model)`` puts them, and of the codes alone. With 540 held-out digits
#   a difference below about 0.02 is noise.
# - **Held-out nats**, per digit, higher is better. They compare within a block. The first block has
#   densities of gray levels, which may exceed zero; the second knows that there are 17 of them, and
#   gives each a probability; the third takes a pixel in [0, 1] as the chance of ink. The logarithm
#   of a probability never exceeds zero.
# - The kind says whether the number is exact, an estimate or a lower bound. A plain autoencoder has
#   no density.
#
# Why are some codes alone below the pixels?
#
# - No model has seen a label. What it keeps is what makes digits likely, or what rebuilds them:
#   slant and thickness as much as the class.
# - 64 pixels already suffice for a linear classifier. A linear code can only lose some of what it
#   used, and so does a code whose units saturate. Beside the pixels nothing is lost.
# - The defaults of the Boltzmann machines serve the likelihood. Features want shorter chains,
#   larger initial weights and a sparsity target, as the user guide says. The top of a deep machine
#   is two layers away from the pixels.
# - What gains beyond the noise is the sparse code: a few atoms for each digit, each for a stroke.
#
# Four verbs
# ----------
#
# Ten held-out digits, one of each class; their codes, of which few of the 64 numbers are not zero;
# ten digits that are in no data set; and the first ten again, their lower halves filled in from the
# upper ones, in blue.

rows = X_test[
    [np.flatnonzero(y_test == digit)[0] for digit in range(10)]
]
upper = rows.copy()
upper[:, 32:] = np.nan

PANELS = [
    ("digits", "X", rows),
    (
        "codes",
        "SparseCoder().transform(X)",
        fitted["SparseCoder"].transform(rows),
    ),
    (
        "draws",
        "Autoencoder().sample(10)",
        fitted["Autoencoder"].sample(10, random_state=0),
    ),
    ("half missing", "X[:, 32:] = nan", upper),
    (
        "filled in",
        "FactorAnalysis().impute(X)",
        fitted["FactorAnalysis"].impute(upper),
    ),
]


def show_images(ax, colors):
    """Put 8 x 8 images, given by the color of each pixel, side by side with a gap between them."""
    padded = np.pad(
        colors.reshape(-1, 8, 8, 4), ((0, 0), (1, 1), (2, 2), (0, 0))
    )
    ax.imshow(np.hstack(padded))
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def color(name, images):
    """Ink in black; codes, by their size, in orange; what was filled in, in blue."""
    if name == "codes":
        return plt.cm.Oranges(
            np.abs(images) / np.abs(images).max(axis=1, keepdims=True)
        )
    colors = plt.cm.gray_r(images.clip(0, 1))
    if name == "half missing":
        colors[:, 32:] = plt.cm.Blues(0.12)
    if name == "filled in":
        colors[:, 32:] = plt.cm.Blues(
            0.12 + 0.88 * images[:, 32:].clip(0, 1)
        )
    return colors


figure, axes = plt.subplots(
    len(PANELS), figsize=(10, 4.2), layout="constrained"
)
for ax, (name, code, images) in zip(axes, PANELS):
    show_images(ax, color(name, images))
    ax.text(
        -2,
        3.4,
        name,
        ha="right",
        va="center",
        fontsize=13,
        weight="bold",
    )
    ax.text(
        -2,
        6.9,
        code,
        ha="right",
        va="center",
        fontsize=10,
        family="monospace",
        color="0.35",
    )
figure.savefig("quickstart.png", dpi=110)

# %%
# Draws of every model
# --------------------

draws = {"real digits": rows}
draws |= {
    name: model.sample(10, random_state=0)
    for name, model in fitted.items()
}
figure, axes = plt.subplots(
    -(-len(draws) // 2),
    2,
    figsize=(13, 5),
    squeeze=False,
    layout="constrained",
)
for ax, (name, images) in zip(axes.T.flat, draws.items()):
    show_images(ax, color(name, images))
    ax.set_yticks(
        [4.5],
        [name],
        fontsize=12,
        weight="bold" if images is rows else "normal",
    )
for ax in axes.T.flat[len(draws) :]:
    ax.set_axis_off()
figure.savefig("quickstart_draws.png", dpi=110)
print("\nThe pictures are in quickstart.png and quickstart_draws.png.")

# %%
# Every draw is new: none of these digits is in the data. Models that take pixels for the chance of
# ink draw black and white. A Gaussian draws gray levels with noise around them; an autoencoder
# decodes a draw from a mixture fitted to its codes, without noise; the sparse coder adds up atoms
# that it draws one by one, and does not know which go together.
