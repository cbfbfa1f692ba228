"""
Sparse codes as features for a classifier
=========================================

The sparse code of a digit says which few of the learned shapes it is made of. A linear classifier
on 128 such codes
beats the same classifier on 64 pixels, and ``GridSearchCV`` finds how sparse they should be.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

from skgen import SparseCoder
from skgen.inspection import ComponentsDisplay

X, y = load_digits(return_X_y=True)
X = X / 16
train, test, y_train, y_test = train_test_split(
    X, y, test_size=600, stratify=y, random_state=0
)

pixels = LogisticRegression(max_iter=2000).fit(train, y_train)

# %%
# ``alpha`` is in the units of the data: these rows have length 3 to 4, so an atom must have an
# inner product of ``alpha`` out of about 3.5 with a digit to enter its code. The dictionary is
# learned inside each fold.
pipeline = Pipeline(
    [
        (
            "code",
            SparseCoder(
                128, split_sign=True, max_iter=20, tol=0, random_state=0
            ),
        ),
        ("classify", LogisticRegression(C=10, max_iter=2000)),
    ]
)
alphas = [0.1, 0.2, 0.4, 0.8, 1.6]
search = GridSearchCV(pipeline, {"code__alpha": alphas}, cv=3).fit(
    train, y_train
)

best = search.best_estimator_
print(f"pixels               {pixels.score(test, y_test):.4f}")
print(
    f"sparse codes         {search.score(test, y_test):.4f} with {search.best_params_}"
)
print(
    f"atoms used per digit {np.mean(np.sum(best[0].transform(test) != 0, axis=1)):.1f} of 128"
)

# %%
fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.errorbar(
    alphas,
    search.cv_results_["mean_test_score"],
    search.cv_results_["std_test_score"],
    marker="o",
    capsize=3,
)
ax.set(xscale="log", xlabel="alpha", ylabel="cross-validated accuracy")

# %%
# The atoms that most digits use. At this alpha they are digits in different hands, and a code names
# the few that resemble its row; with a smaller one they become pieces of strokes.
coder = best[0]
atoms = coder.components_[np.argsort(-coder.usage_)]
ComponentsDisplay.from_predictions(
    atoms,
    image_shape=(8, 8),
    max_components=90,
    n_columns=15,
    scale_each=True,
    cmap="RdBu_r",
)
plt.show()
