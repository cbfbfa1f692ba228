"""
A synthetic table beside the real one
=====================================

Rows of people or patients often cannot be handed on; rows of a density that was fitted to them
can be looked at instead. Three questions decide what such a table is worth: can a classifier tell
its rows from real ones, does a model learn the same from it, and are its rows new? The table has
the measurements of 442 diabetics, among them an integer age, the sex, and how far the disease went
in a year. The example takes less than a
minute on one core.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import RidgeCV
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from skgen import FullyVisibleBeliefNetwork

table = load_diabetes(as_frame=True, scaled=False).frame
table["sex"] = np.where(
    table["sex"] == 1, "a", "b"
)  # the source does not say which is which
train, test = train_test_split(table, random_state=0)

# %%
# Two sources of rows. The network takes the table as it is, with its integers and its names, and
# trains for fewer epochs than by default; the mixture needs numbers, and gives real ones.

network = FullyVisibleBeliefNetwork(max_iter=80, random_state=0).fit(
    train
)
print(pd.Series(network.column_kinds_, table.columns).to_string())

numbers = train.assign(sex=(train["sex"] == "b").astype(float))
scaler = StandardScaler().fit(numbers)
mixture = GaussianMixture(3, reg_covar=1e-2, random_state=0).fit(
    scaler.transform(numbers)
)
drawn = pd.DataFrame(
    scaler.inverse_transform(mixture.sample(len(train))[0]),
    columns=list(table),
)
drawn["sex"] = np.where(drawn["sex"] > 0.5, "b", "a")


def rounded(rows):
    """Each number at the nearest value that occurs in the training rows."""
    rows = rows.copy()
    for column in rows.columns.drop("sex"):
        values = np.unique(train[column])
        rows[column] = values[
            np.searchsorted(
                (values[1:] + values[:-1]) / 2, rows[column]
            )
        ]
    return rows


draws = network.sample(len(train), random_state=0)
tables = {
    "real, unseen": test,
    "network": draws,
    "network, rounded": rounded(draws),
    "mixture, rounded": rounded(drawn),
}
print(tables["network"].head().to_string())

# %%
# Three questions
# ---------------
# The area under the curve of a classifier is 0.5 where it cannot tell rows from training rows, and
# 1 where it always can. A regression that learned from the synthetic rows predicts the disease of
# unseen real ones. And the distance of a row to the nearest training row, over that of unseen rows,
# is about 1 where rows are new, and 0 where they are copies.


def as_numbers(rows):
    return rows.assign(sex=rows["sex"] == "b").astype(float)


def told_apart(rows):
    both = pd.concat([as_numbers(train), as_numbers(rows)])
    y = np.repeat([0, 1], [len(train), len(rows)])
    boosting = HistGradientBoostingClassifier(random_state=0)
    order = np.random.default_rng(0).permutation(len(y))
    return cross_val_score(
        boosting, both.iloc[order], y[order], scoring="roc_auc"
    ).mean()


def learned_from(rows):
    model = RidgeCV().fit(
        as_numbers(rows).drop(columns="target"), rows["target"]
    )
    return model.score(
        as_numbers(test).drop(columns="target"), test["target"]
    )


def distance(rows):
    neighbors = NearestNeighbors(n_neighbors=1).fit(
        scaler.transform(numbers)
    )
    return np.median(
        neighbors.kneighbors(scaler.transform(as_numbers(rows)))[0]
    )


print(
    f"{'rows':18}{'told apart':>12}{'R2 learned':>12}{'distance':>10}"
)
for name, rows in tables.items():
    source = train if rows is test else rows
    values = (
        told_apart(rows),
        learned_from(source),
        distance(rows) / distance(test),
    )
    print("{:18}{:12.2f}{:12.2f}{:10.2f}".format(name, *values))

# %%
# Digits alone give rows away: blood pressure, LDL and one more are on no even grid, so that the
# network takes them for continuous, although few values occur. At values that occur, its rows are
# about as hard to tell from real ones as those of the mixture, and not as hard as unseen rows; after
# as many epochs as by default the area is 0.68. A regression learns from them what it learns from the
# real ones, and none is a copy.

# %%
# Side by side
# ------------
# Cholesterol and its "bad" part; ages are integers and have an end.

fig, axes = plt.subplots(
    2,
    4,
    figsize=(10, 5),
    layout="constrained",
    sharex="row",
    sharey="row",
)
for column, (name, rows) in zip(axes.T, tables.items()):
    column[0].scatter(rows["s1"], rows["s2"], s=6, alpha=0.6)
    column[0].set(title=name, xlabel="cholesterol", ylabel="LDL")
    column[1].hist(rows["age"], bins=np.arange(15, 86, 5), density=True)
    column[1].set(xlabel="age")
plt.show()
