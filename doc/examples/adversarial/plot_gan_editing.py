"""
Editing pictures on the manifold of a GAN
=========================================

A generator knows what digits look like. Whoever paints a few pixels of one can leave the rest to it:
:meth:`skgen.GAN.edit` looks for the picture of the model near the original that obeys the strokes,
as the interactive editor of Zhu et al. (2016) does, and :meth:`skgen.GAN.invert` fills what is
missing of a picture.
"""

# %%
# Strokes
# -------
# NaN leaves a pixel to the model. The strokes ask for ink or for paper in a few pixels: a bar
# through the middle, an open left side, a gap in the middle.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skgen import GAN
from skgen.inspection import ReconstructionDisplay

X, y = load_digits(return_X_y=True)
look = {"image_shape": (8, 8), "cmap": "gray_r", "vmin": 0, "vmax": 16}
model = GAN(
    hidden_layer_sizes=(128, 128),
    critic_layer_sizes=(128, 128),
    max_iter=80,
    batch_size=64,
    learning_rate=2e-3,
    random_state=0,
).fit(X)


def stroke(rows, columns, ink):
    """Constraints on a rectangle of pixels, none elsewhere."""
    wanted = np.full((8, 8), np.nan)
    wanted[rows, columns] = ink
    return wanted.ravel()


STROKES = {
    "a bar in the middle": stroke(slice(3, 5), slice(3, 5), 15),
    "nothing at the left": stroke(slice(0, 8), slice(0, 3), 0),
    "nothing in the middle": stroke(slice(3, 5), slice(3, 5), 0),
}
some = np.array([X[y == k][5] for k in range(10)])
ReconstructionDisplay.from_predictions(
    some,
    {
        name: model.edit(some, wanted)
        for name, wanted in STROKES.items()
    },
    **look,
)

# %%
# What is asked for is obeyed, and the rest follows: a digit with a gap in its middle becomes a zero,
# a zero with ink there another digit, and a four, which has ink there already, stays a four. The
# weight of the strokes says how far a picture may be led away from the original.

bar = STROKES["a bar in the middle"]
asked = ~np.isnan(bar)
for weight in (0.01, 0.1, 1.0, 10.0):
    edited = model.edit(some, bar, weight=weight)
    print(
        f"weight {weight:5}: {np.abs(edited - bar)[:, asked].mean():.1f} gray levels from the "
        f"strokes, {np.abs(edited - some).mean():.1f} from the originals"
    )

# %%
# Half a digit
# ------------
# ``invert`` looks at the pixels that are given, and the generator draws the rest.

half = some.copy().reshape(-1, 8, 8)
half[:, 4:] = np.nan
half = half.reshape(-1, 64)
filled = model.generate(model.invert(half))
ReconstructionDisplay.from_predictions(
    some,
    {
        "what is given": np.nan_to_num(half),
        "filled": np.where(np.isnan(half), filled, half),
    },
    **look,
)
plt.show()
