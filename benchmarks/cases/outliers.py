"""Outliers of eight tables, natural and planted, with and without some in the training rows."""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender

MOST_ROWS = 1500
# Of the ordinary rows, how many outliers lie among the training rows of the second protocol.
FRACTION = 0.1


def load(setup):
    tables = natural() | planted()
    chosen = list(tables)[:1] if setup.quick else list(tables)
    return {name: split(number, *tables[name]) for number, name in enumerate(chosen)}


def natural():
    """Ordinary rows and those of a class that training leaves out."""
    from sklearn.datasets import load_breast_cancer, load_digits, load_wine

    tumors, is_benign = load_breast_cancer(return_X_y=True)
    wines, grape = load_wine(return_X_y=True)
    digits, number = load_digits(return_X_y=True)
    quality = datasets.red_wine_quality()
    return {
        "malignant": (tumors[is_benign == 1], tumors[is_benign == 0]),
        "third wine": (wines[grape != 2], wines[grape == 2]),
        "eights": (digits[number != 8], digits[number == 8]),
        "poor wine": (datasets.red_wine()[quality >= 5], datasets.red_wine()[quality < 5]),
    }


def planted():
    """Ordinary rows, others in which one value is wrong, and the columns of these."""
    from sklearn.datasets import load_diabetes, load_wine

    tables = {
        "bfi": datasets.bfi()[0],
        "kin8nm": datasets.kin8nm(),
        "diabetes": load_diabetes(scaled=False).data,
        "wine": load_wine().data,
    }
    return {f"planted, {name}": with_wrong_values(X) for name, X in tables.items()}


def with_wrong_values(X):
    """Half of the rows as they are, and a tenth in which one value is four sd off."""
    rng = np.random.default_rng(0)
    order = rng.permutation(X[np.isfinite(X).all(axis=1)].astype(float))[: 2 * MOST_ROWS]
    half = len(order) // 2
    wrong = order[half : half + max(20, half // 5)].copy()
    columns = rng.integers(X.shape[1], size=len(wrong))
    away = 4 * order.std(axis=0)[columns] * rng.choice([-1, 1], len(wrong))
    wrong[np.arange(len(wrong)), columns] += away
    return order[:half], wrong, columns


def split(seed, ordinary, odd, *columns):
    """Training rows, odd ones to put among them, test rows, which are odd, and their columns."""
    rng = np.random.default_rng(seed)
    ordinary = ordinary[rng.permutation(len(ordinary))[:MOST_ROWS]]
    half, order = len(ordinary) // 2, rng.permutation(len(odd))
    known, new = np.array_split(order, 2)
    known = known[: max(1, int(FRACTION * half))]
    test = np.vstack([ordinary[half:], odd[new]])
    is_odd = np.repeat([0, 1], [len(test) - len(new), len(new)])
    return ordinary[:half], odd[known], test, is_odd, [c[new] for c in columns]


def judged(make_model, data, seed):
    """Areas under the ROC curve over the tables, and how often the planted column is named."""
    from sklearn.metrics import roc_auc_score

    clean, contaminated, named = {}, [], []
    for name, (training, odd, test, is_odd, columns) in data.items():
        model = make_model(seed, "auto").fit(training)
        clean[name] = roc_auc_score(is_odd, -model.score_samples(test))
        if columns and hasattr(model, "feature_scores"):
            found = model.feature_scores(test[is_odd == 1]).argmax(axis=1)
            named.append(100 * (found == columns[0]).mean())
        model = make_model(seed, FRACTION).fit(np.vstack([training, odd]))
        contaminated.append(roc_auc_score(is_odd, -model.score_samples(test)))
    summary = {"AUC": np.mean(list(clean.values())), "AUC, some in training": np.mean(contaminated)}
    if named:
        summary["planted columns named %"] = np.mean(named)
    return {key: float(value) for key, value in (summary | clean).items()}


def default(seed, contamination):
    from skgen import OutlierDetector

    return OutlierDetector(contamination=contamination, random_state=seed)


def mixture(seed, contamination):
    from skgen import MixtureOfFactorAnalyzers, OutlierDetector

    return OutlierDetector(
        MixtureOfFactorAnalyzers(), contamination=contamination, random_state=seed
    )


def forest(seed, contamination):
    from sklearn.ensemble import IsolationForest

    return IsolationForest(contamination=contamination, random_state=seed)


def local_factor(seed, contamination):
    from sklearn.neighbors import LocalOutlierFactor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = LocalOutlierFactor(novelty=True, contamination=contamination)
    return make_pipeline(StandardScaler(), model)


class Neighbors:
    """Minus the distance to the fifth neighbor among the standardized training rows."""

    def __init__(self, seed, contamination):
        from sklearn.neighbors import NearestNeighbors
        from sklearn.preprocessing import StandardScaler

        self.scaler, self.search = StandardScaler(), NearestNeighbors(n_neighbors=5)

    def fit(self, X):
        """Keep the rows."""
        self.search.fit(self.scaler.fit_transform(X))
        return self

    def score_samples(self, X):
        """Minus the distances."""
        return -self.search.kneighbors(self.scaler.transform(X))[0][:, -1]


def contender(name, make_model, **about):
    return Contender(
        name, lambda data, seed: judged(make_model, data, seed), warm_up=False, **about
    )


SKLEARN = {"package": "scikit-learn", "module": "sklearn"}
PEERS = ("IsolationForest", "LocalOutlierFactor", "neighbors")
CASE = Case(
    title="Outliers of eight tables",
    family="Tables",
    description="Area under the ROC curve on new rows, mean over eight tables: a class that "
    "training left out (malignant tumors, the third wine, eights among digits, poor red wines), "
    "and rows with one value four standard deviations off (bfi, kin8nm, diabetes, wine). Training "
    "rows are ordinary, or hold a tenth of outliers beside these, which each detector is told.",
    load=load,
    evaluate=lambda found, data: found,
    contenders=[
        contender("skgen", default, note="OutlierDetector, defaults: FactorAnalysis"),
        contender("skgen, mixture", mixture, note="MixtureOfFactorAnalyzers, defaults"),
        contender("IsolationForest", forest, **SKLEARN, note="defaults"),
        contender("LocalOutlierFactor", local_factor, **SKLEARN, note="standardized columns"),
        contender("neighbors", Neighbors, **SKLEARN, note="distance to the fifth"),
    ],
    objective="AUC",
    digits=3,
    repeats=1,
    threads=1,
    assertions=[
        *(
            Compare("skgen, mixture", other, on=protocol, better="higher")
            for protocol in ("AUC", "AUC, some in training")
            for other in PEERS
        ),
        Bound("skgen", "planted columns named %", at_least=95.0),
        Bound("skgen, mixture", "planted columns named %", at_least=95.0),
    ],
)
