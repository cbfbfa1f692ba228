"""The one list of small instances of every estimator; a new estimator is one line."""

from skgen import FactorAnalysis, ProbabilisticPCA


def instances():
    """Fresh, unfitted estimators that fit toy data in milliseconds."""
    return [
        ProbabilisticPCA(),
        ProbabilisticPCA(n_components=1),
        FactorAnalysis(),
        FactorAnalysis(n_components=1, rotation="varimax", scores="bartlett"),
    ]


def having(*methods):
    """The instances that have all the named methods."""
    return [e for e in instances() if all(hasattr(e, m) for m in methods)]


def label(estimator):
    """Name of an instance in a test report."""
    return str(estimator).replace("\n", "").replace(" ", "")
