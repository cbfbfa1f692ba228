"""
Classes that few rows have
==========================

The class is one more column of the table, missing in 95 rows of a hundred. A density of the whole
table learns from all rows how columns go together, and names the class of a row by
``conditional(X, "class")``. Beside it are scikit-learn's two ways to learn from rows without a
class, and a classifier that leaves them out. The digits are 8 x 8 pixels in steps of 0 to 4, so
that each is one of five values; the breast cancer table has thirty measurements.

The network trains for fewer epochs than by default, to end within a minute on one core.
"""

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import (
    LabelSpreading,
    SelfTrainingClassifier,
)

from skgen import FullyVisibleBeliefNetwork

LABELED = 0.05


def halves(bunch, coarser=1):
    """Training and test rows as frames, the class as a column of names."""
    table = (
        bunch.frame.drop(columns="target") // coarser
        if coarser > 1
        else bunch.data
    )
    table = table.loc[:, table.nunique() > 1]
    names = np.array([str(name) for name in bunch.target_names])
    table = table.assign(**{"class": names[bunch.target]})
    return train_test_split(
        table, test_size=0.3, random_state=0, stratify=table["class"]
    )


TABLES = {
    "digits": halves(load_digits(as_frame=True), coarser=4),
    "breast cancer": halves(load_breast_cancer(as_frame=True)),
}

# %%
# The contenders
# --------------
# Each takes the training rows, of which ``known`` have their class.


def by_density(train, known, test, max_iter):
    holes = train.assign(**{"class": train["class"].where(known, None)})
    model = FullyVisibleBeliefNetwork(
        max_iter=max_iter, random_state=0
    ).fit(holes)
    given = model.conditional(test, "class")
    return given.classes[given.probabilities.argmax(axis=1)]


def logistic():
    return make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=2000)
    )


def by_labels_alone(train, known, test, max_iter):
    rows = train[known]
    return (
        logistic()
        .fit(rows.drop(columns="class"), rows["class"])
        .predict(features(test))
    )


def features(rows):
    return rows.drop(columns="class")


def with_unlabeled(model, train, known, test):
    """Predictions of a semi-supervised classifier, which knows rows without a class by -1."""
    names, numbers = np.unique(train["class"], return_inverse=True)
    scaler = StandardScaler().fit(features(train))
    model.fit(
        scaler.transform(features(train)), np.where(known, numbers, -1)
    )
    return names[model.predict(scaler.transform(features(test)))]


def by_self_training(train, known, test, max_iter):
    model = SelfTrainingClassifier(LogisticRegression(max_iter=2000))
    return with_unlabeled(model, train, known, test)


def by_spreading(train, known, test, max_iter):
    return with_unlabeled(
        LabelSpreading("knn", n_neighbors=7), train, known, test
    )


CONTENDERS = {
    "FullyVisibleBeliefNetwork": by_density,
    "LabelSpreading": by_spreading,
    "SelfTrainingClassifier": by_self_training,
    "labeled rows alone": by_labels_alone,
}

# %%
# Accuracies on unseen rows, and how many rows have a class:

EPOCHS = {"digits": 40, "breast cancer": 40}
warnings.simplefilter(
    "ignore", RuntimeWarning
)  # rows of LabelSpreading without a neighbor
accuracies = {}
for name, (train, test) in TABLES.items():
    known = np.random.default_rng(0).random(len(train)) < LABELED
    print(f"{name}: {known.sum()} of {len(train)} rows have a class")
    for contender, predict in CONTENDERS.items():
        named = predict(train, known, test, EPOCHS[name])
        accuracies[name, contender] = np.mean(named == test["class"])
        print(
            f"    {contender:28}{accuracies[name, contender]:.3f}",
            flush=True,
        )

# %%
# Neither table is won by the density: with few labels the classes are one column among many, which
# the network learns no better than the others, while a classifier has nothing else to learn. What
# it does have is one model of the whole table, for rows with any holes. For the class alone take a
# classifier.

fig, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
for row, contender in enumerate(reversed(CONTENDERS)):
    for name, color in zip(TABLES, ("tab:blue", "tab:orange")):
        ax.plot(
            accuracies[name, contender],
            row,
            "o",
            c=color,
            label=name if not row else None,
        )
ax.set(
    xlabel="accuracy on unseen rows",
    yticks=range(4),
    yticklabels=reversed(CONTENDERS),
)
ax.grid(axis="x", alpha=0.3)
ax.legend()
plt.show()
