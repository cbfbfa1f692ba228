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

X = load_digits().data / 16
train, test = X[:1400], X[1400:]
model = VAE(n_components=12, hidden_layer_sizes=(256,), random_state=0).fit(train)

# %%
# The lower half is set to NaN. The chains behind both verbs leave the model's own conditional
# distribution unchanged: the encoder proposes a code, a Metropolis test corrects it.

rows = test[[6, 21, 33, 58, 75]]
halved = rows.copy()
halved[:, 32:] = np.nan
mean = model.impute(halved)
draws = model.sample_conditional(halved, n_draws=4, random_state=0)
# A draw of Bernoulli pixels is speckled: show the decoder's mean for it instead.
draws[:, :, 32:] = np.stack([model.inverse_transform(model.transform(d)) for d in draws])[:, :, 32:]

titles = ["true", "given", "mean", "draw 1", "draw 2", "draw 3", "draw 4"]
fig, axes = plt.subplots(5, 7, figsize=(7.5, 5.6), layout="constrained")
for i, line in enumerate(axes):
    pictures = [rows[i], np.nan_to_num(halved[i], nan=0.4), mean[i], *draws[:, i]]
    for ax, picture, title in zip(line, pictures, titles):
        ax.imshow(picture.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        if i == 0:
            ax.set_title(title)

# %%
# How good is the mean?
# ---------------------
# Root mean squared error on the missing pixels of all held-out digits, beside the mean pixel and
# the exact conditional mean of a linear model.

missing = test.copy()
missing[:, 32:] = np.nan
guesses = {
    "mean pixel": np.broadcast_to(train.mean(0), test.shape),
    "ProbabilisticPCA(12)": ProbabilisticPCA(12).fit(train).impute(missing),
    "VAE(12)": model.impute(missing),
}
for name, guess in guesses.items():
    error = np.sqrt(np.mean((guess - test)[:, 32:] ** 2))
    print(f"{name:22} {error:.4f}")
plt.show()
