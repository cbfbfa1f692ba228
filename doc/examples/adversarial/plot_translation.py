"""
From outlines to digits and back
================================

Of each digit an artist kept the outline. :class:`~skgen.TranslationGAN`
learns from pairs to fill outlines with ink, and from the same pairs the
other way round to draw them. Without any pairs it undoes what another
instrument did to a table.
"""

# %%
# Pairs of images
# ---------------
# A pixel of the outline has ink, and a neighbor without. A U-Net learns
# from its error and from a critic that sees outline and digit together
# (Isola et al. 2017).

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skgen import TranslationGAN
from skgen.inspection import ReconstructionDisplay

digits = load_digits().data / 16
ink = np.pad(digits.reshape(-1, 8, 8) > 0.3, ((0, 0), (1, 1), (1, 1)))
inside = ink[:, :-2, 1:-1] & ink[:, 2:, 1:-1]
inside &= ink[:, 1:-1, :-2] & ink[:, 1:-1, 2:]
edges = (ink[:, 1:-1, 1:-1] & ~inside).reshape(-1, 64).astype(float)

E, E_test, D, D_test = train_test_split(edges, digits, random_state=0)
how = {"image_shape": (8, 8), "max_iter": 12, "random_state": 0}
fill = TranslationGAN(**how).fit(E, D)
outline = TranslationGAN(**how).fit(D, E)
ridge = RidgeCV(np.logspace(-2, 3, 8)).fit(E, D)
for model in (fill, ridge):
    r2 = r2_score(D_test.ravel(), model.predict(E_test).ravel())
    print(f"R^2 of {type(model).__name__}: {r2:.3f}")

# %%
# Digits that the fit has not seen; the outlines that were given; what
# became of these; and what became of the digits on the way back.

look = {"image_shape": (8, 8), "cmap": "gray_r", "vmin": 0, "vmax": 1}
ReconstructionDisplay.from_predictions(
    D_test[:10],
    {
        "outlines": E_test[:10],
        "filled": fill.predict(E_test[:10]),
        "filled linearly": ridge.predict(E_test[:10]),
        "outlined": outline.predict(D_test[:10]),
    },
    **look,
)

# %%
# A table without pairs
# ---------------------
# The second half of the tumors went through another instrument: each
# column has a gain, an offset and a curve of its own, and takes up
# something of the others. No tumor was measured twice. A translator and
# its way back learn from the two sets of rows that rows come back, and
# that critics cannot tell them from rows of the other set (Zhu et al.
# 2017).

X, y = load_breast_cancer(return_X_y=True)
X = StandardScaler().fit_transform(np.log(X + 0.01))
first, second, y_first, y_second = train_test_split(
    X, y, test_size=0.5, stratify=y, random_state=0
)
rng = np.random.default_rng(0)
d = X.shape[1]
mixed = second @ (np.eye(d) + rng.standard_normal((d, d)) / np.sqrt(d))
bent = np.sign(mixed) * np.abs(mixed) ** np.exp(
    0.6 * rng.standard_normal(d)
)
measured = bent * np.exp(
    rng.standard_normal(d)
) + 2 * rng.standard_normal(d)

translator = TranslationGAN(paired=False, max_iter=40, random_state=0)
translator.fit(measured, first)
moments = StandardScaler().fit_transform(measured) * first.std(
    0
) + first.mean(0)
rows = {
    "as measured": measured,
    "moments of columns": moments,
    "translated": translator.transform(measured),
    "truth": second,
}
judge = LogisticRegression(C=0.1).fit(first, y_first)
accuracies = {
    name: judge.score(Z, y_second) for name, Z in rows.items()
}

# %%
# The classifier learned from the first instrument.

plane = PCA(2).fit(first)
figure, axes = plt.subplots(
    1, 4, figsize=(12, 3.2), sharex=True, sharey=True
)
for ax, (name, Z) in zip(axes, rows.items()):
    ax.scatter(*plane.transform(first).T, c="0.8", s=8, label="first")
    for label in (0, 1):
        ax.scatter(*plane.transform(Z[y_second == label]).T, s=8)
    ax.set(title=f"{name}\naccuracy {accuracies[name]:.2f}")
    ax.set(xlim=(-15, 20), ylim=(-12, 12))
figure.tight_layout()
plt.show()
