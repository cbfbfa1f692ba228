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
from skgen.inspection import ImputationDisplay

X = load_digits().data  # 1797 digits of 8 x 8, gray from 0 to 16
missing = np.random.default_rng(0).random(X.shape) < 0.3
X_holes = np.where(missing, np.nan, X)

# %%
# Fit to the holes, fill the holes
# --------------------------------

ppca = ProbabilisticPCA(n_components=24).fit(X_holes)
factors = FactorAnalysis(n_components=24).fit(X_holes)

filled = {
    "mean of the pixel": np.where(
        missing,
        np.nanmean(X_holes, axis=0),
        X,
    ),
    "ProbabilisticPCA": ppca.impute(X_holes),
    "FactorAnalysis": factors.impute(X_holes),
    "5 nearest digits": KNNImputer().fit_transform(X_holes),
}
print("Root mean squared error of the erased pixels, in gray levels:")
for name, Y in filled.items():
    error = np.sqrt(np.mean((Y - X)[missing] ** 2))
    print(f"{name:20}{error:6.2f}")

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

ImputationDisplay.from_estimator(
    factors,
    X_holes[:10],
    truth=X[:10],
    n_shown=2,
    random_state=0,
    image_shape=(8, 8),
    cmap="gray_r",
)
plt.show()

# %%
# Orange pixels are missing. Every draw keeps the observed pixels; where the draws differ, the model
# is unsure, and their standard deviation is large. ``score_samples`` scores a row by the density of
# what is observed of it, so the models can be compared without the true pixels:

print(f"ProbabilisticPCA {ppca.score(X_holes):8.2f} nats a digit")
print(f"FactorAnalysis   {factors.score(X_holes):8.2f} nats a digit")
