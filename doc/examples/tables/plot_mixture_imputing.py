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
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from skgen import (
    FactorAnalysis,
    GenerativeImputer,
    MixtureOfFactorAnalyzers,
    make_generative_pipeline,
)
from skgen.inspection import ImputationDisplay
from skgen.metrics import imputation_calibration

# %%
# Two models
# ----------
#
# Both by the exact likelihood of pixels. The pixels are a little noisy, since those at the rim are
# nearly always empty, and no density should live of that.

rng = np.random.default_rng(0)
X, y = load_digits(return_X_y=True)
X = X + rng.uniform(0, 1, X.shape)
train, test, y_train, y_test = train_test_split(
    X, y, test_size=300, random_state=0
)
one = FactorAnalysis(12, random_state=0).fit(train)
many = MixtureOfFactorAnalyzers(20, 6, n_init=1, random_state=0).fit(
    train
)
models = {"factor analysis": one, "mixture": many}
for name, model in models.items():
    print(f"{name}: {model.score(test):.1f} nats a row")

# %%
# The lower half
# --------------
#
# Only the upper half of new digits is shown. ``impute`` gives the mean of what is missing,
# ``sample_conditional`` draws it: where the upper half leaves open which digit it is, so do the
# draws of the mixture.

shown = test.copy()
shown[:, 32:] = np.nan


def show(name, model):
    """Draw digits as the model fills them."""
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


show("factor analysis", one)

# %%
show("mixture", many)

# %%
# How sure
# --------
#
# Of a hundred missing pixels fifty should lie in the middle half of their draws, and ninety between
# the twentieth of them at either end.

for name, model in models.items():
    draws = model.sample_conditional(shown, 39, random_state=0)
    result = imputation_calibration(
        test, shown, draws, levels=[0.5, 0.9]
    )
    held = ", ".join(f"{share:.0%}" for share in result.coverage)
    print(f"{name}: intervals of 50 % and 90 % hold {held}")

# %%
# Before a classifier
# -------------------
#
# :class:`skgen.GenerativeImputer` fills what is missing as a step of scikit-learn's ``Pipeline``, by
# any of these models or by a pipeline that scales for it. The classifier learns from digits of which
# every second pixel is lost, and names others.

lost = rng.random(X.shape) < 0.5
gaps, gaps_test = train_test_split(
    np.where(lost, np.nan, X), test_size=300, random_state=0
)
mixture = MixtureOfFactorAnalyzers(10, 6, n_init=1, random_state=0)
imputers = {
    "mean of a pixel": SimpleImputer(),
    "factor analysis": GenerativeImputer(FactorAnalysis(12)),
    "mixture": GenerativeImputer(
        make_generative_pipeline(MaxAbsScaler(), mixture)
    ),
}
accuracies = {}
for name, imputer in imputers.items():
    classifier = make_pipeline(
        imputer, MaxAbsScaler(), LogisticRegression(max_iter=2000)
    )
    classifier.fit(gaps, y_train)
    accuracies[name] = classifier.score(gaps_test, y_test)
    print(f"{name}: {accuracies[name]:.1%} of the digits are named")

figure, ax = plt.subplots(figsize=(6, 1.8), layout="constrained")
ax.barh(list(accuracies), list(accuracies.values()), color="tab:blue")
ax.set(xlabel="accuracy with half the pixels", xlim=(0, 1))
plt.show()
