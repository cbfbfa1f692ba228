"""
The other half of a digit
=========================

The upper half of a digit leaves open what it is. A model that gives each pixel its probability given
all before it, from the upper left to the lower right, draws the rest in as many ways as there are.
"""

# %%
# Fit
# ---
# Pixels of at least half the range are ink. The scores are exact log-probabilities, in nats an
# image. The convolutions of a PixelCNN and the memory of a PixelRNN see the same pixels. The fits
# are shorter than those of the defaults.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skgen import PixelCNN, PixelRNN
from skgen.inspection import SamplesDisplay

digits = load_digits()
X, X_test, y, y_test = train_test_split(
    (digits.data >= 8).astype("float32"),
    digits.target,
    test_size=360,
    random_state=0,
)
models = {
    "PixelCNN": PixelCNN(max_iter=7, random_state=0).fit(X),
    "PixelRNN": PixelRNN(n_layers=1, max_iter=7, random_state=0).fit(X),
}
rates = np.clip(X.mean(axis=0), 1e-3, 1 - 1e-3)
independent = np.where(X_test == 1, np.log(rates), np.log1p(-rates))
print(f"independent pixels: {independent.sum(axis=1).mean():.2f} nats")
for name, model in models.items():
    print(f"{name}: {model.score(X_test):.2f} nats")

# %%
# Half a digit
# ------------
# Held-out digits on the left, then five completions of their upper halves by each model, and the
# mean of many. No known pixel comes after those that are missing, so that the draws are exact.

n_draws, chosen = 5, [1, 4, 7, 8, 11, 12]
halves = X_test[chosen].copy()
halves[:, 32:] = np.nan
fig, axes = plt.subplots(
    len(chosen), 14, figsize=(10, 4.2), layout="constrained"
)
axes[0, 0].set_title("digit")
for line, digit, half in zip(axes, X_test[chosen], halves):
    line[0].imshow(digit.reshape(8, 8), cmap="gray_r")
    line[1].imshow(half.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
for number, (name, model) in enumerate(models.items()):
    draws = model.sample_conditional(halves, n_draws, random_state=0)
    block = axes[:, 2 + 6 * number : 8 + 6 * number]
    block[0, 0].set_title(name, loc="left")
    block[0, -1].set_title("mean")
    for line, completed, mean in zip(
        block, draws.transpose(1, 0, 2), model.impute(halves)
    ):
        for ax, image in zip(line, [*completed, mean]):
            ax.imshow(
                image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1
            )
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
    ax.axhline(3.5, color="tab:red", linewidth=0.8)

# %%
# Draws of a PixelCNN
# -------------------
# On the left digits of the data, on the right draws: one pass over the image, each pixel computed
# once.

SamplesDisplay.from_predictions(
    models["PixelCNN"].sample(100, random_state=0),
    X[:100],
    image_shape=(8, 8),
    cmap="gray_r",
)

# %%
# Draws of a PixelRNN
# -------------------

SamplesDisplay.from_predictions(
    models["PixelRNN"].sample(100, random_state=0),
    X[:100],
    image_shape=(8, 8),
    cmap="gray_r",
)

# %%
# Digits of a class
# -----------------
# With ``conditional=True`` the class is added to each layer, and draws are asked for by it. What
# class a row has follows by Bayes' rule from its probabilities under each.

model = PixelCNN(conditional=True, max_iter=7, random_state=0).fit(X, y)
print(f"classes found: {np.mean(model.predict(X_test) == y_test):.3f}")
fig, axes = plt.subplots(10, 10, figsize=(5, 5), layout="constrained")
images = model.sample(
    100, random_state=0, y=np.repeat(np.arange(10), 10)
)
for ax, image in zip(axes.flat, images):
    ax.imshow(image.reshape(8, 8), cmap="gray_r")
    ax.set(xticks=[], yticks=[])
plt.show()
