"""Which test modules of scikit-learn are run, and what is replaced in them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Suite:
    """A test module, and the adapters that take the place of what it imports.

    ``replaced`` maps where scikit-learn has the object, ``"package.name"``, to the adapter,
    ``"module.name"`` in this folder.
    """

    module: str
    replaced: dict
    # pytest's -k, where only a part of the module is meant.
    only: str = ""
    environment: dict = field(default_factory=dict)


def _all(package, adapters, *names):
    return {f"{package}.{name}": f"{adapters}.{name}" for name in names}


_PCA = _all("sklearn.decomposition", "linear", "PCA")
_FLOAT32 = {"SKLEARN_RUN_FLOAT32_TESTS": "1"}

SUITES = {
    "PCA": Suite("sklearn.decomposition.tests.test_pca", _PCA, environment=_FLOAT32),
    "IncrementalPCA": Suite(
        "sklearn.decomposition.tests.test_incremental_pca",
        _PCA | _all("sklearn.decomposition", "linear", "IncrementalPCA"),
    ),
    "FactorAnalysis": Suite(
        "sklearn.decomposition.tests.test_factor_analysis",
        _all("sklearn.decomposition", "linear", "FactorAnalysis"),
    ),
    "Dictionary learning": Suite(
        "sklearn.decomposition.tests.test_dict_learning",
        _all(
            "sklearn.decomposition",
            "sparse",
            "DictionaryLearning",
            "MiniBatchDictionaryLearning",
            "SparseCoder",
            "dict_learning",
            "dict_learning_online",
            "sparse_encode",
        ),
    ),
    "BernoulliRBM": Suite(
        "sklearn.neural_network.tests.test_rbm",
        _all("sklearn.neural_network", "boltzmann", "BernoulliRBM"),
    ),
    "Pipeline": Suite(
        "sklearn.tests.test_pipeline",
        _all("sklearn.pipeline", "pipeline", "Pipeline", "make_pipeline"),
    ),
    "IterativeImputer": Suite(
        "sklearn.impute.tests.test_impute",
        _all("sklearn.impute", "imputer", "IterativeImputer"),
    ),
    "SelfTrainingClassifier": Suite(
        "sklearn.semi_supervised.tests.test_self_training",
        _all("sklearn.semi_supervised", "classifier", "SelfTrainingClassifier"),
    ),
    "Base of self-training": Suite(
        "sklearn.semi_supervised.tests.test_self_training",
        _all("sklearn.linear_model", "classifier", "LogisticRegression")
        | _all("sklearn.neighbors", "classifier", "KNeighborsClassifier"),
    ),
}
