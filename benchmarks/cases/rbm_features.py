"""Hidden units as features: the digits, each also shifted in four directions."""

from benchmarks.core import Bound, Case, Compare, Contender, Headline


def load(setup):
    """The data of scikit-learn's example of RBM features, split as there."""
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import minmax_scale

    X, y = load_digits(return_X_y=True)
    images = np.pad(X.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    shifts = [(1, 1), (2, 1), (1, 2), (1, 0), (0, 1)]
    rows = np.concatenate([images[:, i : i + 8, j : j + 8].reshape(-1, 64) for i, j in shifts])
    rows = minmax_scale(rows).astype("float32")
    return train_test_split(rows, np.tile(y, 5), test_size=0.2, random_state=0)


def fit_skgen(data, seed):
    from skgen import BernoulliRBM

    return BernoulliRBM(
        100,
        n_gibbs_steps=1,
        n_chains=10,
        batch_size=10,
        learning_rate=0.01,
        learning_rate_schedule="cosine",
        init_scale=0.3,
        centered=False,
        data_bias=False,
        sparsity_target=0.1,
        sparsity_cost=0.2,
        max_iter=100,
        random_state=seed,
    ).fit(data[0])


def fit_likelihood(data, seed):
    from skgen import BernoulliRBM

    return BernoulliRBM(100, random_state=seed).fit(data[0])


def fit_sklearn(data, seed):
    from sklearn.neural_network import BernoulliRBM

    return BernoulliRBM(100, learning_rate=0.06, n_iter=10, random_state=seed).fit(data[0])


def fit_pixels(data, seed):
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer().fit(data[0])


def evaluate(features, data):
    from sklearn.linear_model import LogisticRegression

    train, test, y_train, y_test = data
    classifier = LogisticRegression(C=300, max_iter=5000)
    classifier.fit(features.transform(train), y_train)
    return {"accuracy": classifier.score(features.transform(test), y_test)}


CASE = Case(
    title="RBM(100) features and logistic regression, digits shifted five ways",
    family="Boltzmann machines",
    description="Time of the features' fit; accuracy on held-out rows; three seeds.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen", fit_skgen, note="the setting for features"),
        Contender("skgen, defaults", fit_likelihood, note="the setting for the likelihood"),
        Contender(
            "scikit-learn",
            fit_sklearn,
            package="scikit-learn",
            module="sklearn",
            note="the setting of its example",
        ),
        Contender("pixels", fit_pixels, package="scikit-learn", module="sklearn", repeats=1),
    ],
    objective="accuracy",
    digits=3,
    repeats=3,
    threads=1,
    headline=Headline("better", over="scikit-learn"),
    assertions=[
        Compare("skgen", "scikit-learn", on="accuracy"),
        Bound("skgen", "accuracy", at_least=0.945, statistic="mean"),
    ],
)
