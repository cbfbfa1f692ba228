"""
Digits with 30 % of their pixels missing
========================================

Thirty per cent of the pixels of every digit are erased. :class:`skgen.ProbabilisticPCA` and
:class:`skgen.FactorAnalysis` are fitted to what is left, by EM on the likelihood of the observed
pixels. No digit is complete, so a method for complete rows would have nothing to be fitted to. Then
``impute`` fills each gap with its mean given the pixels that are left, and ``sample_conditional``
draws what might have been there.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.impute import KNNImputer

from skgen import FactorAnalysis, ProbabilisticPCA

X = load_digits().data  # 1797 digits of 8 x 8 gray levels from 0 to 16
missing = np.random.default_rng(0).random(X.shape) < 0.3
X_holes = np.where(missing, np.nan, X)

# %%
# Fit to the holes, fill the holes
# --------------------------------

ppca = ProbabilisticPCA(n_components=24).fit(X_holes)
factors = FactorAnalysis(n_components=24).fit(X_holes)

filled = {
    "mean of the pixel": np.where(missing, np.nanmean(X_holes, axis=0), X),
    "ProbabilisticPCA": ppca.impute(X_holes),
    "FactorAnalysis": factors.impute(X_holes),
    "5 nearest digits": KNNImputer().fit_transform(X_holes),
}
error = {name: np.sqrt(np.mean((Y - X)[missing] ** 2)) for name, Y in filled.items()}
print("Root mean squared error of the erased pixels, in gray levels:")
for name, value in error.items():
    print(f"{name:20}{value:6.2f}")

# %%
# The erased pixels were never seen by the models, so these are errors on unseen data. Both models
# gain much over the mean. Factor analysis does better than probabilistic PCA: border pixels are
# almost always blank while the middle varies freely, and only factor analysis has a noise variance
# for each pixel. The mean of the five nearest digits comes closer still, since digits form
# clusters that no single Gaussian has. It says nothing about how sure it is, though, and cannot
# draw.
#
# What was there, and what might have been there
# ----------------------------------------------

draws = factors.sample_conditional(X_holes[:10], n_draws=2, random_state=0)
rows = {
    "30 % missing": X_holes[:10],
    f"ProbabilisticPCA\nerror {error['ProbabilisticPCA']:.2f}": filled["ProbabilisticPCA"][:10],
    f"FactorAnalysis\nerror {error['FactorAnalysis']:.2f}": filled["FactorAnalysis"][:10],
    "one draw of the\nmissing pixels": draws[0],
    "another draw": draws[1],
    "true": X[:10],
}
gray = plt.get_cmap("gray_r").with_extremes(bad="tab:orange")
figure, axes = plt.subplots(len(rows), 10, figsize=(9.5, 5.2))
for line, (name, images) in zip(axes, rows.items()):
    for ax, image in zip(line, images):
        ax.imshow(image.reshape(8, 8), cmap=gray, vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11, labelpad=8)
figure.tight_layout(h_pad=0.3, w_pad=0.3)
plt.show()

# %%
# Orange pixels are missing. Every draw keeps the observed pixels; where the two draws differ, the
# model is unsure. ``score_samples`` scores a row by the density of what is observed of it, so the
# models can be compared without the true pixels:

print(f"ProbabilisticPCA {ppca.score(X_holes):8.2f} nats a digit")
print(f"FactorAnalysis   {factors.score(X_holes):8.2f} nats a digit")
