"""Hidden units of MNIST as features for a linear classifier."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Contender


def load(setup):
    return _deep.mnist(setup, 40)


def fit_skgen(data, seed):
    model = _deep.machine(data[5]).set_params(device=data[4], random_state=seed)
    return model.fit(data[0])


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
