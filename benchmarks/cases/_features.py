"""What the cases of features share: every transformer by its defaults before one classifier."""

from functools import partial

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


def accuracies(features, data, make_classifier=None):
    """Accuracy of a classifier on the standardized features, in five times two folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = LogisticRegression(max_iter=500) if make_classifier is None else make_classifier()
    model = make_pipeline(StandardScaler(), classifier)
    folds = RepeatedStratifiedKFold(n_splits=2, n_repeats=N_REPEATS, random_state=0)
    return {
        table: cross_val_score(model, features[table], y, cv=folds).mean()
        for table, (_, y) in data.items()
    }


def by_kernel(features, data):
    from sklearn.svm import SVC

    return accuracies(features, data, SVC)


def unchanged(data, seed):
    return {table: X for table, (X, _) in data.items()}


def contenders():
    """All transformers, the raw columns, a kernel machine, and scikit-learn's features."""
    once = {"repeats": 1, "warm_up": False}
    package = {"package": "scikit-learn", "module": "sklearn", **once}
    ours = [
        Contender(name, partial(transformed, name), note="defaults", **once)
        for name in OTHERS + IN_UNIT_INTERVAL
    ]
    return [
        *ours,
        Contender(RAW, unchanged, **package),
        Contender("scikit-learn BernoulliRBM", theirs, note="defaults", **package),
        Contender("SVC", unchanged, evaluate=by_kernel, note="raw columns", **package),
    ]


def not_below_raw(tables):
    """That no transformer is below the raw columns by more than chance, table by table."""
    return [
        Compare(name, RAW, on=table, slack=slack)
        for table, slack in tables.items()
        for name in OTHERS + IN_UNIT_INTERVAL
    ]
