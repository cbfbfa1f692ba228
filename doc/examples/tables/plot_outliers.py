"""
Find outliers, and say what is odd about them
=============================================

A density of ordinary rows makes outliers of improbable ones. Cells of
benign tumors are the ordinary rows here, and malignant ones come without
a label. A threshold on the scores of the very rows that the model was
fitted to calls too many new rows outliers: the model knows those rows
better than any others. :class:`~skgen.OutlierDetector` takes the scores of
rows that cross-validation held out.
"""

# %%
# Ordinary rows
# -------------

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from skgen import FactorAnalysis, OutlierDetector
from skgen.inspection import OutlierDisplay

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
benign, malignant = X[y == 1], X[y == 0]
X_train, X_test = train_test_split(
    benign,
    test_size=0.5,
    random_state=0,
)

# %%
# Two thresholds that are to call one ordinary row in twenty an outlier
# ---------------------------------------------------------------------
# ``contamination=0.05`` cuts the training scores, as scikit-learn's
# detectors do, and leaves the rows below out of the fit;
# ``false_alarm_rate=0.05`` cuts the scores of held-out rows.

detectors = {
    "training rows": OutlierDetector(
        FactorAnalysis(),
        contamination=0.05,
    ),
    "held-out rows": OutlierDetector(
        FactorAnalysis(),
        false_alarm_rate=0.05,
    ),
}
print(f"{'threshold from':16}{'false alarms':>14}{'found':>8}")
for name, detector in detectors.items():
    detector.fit(X_train)
    false_alarms = (detector.predict(X_test) == -1).mean()
    found = (detector.predict(malignant) == -1).mean()
    print(f"{name:16}{false_alarms:14.1%}{found:8.1%}")

# %%
# No threshold enters the area under the ROC curve.

rows = np.vstack([X_test, malignant])
is_odd = np.repeat([0, 1], [len(X_test), len(malignant)])
model = FactorAnalysis().fit(X_train.to_numpy())
forest = IsolationForest(random_state=0).fit(X_train.to_numpy())
for other in (model, forest):
    area = roc_auc_score(is_odd, -other.score_samples(rows))
    print(f"{type(other).__name__}: area under the curve {area:.3f}")

# %%
# Both thresholds among the scores of rows that the model has not seen.

display = OutlierDisplay.from_estimator(
    detectors["held-out rows"],
    pd.concat([X_test, malignant]),
    np.repeat(["benign", "malignant"], [len(X_test), len(malignant)]),
)
ax = display.axes_[0]
by_training = detectors["training rows"].offset_
ax.axvline(by_training, color="tab:red", label="from training rows")
ax.legend()

# %%
# What gives a row away
# ---------------------
# ``feature_scores`` are the nats by which each value is more surprising,
# given all others of its row, than values of that column usually are. A
# benign row with two values exchanged is no outlier in any column by
# itself.

detector = detectors["held-out rows"]
mixed_up = X_test.iloc[:1].copy()
names = ["mean radius", "worst radius"]
mixed_up[names] = mixed_up[names[::-1]].to_numpy()
order = detector.score_samples(malignant).argsort()
odd = pd.concat([malignant.iloc[[order[len(order) // 2]]], mixed_up])
display = OutlierDisplay.from_estimator(detector, odd, kind="features")
titles = "a malignant row", "two values exchanged"
for ax, title in zip(display.axes_, titles):
    ax.set_title(title)
plt.show()
