"""
Digits by class from a deep belief network
==========================================

A deep belief network that holds the label at its top is one density of images and labels. Held at
a label, it draws digits of that class; given an image, it says which label fits best.
"""

# %%
# Fit
# ---
# Pixels of at least half the range are ink. Two layers of hidden units are trained one after the
# other, the upper one together with the labels; then both are fine-tuned by the up-down algorithm,
# which lets the way up and the way down have weights of their own.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skgen import DeepBeliefNetwork
from skgen.inspection import SamplesDisplay

digits = load_digits()
X = (digits.data >= 8).astype("float32")
X, X_test, y, y_test = train_test_split(
    X,
    digits.target,
    test_size=360,
    random_state=0,
)
model = DeepBeliefNetwork(
    (64, 64),
    use_labels=True,
    max_iter=60,
    n_finetune_iter=20,
    random_state=0,
).fit(X, y)
accuracy = (model.predict(X_test) == y_test).mean()
print(f"held-out images: {model.score(X_test):.2f} nats")
print(f"{accuracy:.1%} of the labels right")

# %%
# Draws of each class
# -------------------
# The chains at the top keep the label while they mix; what they draw is passed down. Each line is
# a class, of the data on the left, of the draws on the right.

some = np.concatenate([X[y == label][:10] for label in range(10)])
draws = [model.sample_class(label, 10) for label in range(10)]
SamplesDisplay.from_predictions(
    np.concatenate(draws),
    some,
    image_shape=(8, 8),
    cmap="gray_r",
)

# %%
# Uncertain images
# ----------------
# The probabilities of the labels are those of the machine at the top. The least certain of the
# held-out images are hard for people, too.

proba = model.predict_proba(X_test)
hardest = np.argsort(proba.max(axis=1))[:8]
fig, axes = plt.subplots(
    2,
    8,
    figsize=(10, 3),
    layout="constrained",
    sharey="row",
)
for column, i in enumerate(hardest):
    axes[0, column].imshow(X_test[i].reshape(8, 8), cmap="gray_r")
    axes[0, column].set(title=f"a {y_test[i]}", xticks=[], yticks=[])
    axes[1, column].bar(range(10), proba[i])
    axes[1, column].set(xticks=range(0, 10, 3), ylim=(0, 1))
axes[1, 0].set_ylabel("P(label)")
plt.show()
