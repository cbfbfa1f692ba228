"""
Each class by each conditional model
====================================

Models that learn rows given a condition draw rows of any class. Do
their draws look like the class, do they differ from each other, and
could a classifier learn from them?
"""

# %%
# Fit
# ---
# Every model is fitted to the same images, and says by
# ``sample(n, y=...)`` what it has learned. The fits are shorter than
# those of the defaults.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from skgen import GAN, VAE, PixelCNN
from skgen.inspection.images import draw_sheet

digits = load_digits()
X, X_test, y, y_test = train_test_split(
    digits.data / 16,
    digits.target,
    test_size=540,
    random_state=0,
    stratify=digits.target,
)
models = {
    "VAE": VAE(
        n_components=8,
        conditional=True,
        likelihood="gaussian",
        beta=3,
        max_iter=50,
        random_state=0,
    ),
    "GAN": GAN(
        conditional=True,
        batch_size=64,
        learning_rate=2e-3,
        max_iter=50,
        random_state=0,
    ),
    "PixelCNN": PixelCNN(conditional=True, max_iter=8, random_state=0),
}
for model in models.values():
    model.fit(X, y)

# %%
# Draws
# -----
# Each line is a class: images of the data on the left, then draws of
# each model.

classes = np.arange(10)
sheets = {"data": np.concatenate([X[y == c][:8] for c in classes])}
for name, model in models.items():
    asked = np.repeat(classes, 8)
    sheets[name] = model.sample(len(asked), random_state=0, y=asked)
fig, axes = plt.subplots(
    1,
    len(sheets),
    figsize=(4 * len(sheets), 4.5),
    layout="constrained",
)
for ax, (name, rows) in zip(axes, sheets.items()):
    draw_sheet(
        ax, rows, (8, 8), n_columns=8, cmap="gray_r", vmin=0, vmax=1
    )
    ax.set_title(name)

# %%
# Are they of their class?
# ------------------------
# A classifier that knows real images names the draws, and one that
# has seen draws alone names real images.

judge = SVC(C=10).fit(X, y)
print(f"real images teach: {judge.score(X_test, y_test):.1%}")
asked = np.repeat(classes, 200)
for name, model in models.items():
    draws = model.sample(len(asked), random_state=1, y=asked)
    found = (judge.predict(draws) == asked).mean()
    taught = SVC(C=10).fit(draws, asked).score(X_test, y_test)
    print(f"{name}: {found:.1%} as asked, draws teach {taught:.1%}")

# %%
# Which class is it?
# ------------------
# Where a model has a density, Bayes' rule turns it around.

for name, model in models.items():
    if hasattr(model, "predict"):
        right = (model.predict(X_test) == y_test).mean()
        print(f"{name}: {right:.1%} of the classes by Bayes' rule")
plt.show()
