"""Which test modules of scikit-learn are run, and what is replaced in them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """A test module, and the adapters that take the place of what it imports.

    ``replaced`` maps where scikit-learn has the object, ``"package.name"``, to the adapter,
    ``"module.name"`` in this folder.
    """

    module: str
    replaced: dict
    # A few tests that take a second together and use each adapter.
    quick: tuple


def _all(package, adapters, *names):
    return {f"{package}.{name}": f"{adapters}.{name}" for name in names}


_PCA = _all("sklearn.decomposition", "linear", "PCA")

SUITES = {
    "PCA": Suite(
        "sklearn.decomposition.tests.test_pca",
        _PCA,
        ("test_pca_inverse", "test_pca_check_projection_list", "test_pca_score"),
    ),
    "IncrementalPCA": Suite(
        "sklearn.decomposition.tests.test_incremental_pca",
        _PCA | _all("sklearn.decomposition", "linear", "IncrementalPCA"),
        ("test_incremental_pca_check_projection", "test_incremental_pca_set_params"),
    ),
    "FactorAnalysis": Suite(
        "sklearn.decomposition.tests.test_factor_analysis",
        _all("sklearn.decomposition", "linear", "FactorAnalysis"),
        ("test_factor_analysis",),
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
        (
            "test_sparse_coder_estimator",
            "test_sparse_encode_error",
            "test_sparse_encode_positivity",
        ),
    ),
    "BernoulliRBM": Suite(
        "sklearn.neural_network.tests.test_rbm",
        _all("sklearn.neural_network", "boltzmann", "BernoulliRBM"),
        ("test_small_sparse", "test_sample_hiddens"),
    ),
    "Pipeline": Suite(
        "sklearn.tests.test_pipeline",
        _all("sklearn.pipeline", "pipeline", "Pipeline", "make_pipeline"),
        ("test_pipeline_methods_anova", "test_set_pipeline_steps", "test_n_features_in_pipeline"),
    ),
    "IterativeImputer": Suite(
        "sklearn.impute.tests.test_impute",
        _all("sklearn.impute", "imputer", "IterativeImputer"),
        ("test_iterative_imputer_one_feature", "test_iterative_imputer_clip"),
    ),
    "SelfTrainingClassifier": Suite(
        "sklearn.semi_supervised.tests.test_self_training",
        _all("sklearn.semi_supervised", "classifier", "SelfTrainingClassifier"),
        ("test_prefitted_throws_error", "test_zero_iterations"),
    ),
    "Base of self-training": Suite(
        "sklearn.semi_supervised.tests.test_self_training",
        _all("sklearn.linear_model", "classifier", "LogisticRegression")
        | _all("sklearn.neighbors", "classifier", "KNeighborsClassifier"),
        ("test_prefitted_throws_error",),
    ),
}
