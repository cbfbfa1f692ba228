"""
Choosing the dimension by held-out likelihood
=============================================

How many latent dimensions do the data have? To a larger model the rows of its fit are always more
likely. The likelihood of rows that it has not seen rises, peaks and falls, and the peak is an
answer. ``score`` is the mean log-likelihood of a row in nats, so ``GridSearchCV`` finds the peak
without ``scoring``. ``n_components="auto"`` finds one by itself: it holds out each of three folds
of the rows, drawn from a hash of their values, and tries all dimensions at the price of one
eigenproblem a fold.
"""

import warnings
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
)

from skgen import FactorAnalysis, ProbabilisticPCA
from skgen.exceptions import HeywoodWarning

# %%
# Where the truth is known
# ------------------------
#
# 400 rows drawn from probabilistic PCA with 8 latent dimensions, two of them weak.

rng = np.random.default_rng(0)
scales = np.array([3, 2.5, 2, 1.7, 1.4, 1.2, 0.8, 0.7])
axes_of_truth = np.linalg.qr(rng.normal(size=(30, 8)))[0].T
drawn = rng.normal(
    size=(400, 8)
) * scales @ axes_of_truth + 0.5 * rng.normal(size=(400, 30))


def likelihood_curve(model, dimensions, X):
    """Mean log-likelihood of training and of held-out rows for each dimension, in nats a row."""
    search = GridSearchCV(
        model,
        {"n_components": dimensions},
        cv=KFold(5, shuffle=True, random_state=0),
        return_train_score=True,
        refit=False,
    ).fit(X)
    return search.cv_results_["mean_train_score"], search.cv_results_[
        "mean_test_score"
    ]


def information_criterion(X, dimensions, name):
    """Dimension of the smallest AIC or BIC."""
    fits = [ProbabilisticPCA(k).fit(X) for k in dimensions]
    return dimensions[
        int(np.argmin([getattr(fit, name)(X) for fit in fits]))
    ]


few = list(range(1, 21))
train, held_out = likelihood_curve(ProbabilisticPCA(), few, drawn)
chosen = {
    "peak of the held-out curve": few[int(np.argmax(held_out))],
    'n_components="auto"': ProbabilisticPCA("auto")
    .fit(drawn)
    .n_components_,
    'n_components="mle" (Minka)': ProbabilisticPCA("mle")
    .fit(drawn)
    .n_components_,
    "smallest BIC": information_criterion(drawn, few, "bic"),
    "smallest AIC": information_criterion(drawn, few, "aic"),
    "90 % of the variance": ProbabilisticPCA(0.9)
    .fit(drawn)
    .n_components_,
}
print("Drawn with 8 dimensions. Chosen:")
for name, k in chosen.items():
    print(f"{name:30}{k:3d}")

# %%
# Digits, where it is not
# -----------------------
#
# Real data are no Gaussian plane plus noise, and the question becomes which model of which size
# predicts unseen rows best. That depends on how many rows there are to learn from; here are 200
# digits. Pixels that hardly vary are left out, for a density may be as high as one likes where
# nothing varies.

X = load_digits().data
X = X[:, X.std(axis=0) > 1.6]
digits = np.random.default_rng(0).permutation(X)[:200]
many = [1, *range(2, 29, 2), 32, 36]
# Very many factors explain some pixels wholly. Factor analysis warns of it; here it is expected.
warnings.simplefilter("ignore", HeywoodWarning)

curves, auto, reached = {}, {}, {}
for model in (ProbabilisticPCA(), FactorAnalysis()):
    name = type(model).__name__
    start = perf_counter()
    curves[name] = likelihood_curve(model, many, digits)[1]
    middle = perf_counter()
    auto[name] = model.fit(digits).n_components_
    print(
        f"{name:17} search: {many[int(np.argmax(curves[name]))]:3d} in {middle - start:.2f} s,  "
        f"auto: {auto[name]:3d} in {perf_counter() - middle:.2f} s"
    )
    folds = KFold(5, shuffle=True, random_state=0)
    reached[name] = cross_val_score(model, digits, cv=folds).mean()

# %%
# The curves
# ----------

figure, (left, right) = plt.subplots(
    1, 2, figsize=(11, 4.4), layout="constrained"
)
left.plot(few, train, color="tab:gray", label="rows of the fit")
left.plot(
    few, held_out, color="tab:blue", marker="o", label="held-out rows"
)
left.axvline(8, color="tab:green", linestyle="--", label="truth")
left.set(
    title="Drawn with 8 latent dimensions",
    xlabel="n_components",
    ylabel="log-likelihood, nats a row",
    xticks=range(2, 21, 2),
    ylim=(held_out[4], train[-1] + 0.3),
)
left.legend()
for name, curve in curves.items():
    (line,) = right.plot(many, curve, marker="o", label=name)
    right.plot(
        auto[name],
        reached[name],
        "*",
        markersize=14,
        color=line.get_color(),
        label=f'"auto": {auto[name]}',
    )
right.set(
    title="200 digits, held-out rows",
    xlabel="n_components",
    ylabel="log-likelihood, nats a row",
)
right.legend()
plt.show()

# %%
# On the left the two curves part where the model starts to fit noise, and the held-out one peaks at
# the truth. The closed criteria find it too, as the data are drawn from the very model that they
# assume; a fraction of the variance is no criterion.
#
# On the right factor analysis, which has a noise variance for each pixel, does better with few
# factors, and probabilistic PCA, with fewer parameters to learn, catches up where there are many.
# The stars are what ``"auto"`` chose in about the time of a single fit, and what it reaches on the
# same held-out rows, choosing anew without each fold of them. For factor analysis it chooses a lower bound of the noise as well, under which
# many factors do no harm. With all 1797 digits more dimensions can be learned:

for model in (ProbabilisticPCA(), FactorAnalysis()):
    print(
        f"{type(model).__name__:17} all digits, auto: {model.fit(X).n_components_}"
    )
