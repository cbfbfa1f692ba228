"""What the cases of features share: every transformer by its defaults before one classifier."""

from functools import partial

import numpy as np

from benchmarks.core import Compare, Contender

RAW = "raw columns"
IN_UNIT_INTERVAL = ("BernoulliRBM", "DeepBoltzmannMachine")
OTHERS = (
    "ProbabilisticPCA",
    "FactorAnalysis",
    "SparseCoder",
    "Autoencoder",
    "DenoisingAE",
    "SparseAE",
    "ContractiveAE",
    "VAE",
    "FullyVisibleBeliefNetwork",
    "GaussianBernoulliRBM",
    "DeepBeliefNetwork",
    "GAN",
)
N_REPEATS = 5


def transformed(name, data, seed):
    """Features of each table by an estimator that saw all rows and no labels.

    Columns outside [0, 1] are scaled to it, or standardized, as the estimator wants them.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    import skgen

    found = {}
    for table, (X, _) in data.items():
        model = getattr(skgen, name)()
        if "random_state" in model.get_params():
            model.set_params(random_state=seed)
        scaler = MinMaxScaler() if name in IN_UNIT_INTERVAL else StandardScaler()
        is_scaled = X.min() >= 0 and X.max() <= 1
        found[table] = make_pipeline("passthrough" if is_scaled else scaler, model).fit_transform(X)
    return found


def theirs(data, seed):
    """Features of scikit-learn's machine."""
    from sklearn.neural_network import BernoulliRBM
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    model = make_pipeline(MinMaxScaler(), BernoulliRBM(random_state=seed))
    return {table: model.fit_transform(X) for table, (X, _) in data.items()}


def accuracies(features, data):
    """Accuracy of logistic regression, in five times two folds, table by table.

    Of the standardized columns with the features beside them as they come, which is what
    ``make_union(StandardScaler(), model)`` gives, and of the standardized features alone.
    """
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import StandardScaler

    found = {}
    for table, (X, y) in data.items():
        Z = features[table]
        columns = make_column_transformer(
            (StandardScaler(), slice(X.shape[1])), remainder="passthrough"
        )
        found[table] = _accuracy(columns, np.hstack([X, Z]), y)
        found[f"{table}, alone"] = _accuracy(StandardScaler(), Z, y)
    return found


def of_columns(columns, data, make_classifier=None):
    """Accuracy of a classifier of the standardized columns."""
    from sklearn.preprocessing import StandardScaler

    return {
        table: _accuracy(StandardScaler(), columns[table], y, make_classifier)
        for table, (_, y) in data.items()
    }


def _accuracy(scaler, rows, y, make_classifier=None):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    classifier = make_classifier() if make_classifier else LogisticRegression(max_iter=500)
    folds = RepeatedStratifiedKFold(n_splits=2, n_repeats=N_REPEATS, random_state=0)
    return cross_val_score(make_pipeline(scaler, classifier), rows, y, cv=folds).mean()


def by_kernel(columns, data):
    from sklearn.svm import SVC

    return of_columns(columns, data, SVC)


def unchanged(data, seed):
    return {table: X for table, (X, _) in data.items()}


def contenders(without=()):
    """All transformers, the raw columns, a kernel machine, and scikit-learn's features."""
    once = {"repeats": 1, "warm_up": False}
    package = {"package": "scikit-learn", "module": "sklearn", **once}
    ours = [
        Contender(name, partial(transformed, name), note="defaults", **once)
        for name in OTHERS + IN_UNIT_INTERVAL
        if name not in without
    ]
    return [
        *ours,
        Contender(RAW, unchanged, evaluate=of_columns, **package),
        Contender("scikit-learn BernoulliRBM", theirs, note="defaults", **package),
        Contender("SVC", unchanged, evaluate=by_kernel, note="raw columns", **package),
    ]


def not_below_raw(tables, without=()):
    """That with features beside them no columns do worse, beyond chance, table by table."""
    return [
        Compare(name, RAW, on=table, slack=slack)
        for table, slack in tables.items()
        for name in OTHERS + IN_UNIT_INTERVAL
        if name not in without
    ]
