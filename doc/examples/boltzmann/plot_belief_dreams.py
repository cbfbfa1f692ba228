"""
What a belief network dreams
============================

A sigmoid belief network draws digits from its hidden units downwards, and has other weights to
recognize them on the way up. Wake-sleep trains the two against each other: awake, the way down
learns to rebuild what was recognized; asleep, the way up learns what the network's own dreams were
made of.
"""

# %%
# Fit
# ---
# Pixels of at least half the range are ink. The score is a bound on the log-probability of an
# image, in nats, by importance samples of the way up.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skgen import SigmoidBeliefNetwork
from skgen.inspection import SamplesDisplay

digits = load_digits()
X = (digits.data >= 8).astype("float32")
X, X_test, y, y_test = train_test_split(
    X, digits.target, test_size=360, random_state=0
)
models = {}
for training in ("wake_sleep", "reweighted_wake_sleep"):
    model = SigmoidBeliefNetwork(
        (96, 24), training=training, max_iter=50, random_state=0
    )
    models[training] = model.fit(X)
    print(f"{training}: {model.score(X_test):.2f} nats")

# %%
# Recognized digits
# -----------------
# Each held-out digit, and below it what the way down makes of the probabilities of the last layer.
# The 24 units of that layer keep less than the 96 below them.

model = models["wake_sleep"]
some = np.concatenate(
    [X_test[y_test == label][:1] for label in range(10)]
)
rebuilt = model.inverse_transform(model.transform(some))
lower = model.set_params(layer=0)
from_below = lower.inverse_transform(lower.transform(some))
rows = {
    "digit": some,
    "from 96 units": from_below,
    "from 24 units": rebuilt,
}
fig, axes = plt.subplots(3, 10, figsize=(10, 3.3), layout="constrained")
for line, (name, images) in zip(axes, rows.items()):
    line[0].set_ylabel(name)
    for ax, image in zip(line, images):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])

# %%
# Dreamed digits
# --------------
# On the left digits of the data, on the right dreams: independent bits of the last layer, from which
# the layers below are drawn. No chain needs to run.

SamplesDisplay.from_predictions(
    models["wake_sleep"].sample(100, random_state=0),
    X[:100],
    image_shape=(8, 8),
    cmap="gray_r",
)

# %%
# Importance weights
# ------------------
# Reweighted wake-sleep weighs the draws of the way up by how well they explain an image, and so
# follows the likelihood itself more closely: its score above is the higher one.

SamplesDisplay.from_predictions(
    models["reweighted_wake_sleep"].sample(100, random_state=0),
    X[:100],
    image_shape=(8, 8),
    cmap="gray_r",
)
plt.show()
