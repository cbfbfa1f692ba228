"""Hidden units of MNIST as features for a linear classifier."""

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender


def load(setup):
    n = 2000 if setup.quick else 60_000
    (X, y), (test, y_test) = datasets.mnist("train"), datasets.mnist("test")
    return X[:n], test, y[:n], y_test, setup.device, 2 if setup.quick else 40


def fit_skgen(data, seed):
    from skgen import BernoulliRBM

    return BernoulliRBM(
        1024,
        negative_phase="cd",
        n_gibbs_steps=1,
        batch_size=20,
        learning_rate=0.05,
        learning_rate_schedule="cosine",
        init_scale=0.05,
        centered=False,
        data_bias=False,
        sparsity_target=0.1,
        sparsity_cost=0.05,
        max_iter=data[5],
        device=data[4],
        random_state=seed,
    ).fit(data[0])


def evaluate(features, data):
    """Error of a logistic regression on the features, in per cent."""
    from sklearn.linear_model import LogisticRegression

    X, test, y, y_test = data[:4]
    classifier = LogisticRegression(C=0.6, max_iter=400)
    classifier.fit(features.transform(X), y)
    return {"error %": 100 * (1 - classifier.score(features.transform(test), y_test))}


CASE = Case(
    title="RBM(1024) features and logistic regression, MNIST",
    family="Boltzmann machines",
    description="Time of the features' fit; error on the test images. 1.83 % is reported.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False, slow=True)],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[Bound("skgen", "error %", at_most=1.8)],
)
