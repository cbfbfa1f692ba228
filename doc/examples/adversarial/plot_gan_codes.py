"""
Codes that a GAN shows, and an encoder that reads them
======================================================

The latent rows of a GAN mean nothing that one could name. Two additions make them legible.
``n_codes`` asks the critic to recover the first columns of a latent row from the picture, as InfoGAN
does, so that each of them must steer something that can be seen. ``encoder=True`` trains an
encoder beside the generator, and ``transform`` gives the whole latent row of a picture.
"""

# %%
# Codes that can be seen
# ----------------------
# Three codes, and the rest of the latent row at zero. How much of a code a picture tells is
# measured: ``code_information_`` is a lower bound, in nats. The fits are short, and their draws are
# near less than half of the digits. That is worth a warning, and does no harm here.

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from skgen import GAN
from skgen.inspection import ReconstructionDisplay, TraversalDisplay

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_digits(return_X_y=True)
look = {"image_shape": (8, 8), "cmap": "gray_r", "vmin": 0, "vmax": 16}
fit = {
    "max_iter": 60,
    "batch_size": 64,
    "learning_rate": 2e-3,
    "random_state": 0,
}
model = GAN(n_codes=3, code_weight=0.03, **fit).fit(X)
print(
    "information of each code", model.code_information_.round(2), "nats"
)
TraversalDisplay.from_estimator(
    model, components=[0, 1, 2], n_steps=11, **look
)

# %%
# The pictures say what each code has come to steer, such as the width of a digit or the step from
# one digit to another; nobody told the model to find these. ``transform`` recovers the codes of
# pictures that it has not made, too: those of the data scatter as they were drawn, about zero with a
# standard deviation of about one.

codes = model.transform(X)
print(
    f"codes of the data: mean {codes.mean(axis=0).round(2)}, "
    f"standard deviation {codes.std(axis=0).round(2)}"
)

# %%
# An encoder
# ----------
# With an encoder the critic judges pairs: a row and the code that the encoder gives it, or a latent
# row and the picture that the generator makes of it. Where it cannot tell them apart, encoder and
# generator are inverse to each other. No error of the rebuilt rows is minimized, so that these
# resemble the digits rather in kind than pixel by pixel. ``invert`` goes on from the encoder's code
# to the nearest picture that the generator can draw.

model = GAN(8, encoder=True, **fit).fit(X)
some = np.array([X[y == k][5] for k in range(10)])
ReconstructionDisplay.from_predictions(
    some,
    {
        "inverse_transform(transform(X))": model.inverse_transform(
            model.transform(some)
        ),
        "generate(invert(X))": model.generate(model.invert(some)),
    },
    **look,
)
plt.show()
