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
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from skgen import FactorAnalysis, OutlierDetector

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
benign, malignant = X[y == 1], X[y == 0]
X_train, X_test = train_test_split(benign, test_size=0.5, random_state=0)

# %%
# Two thresholds that are to call one ordinary row in twenty an outlier
# ---------------------------------------------------------------------
# ``contamination=0.05`` cuts the training scores, as scikit-learn's
# detectors do; ``false_alarm_rate=0.05`` cuts those of held-out rows.

detectors = {
    "training rows": OutlierDetector(FactorAnalysis(), contamination=0.05),
    "held-out rows": OutlierDetector(FactorAnalysis(), false_alarm_rate=0.05),
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
odd = {
    "a malignant row": malignant.iloc[[order[len(order) // 2]]],
    "two values exchanged": mixed_up,
}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
for label, part in (("benign", X_test), ("malignant", malignant)):
    scores = detector.score_samples(part).clip(-200, None)
    axes[0].hist(scores, bins=40, alpha=0.6, label=label)
for style, (name, one) in zip(("--", "-"), detectors.items()):
    axes[0].axvline(one.offset_, color="gray", ls=style, label=name)
axes[0].set(xlabel="nats (at least -200)", ylabel="rows")
axes[0].legend()
for ax, (title, row) in zip(axes[1:], odd.items()):
    surprise = detector.feature_scores(row)[0]
    largest = np.argsort(surprise)[-6:]
    ax.barh(X.columns[largest], surprise[largest])
    ax.set(xlabel="nats above the usual", title=title)
