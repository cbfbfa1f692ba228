"""The contenders of the probabilistic-PCA cases."""

from benchmarks.cases import _gaussian
from benchmarks.core import Compare, Contender, Speedup


def fit_skgen(data, seed):
    from skgen import ProbabilisticPCA

    X, k = data
    return ProbabilisticPCA(k).fit(X)


def fit_sklearn(data, seed):
    from sklearn.decomposition import PCA

    X, k = data
    return PCA(k, svd_solver="covariance_eigh").fit(X)


def evaluate(model, data):
    return {"log-likelihood": _gaussian.ppca_nats(model, data[0])}


CONTENDERS = (
    Contender("skgen", fit_skgen),
    Contender(
        "scikit-learn PCA",
        fit_sklearn,
        package="scikit-learn",
        module="sklearn",
        note='svd_solver="covariance_eigh"',
    ),
)
ASSERTIONS = (
    Speedup("skgen", over="scikit-learn PCA", at_least=1.0),
    Compare("skgen", "scikit-learn PCA", on="log-likelihood"),
)
