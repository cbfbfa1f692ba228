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
from skgen.inspection import ImputationDisplay

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
models = {"factor analysis": one, "mixture": many}
for name, model in models.items():
    print(f"{name}: {model.score(test):.1f} nats a row")

# %%
# The lower half
# --------------
#
# Only the upper half of new digits is shown. ``impute`` gives the mean of what is missing,
# ``sample_conditional`` draws it: where the upper half leaves open which digit it is, so do the
# draws of the mixture. First factor analysis, then the mixture.

shown = test.copy()
shown[:, 32:] = np.nan
for name, model in models.items():
    error = np.mean((model.impute(shown) - test)[:, 32:] ** 2) ** 0.5
    print(f"{name}: root mean squared error {error:.2f}")
    display = ImputationDisplay.from_estimator(
        model,
        shown[:12],
        truth=test[:12],
        n_shown=3,
        random_state=0,
        image_shape=(8, 8),
        cmap="gray_r",
    )
    display.figure_.suptitle(name)
plt.show()
