"""
A mixture that fills in digits
==============================

One Gaussian knows how pixels go together on average over all digits. A mixture first asks which
kind of digit the visible half may belong to, and then what goes with it there:
:class:`skgen.MixtureOfFactorAnalyzers` beside :class:`skgen.FactorAnalysis`.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skgen import FactorAnalysis, MixtureOfFactorAnalyzers

# %%
# Two models
# ----------
#
# Both by the exact likelihood of pixels. The pixels are a little noisy, since those at the rim are
# nearly always empty, and no density should live of that.

rng = np.random.default_rng(0)
X = load_digits().data + rng.uniform(0, 1, (1797, 64))
train, test = train_test_split(X, test_size=300, random_state=0)
one = FactorAnalysis(12, random_state=0).fit(train)
many = MixtureOfFactorAnalyzers(20, 6, random_state=0).fit(train)
print(f"factor analysis {one.score(test):.1f} nats, mixture {many.score(test):.1f} nats a row")

# %%
# The lower half
# --------------
#
# Only the upper half of new digits is shown. ``impute`` gives the mean of what is missing,
# ``sample_conditional`` draws it: where the upper half leaves open which digit it is, so do the
# draws of the mixture.

shown = test.copy()
shown[:, 32:] = np.nan
filled = {"factor analysis": one.impute(shown), "mixture": many.impute(shown)}
for name, rows in filled.items():
    print(f"{name}: root mean squared error {np.sqrt(np.mean((rows - test) ** 2) * 2):.2f}")
draws = many.sample_conditional(shown, 3, random_state=0)

pictures = [shown, *filled.values(), *draws, test]
titles = ["shown", "factor analysis", "mixture", "draw", "draw", "draw", "truth"]
figure, axes = plt.subplots(len(pictures), 12, figsize=(9, 5.6), layout="constrained")
for row, title, digits in zip(axes, titles, pictures):
    row[0].set_ylabel(title, rotation=0, ha="right", va="center")
    for ax, digit in zip(row, digits):
        ax.imshow(digit.reshape(8, 8), cmap="gray_r", vmin=0, vmax=17)
        ax.set(xticks=[], yticks=[])
