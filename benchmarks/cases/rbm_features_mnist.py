"""Hidden units of MNIST as features for a linear classifier."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Contender


def load(setup):
    return _deep.mnist(setup, 30)


def fit_skgen(data, seed):
    model = _deep.machine(data[5])
    model.set_params(batch_size=20, sparsity_cost=0.05, device=data[4], random_state=seed)
    return model.fit(data[0])


def evaluate(features, data):
    """Error of a logistic regression on the features, in per cent."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, PredefinedSplit

    X, test, y, y_test = data[:4]
    n_held_out = len(y) // 6
    held_out = [-1] * (len(y) - n_held_out) + [0] * n_held_out
    search = GridSearchCV(
        LogisticRegression(tol=1e-5, max_iter=400),
        {"C": [0.1, 0.3, 1.0]},
        cv=PredefinedSplit(held_out),
    )
    search.fit(features.transform(X), y)
    return {
        "error %": 100 * (1 - search.score(features.transform(test), y_test)),
        "validation error %": 100 * (1 - search.best_score_),
        "C": search.best_params_["C"],
    }


CASE = Case(
    title="RBM(1024) features and logistic regression, MNIST",
    family="Boltzmann machines",
    description="Time of the features' fit to 60000 gray images. C and the 30 epochs are chosen on "
    "the last 10000 of them, then all 60000 teach; error on the test images. 1.83 % is reported. "
    "50 epochs reached 1.65 %, but 1.77 % on the validation images.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_skgen, warm_up=False, slow=True)],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[Bound("skgen", "error %", at_most=1.85)],
)
