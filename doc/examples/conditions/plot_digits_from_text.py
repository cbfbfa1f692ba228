"""
Digits from written descriptions
================================

A condition may be a text. A variational autoencoder reads short
descriptions of handwritten digits, such as "a thick seven, leaning
left", and draws digits that obey new ones, in one stage and in two.
"""

# %%
# Descriptions
# ------------
# Nobody has described these images, but their ink and their slant can
# be measured: the slope of a column of ink by its second moments, as
# for straightening handwriting. The upper and the lower third of each
# class get a word; what lies between goes without saying.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from skgen import VAE
from skgen.inspection.images import draw_sheet

NAMES = np.array(
    [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
    ]
)
digits = load_digits()
X, X_test, y, y_test = train_test_split(
    digits.data / 16,
    digits.target,
    test_size=400,
    random_state=0,
    stratify=digits.target,
)


def ink(X):
    """Mean of the pixels."""
    return X.mean(axis=1)


def slant(X):
    """Columns to the left for each row upward."""
    row, column = np.divmod(np.arange(64), 8)
    p = X / X.sum(axis=1, keepdims=True)
    row = row - (p @ row)[:, None]
    column = column - (p @ column)[:, None]
    return (p * row * column).sum(axis=1) / (p * row**2).sum(axis=1)


def thirds(values):
    """Bounds of the middle third in each class."""
    return np.array(
        [np.quantile(values[y == c], [1 / 3, 2 / 3]) for c in range(10)]
    )


thin_thick, right_left = thirds(ink(X)), thirds(slant(X))


def word(value, bounds, low, high):
    """A word where a value lies outside of the bounds."""
    if value < bounds[0]:
        return low
    return high if value > bounds[1] else ""


def describe(x, label):
    """A written description of an image."""
    thick = word(ink(x[None]), thin_thick[label], "thin ", "thick ")
    lean = word(
        slant(x[None]),
        right_left[label],
        ", leaning right",
        ", leaning left",
    )
    return f"a {thick}{NAMES[label]}{lean}"


texts = np.array([describe(x, c) for x, c in zip(X, y)])
for text in texts[:4]:
    print(text)

# %%
# Fit
# ---
# Any vectorizer of scikit-learn may code the texts; here it counts
# words. One description is kept from the model: what "a thick seven,
# leaning left" looks like it must put together from its words.

unseen = "a thick seven, leaning left"
print(f"left out: {(texts == unseen).sum()} images")
model = VAE(
    n_components=8,
    conditional=True,
    condition_encoder=CountVectorizer(binary=True),
    likelihood="gaussian",
    noise_variance="isotropic",
    beta=3,
    max_iter=60,
    random_state=0,
).fit(X[texts != unseen], texts[texts != unseen])

# %%
# Draws
# -----
# The latent code is what a description leaves open. These are means,
# without the noise of single pixels.

asked = [
    unseen,
    "a thin seven, leaning right",
    "a thick three",
    "a thin zero, leaning left",
    "a thick zero, leaning right",
    "a four",
]
draws = np.concatenate(
    [model.sample_means(12, random_state=0, y=text) for text in asked]
)
fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")
draw_sheet(
    ax, draws, (8, 8), n_columns=12, cmap="gray_r", vmin=0, vmax=1
)
ax.set_axis_on()
ax.set(xticks=[], yticks=4 + 9 * np.arange(len(asked)))
ax.set_yticklabels(asked)
ax.tick_params(length=0)
ax.spines[:].set_visible(False)

# %%
# Do they obey?
# -------------
# A classifier trained on the images names the digit of each draw, and
# ink and slant are measured as before: is a draw on the side of its
# class that its description names?

classify = SVC(C=10).fit(X, y)
print(f"real images: {classify.score(X_test, y_test):.1%} right")


def obeyed(draw, number, thick, lean):
    """Whether draws are of the digit, the thickness and the slant."""
    D = draw(20, f"a {thick}{NAMES[number]}{lean}")
    more_ink = ink(D) > thin_thick[number].mean()
    more_left = slant(D) > right_left[number].mean()
    return (
        classify.predict(D) == number,
        more_ink == (thick == "thick "),
        more_left == (lean == ", leaning left"),
    )


def report(draw):
    """Print the shares of the draws that obey."""
    results = np.array(
        [
            obeyed(draw, number, thick, lean)
            for number in range(10)
            for thick in ("thin ", "thick ")
            for lean in (", leaning right", ", leaning left")
        ]
    )
    shares = results.mean(axis=(0, 2))
    for name, share in zip(("digit", "thickness", "slant"), shares):
        print(f"{name}: {share:.1%} of the draws obey")


report(lambda n, text: model.sample(n, random_state=0, y=text))

# %%
# The score of an image under a description tells how well they fit,
# so that the model finds the image that is meant.

candidates = np.flatnonzero(y_test == 7)
scores = model.score_samples(
    X_test[candidates],
    np.full(len(candidates), unseen),
)
order = candidates[
    np.argsort(scores - model.score_samples(X_test[candidates]))
]
fig, axes = plt.subplots(1, 2, figsize=(8, 2), layout="constrained")
for ax, rows, title in zip(
    axes,
    (order[::-1][:6], order[:6]),
    (f"most like {unseen!r}", "least"),
):
    draw_sheet(ax, X_test[rows], (8, 8), n_columns=6, cmap="gray_r")
    ax.set_title(title)

# %%
# Coarse to fine
# --------------
# Zhang et al. (2017) draw in two stages: a sketch from the text, and
# from text and sketch the picture. A sketch has 4 x 4 pixels here. The
# condition of the second model is a table, whose first column is read
# as texts and whose others are taken as they are; it learns from the
# sketches of real images, and draws from those of the first model.


def sketched(X):
    """Means of squares of 2 x 2 pixels."""
    squares = X.reshape(-1, 4, 2, 4, 2)
    return squares.mean(axis=(2, 4)).reshape(-1, 16)


def beside(texts, sketches):
    """Rows of a text and the pixels of a sketch."""
    return np.column_stack([np.array(texts, dtype=object), sketches])


words = CountVectorizer(binary=True)
pixels = slice(1, None)
table = ColumnTransformer(
    [("words", words, 0), ("sketch", "passthrough", pixels)]
)
first = clone(model).set_params(n_components=4, max_iter=40)
second = clone(first).set_params(condition_encoder=table)
kept, kept_texts = X[texts != unseen], texts[texts != unseen]
first.fit(sketched(kept), kept_texts)
second.fit(kept, beside(kept_texts, sketched(kept)))


def in_two_stages(n, text):
    """Pictures of sketches of a description."""
    sketches = first.sample(n, random_state=0, y=text)
    given = beside([text] * n, sketches)
    return second.sample(n, random_state=1, y=given)


report(in_two_stages)

# %%
# Means again, of both stages.

sketches = first.sample_means(12, random_state=0, y=unseen)
pictures = second.sample_means(
    12, random_state=1, y=beside([unseen] * 12, sketches)
)
fig, axes = plt.subplots(2, figsize=(9, 2), layout="constrained")
for ax, rows, shape in zip(
    axes, (sketches, pictures), ((4, 4), (8, 8))
):
    draw_sheet(
        ax, rows, shape, n_columns=12, cmap="gray_r", vmin=0, vmax=1
    )
fig.suptitle(f"{unseen}: sketches, and pictures of them")
plt.show()
