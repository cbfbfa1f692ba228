"""Digits of which few have a label."""

import numpy as np

from benchmarks.core import Bound, Case, Compare, Contender

N_LABELS, N_SPLITS = (20, 100, 500), 10


def load(setup):
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X / 16, y, 1 if setup.quick else N_SPLITS


def accuracies(make_classifier, data, seed):
    """Mean accuracy on the rows without a label, by how many have one.

    The defaults of ``FineTunedClassifier`` were chosen with other draws of the labels.
    """
    from sklearn.model_selection import StratifiedShuffleSplit

    X, y, n_splits = data
    found = {}
    for n_labels in N_LABELS:
        splits = StratifiedShuffleSplit(n_splits, train_size=n_labels, random_state=1)
        right = []
        for kept, rest in splits.split(X, y):
            known = np.full_like(y, -1)
            known[kept] = y[kept]
            model = make_classifier(seed).fit(X, known)
            right.append((model.predict(X[rest]) == y[rest]).mean())
        found[f"{n_labels} labels"] = float(np.mean(right))
    return found


def network(seed):
    from skgen import FineTunedClassifier

    return FineTunedClassifier(random_state=seed)


def spreading(seed):
    from sklearn.semi_supervised import LabelSpreading

    return LabelSpreading()


def spreading_near(seed):
    from sklearn.semi_supervised import LabelSpreading

    return LabelSpreading(kernel="knn")


def self_training(seed):
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.semi_supervised import SelfTrainingClassifier
    from sklearn.svm import SVC

    return SelfTrainingClassifier(CalibratedClassifierCV(SVC(C=10), cv=2))


class LabelsAlone:
    """A support vector machine that sees the labeled rows only."""

    def __init__(self, seed):
        from sklearn.svm import SVC

        self.predictor = SVC(C=10)

    def fit(self, X, y):
        """Fit the rows whose label is not -1."""
        self.predictor.fit(X[y >= 0], y[y >= 0])
        return self.predictor


def contender(name, make_classifier, **about):
    """The contender whose fits and predictions are timed together."""
    return Contender(
        name,
        lambda data, seed: accuracies(make_classifier, data, seed),
        warm_up=False,
        **about,
    )


SKLEARN = {"package": "scikit-learn", "module": "sklearn"}
PEERS = ("LabelSpreading", "LabelSpreading, knn", "SelfTraining", "SVC")
CASE = Case(
    title="Few labels, digits",
    family="Features and few labels",
    description="20, 100 and 500 of the 1797 digits have a label, ten draws of each; mean accuracy "
    "on the others. skgen has its defaults, which were chosen by other draws.",
    load=load,
    evaluate=lambda found, data: found,
    contenders=[
        contender("skgen", network),
        contender("LabelSpreading", spreading, **SKLEARN),
        contender("LabelSpreading, knn", spreading_near, **SKLEARN),
        contender("SelfTraining", self_training, **SKLEARN, note="of SVC(C=10), calibrated"),
        contender("SVC", LabelsAlone, **SKLEARN, note="C=10, labels alone"),
    ],
    objective="100 labels",
    digits=4,
    repeats=1,
    threads=1,
    assertions=[
        Bound("skgen", "100 labels", at_least=0.975),
        *(
            Compare("skgen", other, on=f"{n} labels", better="higher")
            for n in N_LABELS
            for other in PEERS
        ),
    ],
)
