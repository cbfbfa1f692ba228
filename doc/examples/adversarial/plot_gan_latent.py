"""
Walks and sums in the latent space of a GAN
===========================================

The generator of a GAN is a smooth map from Gaussian latent rows to data rows. A line between two
latent rows becomes a walk from one digit to another, and sums and differences of latent rows carry
meaning over. ``invert`` finds the latent row of a given picture.
"""

# %%
# Fit
# ---

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skgen import GAN
from skgen.inspection import (
    InterpolationDisplay,
    ReconstructionDisplay,
    SamplesDisplay,
    TraversalDisplay,
)

digits = load_digits()
X, y = digits.data, digits.target
model = GAN(
    max_iter=90,
    batch_size=64,
    learning_rate=2e-3,
    random_state=0,
).fit(X)
print(f"coverage {model.coverage_:.2f}, score {model.score(X):.4f}")

look = {"image_shape": (8, 8), "cmap": "gray_r", "vmin": 0, "vmax": 16}
SamplesDisplay.from_estimator(
    model,
    X,
    n_samples=49,
    random_state=0,
    **look,
)

# %%
# Interpolation
# -------------
# Between two latent rows on the sphere where Gaussian rows lie: a straight line would pass nearer
# to the origin than draws ever do.

rng = np.random.default_rng(1)
start, end = rng.standard_normal((2, 4, model.n_components_))
InterpolationDisplay.from_codes(model, start, end, n_steps=10, **look)

# %%
# From a picture to its code
# --------------------------
# Above: digits from the data. Below: the nearest that the generator can draw.

some = np.array([X[y == k][5] for k in range(10)])
nearest = model.generate(model.invert(some))
ReconstructionDisplay.from_predictions(
    some,
    {"nearest draws": nearest},
    **look,
)

# %%
# Vector arithmetic
# -----------------
# The mean code of a class is a typical member of it, and a difference of two means is a direction,
# which ``latent_direction`` gives. What turns a 3 into an 8 closes open sides: half a step of it
# makes an 8 of a 9, whereas a 1, which has nothing to close, stays what it is. A whole step leads
# beyond the digits.

some_of = {k: X[y == k][:40] for k in range(10)}
steps = np.linspace(0, 1, 5)
closing = steps[:, None] * model.latent_direction(
    some_of[8], some_of[3]
)
TraversalDisplay.from_predictions(
    [
        model.generate(model.invert(some_of[k]).mean(axis=0) + closing)
        for k in (5, 9, 1)
    ],
    np.tile(steps, (3, 1)),
    component_names=[
        "5 + step (8 - 3)",
        "9 + step (8 - 3)",
        "1 + step (8 - 3)",
    ],
    **look,
)
plt.show()
