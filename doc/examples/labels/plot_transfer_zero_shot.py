"""
Naming classes that were never seen
===================================

A table says of each digit what it looks like: whether it has a hole above, a bar at the bottom, and
so on. Two of the ten digits are then held out. A density of pixels and attributes together learns
from the other eight how shapes and attributes go together; ``impute`` fills in the attributes of an
image, and the held-out digit that has most nearly these attributes is its name. Nothing of its
class was in the training data but one row of the table.

Beside it is the direct way (Lampert et al. 2009): predict each attribute from the pixels alone.
"""

# %%
# Digits and what they look like
# ------------------------------
# The table was written once, before any result, and not adapted.

import warnings
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression, LogisticRegression

from skgen import FactorAnalysis, ProbabilisticPCA
from skgen.exceptions import HeywoodWarning

X, y = load_digits(return_X_y=True)
X = X / 16
ATTRIBUTES = {
    "hole above": [8, 9],
    "hole below": [6, 8],
    "one large hole": [0],
    "open to the left above": [2, 3, 7],
    "open to the left below": [3, 5, 9],
    "open to the right above": [5, 6],
    "bar at the top": [5, 7],
    "bar at the bottom": [2],
    "stroke on the right": [0, 4, 9],
    "left and right alike": [0, 1, 8],
}
table = np.array(
    [np.isin(range(10), digits) for digits in ATTRIBUTES.values()],
    float,
).T
assert len(np.unique(table, axis=0)) == 10

# %%
# From pixels to attributes
# -------------------------
# Each way returns a number near 0 or 1 for each attribute of the images ``unseen``. Attributes have
# no noise, since all images of a class share them. Factor analysis rightly warns that it explains
# them wholly; here that is meant.

warnings.simplefilter("ignore", HeywoodWarning)


def by_joint_density(model, images, attributes, unseen):
    model.fit(np.hstack([images, attributes]))
    return model.impute(holes(unseen, table.shape[1]))[
        :, -table.shape[1] :
    ]


def holes(rows, n_columns):
    return np.hstack([rows, np.full((len(rows), n_columns), np.nan)])


def by_factor_analysis(*data):
    return by_joint_density(FactorAnalysis(n_components=20), *data)


def by_ppca(*data):
    return by_joint_density(ProbabilisticPCA(n_components=20), *data)


def by_linear_regression(images, attributes, unseen):
    return LinearRegression().fit(images, attributes).predict(unseen)


def by_logistic_regression(images, attributes, unseen):
    """Probabilities; an attribute that all training images have, or none, stays what it is."""
    probabilities = np.tile(attributes[0], (len(unseen), 1))
    for column in np.flatnonzero(np.ptp(attributes, axis=0)):
        model = LogisticRegression(solver="newton-cholesky", tol=0.01)
        model.fit(images, attributes[:, column])
        probabilities[:, column] = model.predict_proba(unseen)[:, 1]
    return probabilities


WAYS = {
    "FactorAnalysis": by_factor_analysis,
    "ProbabilisticPCA": by_ppca,
    "linear regression": by_linear_regression,
    "logistic regression": by_logistic_regression,
}

# %%
# From attributes to names
# ------------------------
# Attributes of a shape that was never seen come out timid, near their mean over the training
# images. So there are two readings: the smaller distance, and the smaller angle as seen from that
# mean.


def nearest(found, pair, mean):
    return pair[
        np.argmin(
            np.square(found[:, None] - table[pair]).sum(axis=2), axis=1
        )
    ]


def by_angle(found, pair, mean):
    wanted = table[pair] - mean
    cosines = (found - mean) @ (
        wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
    ).T
    return pair[np.argmax(cosines, axis=1)]


# %%
# All 45 pairs of held-out digits
# -------------------------------
# Chance is 50 %.

READINGS = {"distance": nearest, "angle": by_angle}
accuracy = {
    (way, reading): np.full((10, 10), np.nan)
    for way in WAYS
    for reading in READINGS
}
for pair in map(np.array, combinations(range(10), 2)):
    held_out = np.isin(y, pair)
    attributes = table[y[~held_out]]
    for way, predict in WAYS.items():
        found = predict(X[~held_out], attributes, X[held_out])
        for reading, read in READINGS.items():
            named = read(found, pair, attributes.mean(axis=0))
            accuracy[way, reading][tuple(pair)] = np.mean(
                named == y[held_out]
            )
print(
    f"{'accuracy, mean of the pairs':30}{'distance':>10}{'angle':>10}{'angle, worst pair':>20}"
)
for way in WAYS:
    means = (
        f"{np.nanmean(accuracy[way, reading]):10.1%}"
        for reading in READINGS
    )
    print(
        f"{way:30}",
        *means,
        f"{np.nanmin(accuracy[way, 'angle']):20.1%}",
        sep="",
    )

# %%
# Factor analysis is a point ahead of linear regression, which is little, and eight ahead of
# logistic regressions. That is no accident: given the pixels, the mean of the attributes under a
# joint Gaussian is a linear regression, and 20 factors only shrink it a little. In trials, 10
# factors reached 67 % by angle and 30 reached 72 %; ``n_components="auto"`` takes more of them, and
# gives the 71 % of linear regression. Some pairs are named worse than by chance: where a table puts
# two digits is not always where their images are.
#
# Much depends on the table. With the seven segments of a pocket calculator instead, factor analysis
# named 62 % by angle, and 59 % by distance.
#
# Nonlinear models did no better in trials on fewer pairs, with 30 epochs. On five,
# ``GaussianBernoulliRBM`` named 73 % by angle, factor analysis 82 %. On ten,
# ``FullyVisibleBeliefNetwork`` named 58 % by distance, factor analysis 64 %. Eight rows of a table
# are few to learn more than a line from.
#
# Pictures of digits that were never seen
# ---------------------------------------
# The density has the other direction too: it fills in the pixels, given the attributes. The model
# of each of these images has seen the nine other digits.

imagined = []
for digit in range(10):
    seen = y != digit
    model = FactorAnalysis(n_components=20).fit(
        np.hstack([X[seen], table[y[seen]]])
    )
    row = np.hstack([np.full(64, np.nan), table[digit]])
    imagined.append(model.impute(row[None])[0, :64])
true = [X[y == digit].mean(axis=0) for digit in range(10)]
likeness = np.corrcoef(imagined, true)[:10, 10:]
own = np.diag(likeness)
others = likeness[~np.eye(10, dtype=bool)]
print(
    f"correlation with the mean of the digit {own.mean():.2f}, of others {others.mean():.2f}"
)
print(
    f"{np.sum(likeness.argmax(axis=1) == range(10))} of 10 are most like their own digit"
)

# %%
# The pictures have something of their digit, but most are more like one that was seen: the
# attributes put together strokes of the nine, and say nothing of where these are.

fig = plt.figure(figsize=(10, 4), layout="constrained")
left, right = fig.subfigures(1, 2, width_ratios=[1, 1.7])
axis = left.subplots()
shown = axis.imshow(
    accuracy["FactorAnalysis", "angle"].T, cmap="RdBu", vmin=0, vmax=1
)
axis.set(
    xticks=range(10),
    yticks=range(10),
    title="accuracy by pair of unseen digits",
)
left.colorbar(shown, ax=axis, shrink=0.7)
axes = right.subplots(4, 5)
for digit in range(10):
    above, below = axes[
        2 * (digit // 5) : 2 * (digit // 5) + 2, digit % 5
    ]
    for ax, image in ((above, imagined[digit]), (below, true[digit])):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
for ax, name in zip(
    axes[:, 0], ["imagined", "mean", "imagined", "mean"]
):
    ax.set_ylabel(name)
plt.show()
