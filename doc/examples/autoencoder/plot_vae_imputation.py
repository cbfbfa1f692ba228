"""
Half a digit, many endings
==========================

Given the upper half of a digit, a VAE knows which lower halves go with it. ``impute`` gives their
mean, ``sample_conditional`` draws them one by one: where the upper half leaves the digit open,
the draws differ and the mean is blurred.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skgen import VAE, ProbabilisticPCA
from skgen.inspection import ImputationDisplay

X = load_digits().data / 16
train, test = X[:1400], X[1400:]
model = VAE(12, hidden_layer_sizes=(256,), random_state=0).fit(train)

# %%
# The lower half is set to NaN. The chains behind both verbs leave the model's own conditional
# distribution unchanged: the encoder proposes a code, a Metropolis test corrects it.

rows = test[[6, 21, 33, 58, 75]]
halved = rows.copy()
halved[:, 32:] = np.nan
draws = model.sample_conditional(halved, n_draws=20, random_state=0)
# A draw of Bernoulli pixels is speckled: the decoder's mean for it is
# shown instead.
for draw in draws:
    means = model.inverse_transform(model.transform(draw))
    draw[:, 32:] = means[:, 32:]
ImputationDisplay.from_predictions(
    halved,
    model.impute(halved),
    draws,
    truth=rows,
    n_shown=4,
    image_shape=(8, 8),
    cmap="gray_r",
)

# %%
# How good is the mean?
# ---------------------
# Root mean squared error on the missing pixels of all held-out digits, beside the mean pixel and
# the exact conditional mean of a linear model.

missing = test.copy()
missing[:, 32:] = np.nan
guesses = {
    "mean pixel": np.broadcast_to(train.mean(0), test.shape),
    "ProbabilisticPCA": ProbabilisticPCA(12).fit(train).impute(missing),
    "VAE": model.impute(missing),
}
for name, guess in guesses.items():
    error = np.sqrt(np.mean((guess - test)[:, 32:] ** 2))
    print(f"{name:22} {error:.4f}")
plt.show()
