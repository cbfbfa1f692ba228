"""
What each measure of draws sees
===============================

Draws may be blurred, lack whole classes, or repeat the training rows. No measure sees all of these
faults. Four generators of digits, two of which are faulty on purpose, are judged by the measures in
:doc:`/user_guide/measures`, beside digits that no model drew.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from skgen import FactorAnalysis, MixtureOfFactorAnalyzers
from skgen.metrics import (
    classifier_two_sample_test,
    copies,
    density_coverage,
    frechet_distance,
    inception_score,
    make_generative_scorer,
    maximum_mean_discrepancy,
    nearest_record_distance,
    parzen_log_likelihood,
    precision_recall_f1,
)

# %%
# Five sets of digits
# -------------------
# Each has as many rows as there are digits to compare with: of other numbers of rows most measures
# do not compare. The *half* knows zeros to fours alone, the *copier* adds a little noise to the
# training rows. Draws are rounded to the 17 gray levels, which would give them away otherwise.

rng = np.random.default_rng(0)
X, y = load_digits(return_X_y=True)
order = rng.permutation(len(X))
train, test, unseen = np.split(order, 3)
few = train[y[train] < 5]
X_train, X_test = X[train], X[test]
n = len(test)


def mixture(rows):
    model = MixtureOfFactorAnalyzers(20, 4, random_state=0).fit(rows)
    return model.sample(n, random_state=0)


sets = {
    "unseen digits": X[unseen],
    "Gaussian": FactorAnalysis(12)
    .fit(X_train)
    .sample(n, random_state=0),
    "mixture": mixture(X_train),
    "half": mixture(X[few]),
    "copier": X_train + rng.normal(0, 0.7, X_train.shape),
}
sets = {name: rows.round().clip(0, 16) for name, rows in sets.items()}

figure, axes = plt.subplots(len(sets), figsize=(8, 4.2))
figure.set_layout_engine("constrained")
for ax, (name, rows) in zip(axes, sets.items()):
    images = rows[:12].reshape(-1, 8, 8)
    images = np.pad(images, ((0, 0), (0, 0), (2, 2)))
    ax.imshow(np.hstack(images), cmap="gray_r", vmin=0, vmax=16)
    ax.set(xticks=[])
    ax.set_yticks([3.5], labels=[name])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)

# %%
# Eleven measures
# ---------------
# All but two look at the draws beside held-out digits. The inception score looks at the draws alone
# with the eyes of a classifier; copies are sought among the training rows.

reader = LogisticRegression(C=100, max_iter=2000)
reader.fit(X_train / 16, y[train])
usual = np.median(nearest_record_distance(X_train, X_test))


def judge(draws):
    """All measures of one set."""
    told = classifier_two_sample_test(
        X_test, draws, importances=False, random_state=0
    )
    near = precision_recall_f1(X_test, draws)
    covered = density_coverage(X_test, draws)
    nearest = nearest_record_distance(X_train, draws)
    return {
        "AUC of a classifier": told.auc,
        "1000 MMD$^2$": 1000
        * maximum_mean_discrepancy(X_test, draws).statistic,
        "Frechet distance": frechet_distance(X_test, draws),
        "precision": near.precision,
        "recall": near.recall,
        "density": covered.density,
        "coverage": covered.coverage,
        "inception score": inception_score(
            draws / 16, classifier=reader
        ),
        "distance to training rows": np.median(nearest) / usual,
        "Parzen windows, nats": parzen_log_likelihood(
            X_test, draws
        ).log_likelihood,
        "share of copies": copies(X_train, draws, X_test).fraction,
    }


table = {name: judge(rows) for name, rows in sets.items()}
measures = list(table["copier"])
values = np.array(
    [list(column.values()) for column in table.values()]
).T

# %%
# The darker, the further from what unseen digits have.

gap = np.abs(values - values[:, :1])
figure, ax = plt.subplots(figsize=(8, 5), layout="constrained")
ax.imshow(
    gap / gap.max(axis=1, keepdims=True),
    cmap="Oranges",
    vmax=1.6,
    aspect="auto",
)
for i, row in enumerate(values):
    for j, value in enumerate(row):
        text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
        ax.text(j, i, text, ha="center", va="center")
ax.set_yticks(range(len(measures)), labels=measures)
ax.set_xticks(range(len(sets)), labels=sets)
ax.xaxis.tick_top()
ax.tick_params(length=0)
plt.show()

# %%
# How to read it:
#
# - The Gaussian is wrong by every measure but the share of copies: no draw is near a training row,
#   since none is near any digit.
# - The half draws single digits about as well as the mixture, so that precision and density are
#   fooled. Recall and coverage fall, and the inception score is that of five classes.
# - The copier is nearly perfect by all that compare with held-out digits, since its rows are digits.
#   The classifier alone finds its noise, and distances to the training rows what it does.
# - Parzen windows prefer the copier to the mixture. They are here to repeat figures of papers.
#
# A measure as the scorer of a search
# -----------------------------------
# :func:`skgen.metrics.make_generative_scorer` makes one of any function of data and draws.

scorer = make_generative_scorer(density_coverage, statistic="coverage")
search = GridSearchCV(
    MixtureOfFactorAnalyzers(n_components=4, n_init=1, random_state=0),
    {"n_clusters": [1, 5, 20]},
    scoring=scorer,
    cv=2,
).fit(X_train)
for size, coverage in zip(
    (1, 5, 20), search.cv_results_["mean_test_score"]
):
    print(
        f"{size:2} components: {coverage:.2f} of held-out rows covered"
    )
