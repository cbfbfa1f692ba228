"""
Few labels
==========

Images are cheap and labels are not. A deep belief network learns what digits look like from all
images; backpropagation then goes on from its weights with the few labels there are. Images
without a label help once more: a small step away from any of them should not change its label.
"""

# %%
# Data
# ----
# Rows without a label are marked by -1, as in scikit-learn's semi-supervised module.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skgen import DeepBeliefNetwork, FineTunedClassifier

X, y = load_digits(return_X_y=True)
X = X / 16


def with_labels(y, n_labels):
    """Labels of as many rows of each class; -1 for the others."""
    known = np.full_like(y, -1)
    for label in range(10):
        rows = np.flatnonzero(y == label)[: n_labels // 10]
        known[rows] = label
    return known


# %%
# The network
# -----------
# Two layers, each of which learns without labels before backpropagation begins. With ``prefit`` one
# fit to the images serves any number of labels.

network = DeepBeliefNetwork((64, 64), max_iter=100)
ways = {
    "pre-trained, all images": {
        "adversarial_radius": 0.5,
        "prefit": True,
    },
    "random start, all images": {
        "adversarial_radius": 0.5,
        "pretrain": False,
    },
    "random start, labeled images": {"pretrain": False},
}

# %%
# What images without labels are worth
# ------------------------------------
# Two splits of the data; each point is the mean accuracy on 600 held-out images after 200
# updates.

counts = [20, 50, 100]
accuracy = {way: np.zeros(len(counts)) for way in ways}
for seed in range(2):
    train, test, y_train, y_test = train_test_split(
        X, y, test_size=600, stratify=y, random_state=seed
    )
    network.set_params(random_state=seed).fit(train)
    for i, n_labels in enumerate(counts):
        known = with_labels(y_train, n_labels)
        for way, parameters in ways.items():
            model = FineTunedClassifier(
                network,
                batch_size=20,
                learning_rate=1e-2,
                max_iter=4_000 // n_labels,
                random_state=seed,
                **parameters,
            ).fit(train, known)
            accuracy[way][i] += model.score(test, y_test) / 2
for way, means in accuracy.items():
    print(f"{way:30}", *(f"{mean:.1%}" for mean in means))

# %%
fig, axis = plt.subplots(figsize=(6, 4), layout="constrained")
for (way, means), style in zip(
    accuracy.items(), ["C0o-", "C1s--", "k^:"]
):
    axis.plot(counts, means, style, label=way)
axis.set(
    xscale="log",
    xlabel="labeled images",
    ylabel="accuracy on held-out images",
)
axis.set_xticks(counts, labels=counts)
axis.minorticks_off()
axis.legend()
plt.show()

# %%
# Images without a label are worth two to seven points by the consistency alone; beside it
# pre-training decides little.
#
# The setting of the network was chosen on these digits, so the gaps are at their widest here.
# They depend on the depth, the setting and the number of labels; ``adversarial_radius`` is in the
# units of the data. Compare the ways on your own data before you rely on one.

# %%
# Nothing to choose
# -----------------
# Without an estimator the classifier takes labels from near images, too, and needs no setting:
# first from those that are near as they are, then from those that the network has brought
# together. Here it is, after fewer updates than by default, beside the graph alone, with 50 labels.

from sklearn.semi_supervised import LabelSpreading

train, test, y_train, y_test = train_test_split(
    X, y, test_size=600, stratify=y, random_state=0
)
known = with_labels(y_train, 50)
for model in (
    FineTunedClassifier(max_iter=200, random_state=0),
    LabelSpreading(kernel="knn"),
):
    print(
        f"{type(model).__name__:20} {model.fit(train, known).score(test, y_test):.1%}"
    )
