"""The one list of small instances of every estimator; a new estimator is one line."""

import pytest
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from skgen import (
    GAN,
    ICA,
    LISTA,
    RNNRBM,
    VAE,
    Autoencoder,
    BernoulliRBM,
    BoltzmannMachine,
    ConditionalRBM,
    ContractiveAE,
    ConvolutionalDBN,
    ConvolutionalRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    DenoisingAE,
    EnergyBasedModel,
    FactorAnalysis,
    FineTunedClassifier,
    FineTunedRegressor,
    FullyVisibleBeliefNetwork,
    GaussianBernoulliRBM,
    GenerativeImputer,
    MeanCovarianceRBM,
    MixtureOfFactorAnalyzers,
    OutlierDetector,
    PixelCNN,
    PixelRNN,
    PredictiveSparseDecomposition,
    ProbabilisticPCA,
    ProductOfExperts,
    ProductOfStudentT,
    SigmoidBeliefNetwork,
    SlowFeatureAnalysis,
    SparseAE,
    SparseCoder,
    SpikeSlabRBM,
    StackedAE,
    TranslationGAN,
    make_generative_pipeline,
)

SMALL_MACHINE = {"n_components": 3, "max_iter": 3, "n_burn_in": 5, "n_thinning": 5}
SMALL_ENERGY = {"n_components": 3, "max_iter": 3, "n_burn_in": 5, "n_ais_steps": 20}
SMALL_MODULES = {"max_iter": 3, "n_burn_in": 5, "n_ais_steps": 20}
SMALL_CONVOLUTIONAL = {"n_filters": 3, "max_iter": 3, "n_burn_in": 5, "n_thinning": 5}
SMALL_SEQUENCE = {"n_components": 3, "max_iter": 3, "n_burn_in": 5}
SMALL_DEEP = {"hidden_layer_sizes": (4, 3), "max_iter": 3, "n_burn_in": 5, "n_thinning": 5}
# Scikit-learn's checks want 83 % of blobs in two dimensions right: that takes some updates.
SMALL_LABELED = {
    **SMALL_DEEP,
    "hidden_layer_sizes": (8, 6),
    "use_labels": True,
    "init_scale": 0.3,
    "n_gibbs_steps": 1,
    "batch_size": 20,
    "max_iter": 30,
}
SMALL_LABELED_DEEP = {
    **SMALL_DEEP,
    "hidden_layer_sizes": (8, 6),
    "training": "multi_prediction",
    "use_labels": True,
    "batch_size": 20,
    "max_iter": 30,
}
# Of one layer, which takes bits; the blobs lie beside [0, 1].
SMALL_LABELED_MACHINE = {
    **SMALL_MACHINE,
    "n_components": 8,
    "use_labels": True,
    "init_scale": 0.3,
    "n_gibbs_steps": 1,
    "batch_size": 20,
    "max_iter": 30,
}
SMALL_TABLE = {
    "hidden_layer_sizes": (8,),
    "n_mixture_components": 3,
    "n_orders": 2,
    "max_iter": 3,
}
SMALL_PIXELS = {"n_layers": 2, "n_mixture_components": 2, "n_particles": 8, "max_iter": 3}
SMALL_NET = {"n_components": 2, "hidden_layer_sizes": (8,), "max_iter": 3}
# For the same reason as above.
SMALL_LABELED_NET = {**SMALL_NET, "use_labels": True, "batch_size": 20, "max_iter": 30}
SMALL_CONDITIONAL = {**SMALL_NET, "batch_size": 20, "max_iter": 30}
SMALL_STACK = {**SMALL_NET, "n_pretraining_iter": 2}
SMALL_TRANSLATION = {"hidden_layer_sizes": (8,), "critic_layer_sizes": (4,), "averaging": 0.9}


def instances():
    """Fresh, unfitted estimators that fit toy data in milliseconds."""
    return models() + other_trainings()


def models():
    """Those that differ in what they are, take or give."""
    return [
        ProbabilisticPCA(),
        ProbabilisticPCA(n_components=1),
        FactorAnalysis(),
        FactorAnalysis(n_components=1, rotation="varimax", scores="bartlett"),
        ICA(),
        ICA(n_components=None),
        ICA(n_components=2, orthogonal=False, fun="fitted"),
        make_generative_pipeline(StandardScaler(), ProbabilisticPCA(n_components=1)),
        Autoencoder(**SMALL_NET),
        BernoulliRBM(**SMALL_MACHINE),
        BernoulliRBM(**SMALL_LABELED_MACHINE),
        BoltzmannMachine(),
        BoltzmannMachine(2, max_iter=20),
        ConditionalRBM(**SMALL_SEQUENCE),
        ContractiveAE(**SMALL_NET),
        ConvolutionalDBN([3, (2, 1)], max_iter=3, n_burn_in=5, n_thinning=5),
        ConvolutionalRBM(**SMALL_CONVOLUTIONAL),
        ConvolutionalRBM(
            filter_size=2,
            pool_size=3,
            visible="gaussian",
            sparsity_target=0.1,
            **SMALL_CONVOLUTIONAL,
        ),
        DeepBeliefNetwork(**SMALL_DEEP),
        DeepBeliefNetwork(**SMALL_LABELED),
        DeepBoltzmannMachine(**SMALL_DEEP),
        DeepBoltzmannMachine(**SMALL_LABELED_DEEP),
        DenoisingAE(**SMALL_NET),
        EnergyBasedModel(hidden_layer_sizes=(8,), **SMALL_MODULES),
        FineTunedClassifier(BernoulliRBM(**SMALL_MACHINE), learning_rate=0.1, max_iter=50),
        FineTunedClassifier(learning_rate=0.03, max_iter=30),
        FineTunedRegressor(learning_rate=0.03, max_iter=30),
        FineTunedRegressor(GaussianBernoulliRBM(**SMALL_MACHINE), learning_rate=0.1, max_iter=50),
        FullyVisibleBeliefNetwork(**SMALL_TABLE),
        GaussianBernoulliRBM(**SMALL_MACHINE),
        GenerativeImputer(FactorAnalysis(n_components=1)),
        OutlierDetector(FactorAnalysis(n_components=1)),
        GenerativeImputer(FullyVisibleBeliefNetwork(**SMALL_TABLE)),
        GenerativeImputer(
            VAE(**SMALL_NET),
            sample_posterior=True,
            max_iter=2,
            add_indicator=True,
            keep_empty_features=True,
        ),
        GAN(**SMALL_NET),
        GAN(2, hidden_layer_sizes=(8,), max_iter=2, encoder=True, conditional=True),
        GAN(2, hidden_layer_sizes=(8,), max_iter=2, n_codes=1, n_categories=2),
        LISTA(max_iter=3),
        LISTA(SparseCoder(3, split_sign=True), n_layers=2, weights="free", max_iter=3),
        MeanCovarianceRBM(n_factors=5, n_mean_units=2, **SMALL_ENERGY),
        MixtureOfFactorAnalyzers(),
        MixtureOfFactorAnalyzers(2, 1, covariance="isotropic"),
        PixelCNN(**SMALL_PIXELS),
        PixelRNN(**SMALL_PIXELS),
        PixelCNN(conditional=True, **SMALL_PIXELS),
        PredictiveSparseDecomposition(max_iter=3),
        ProductOfExperts(training="denoising_score_matching", **SMALL_MODULES),
        ProductOfStudentT(n_mean_units=0, **SMALL_ENERGY),
        RNNRBM(n_recurrent=4, **SMALL_SEQUENCE),
        SigmoidBeliefNetwork((5, 3), max_iter=3, n_gibbs_steps=10),
        SlowFeatureAnalysis(),
        SlowFeatureAnalysis(2, expansion="quadratic"),
        SparseAE(**SMALL_NET),
        SparseCoder(),
        SparseCoder(n_components=3, alpha=0.2, algorithm="fista", split_sign=True),
        SpikeSlabRBM(**SMALL_ENERGY),
        StackedAE(**SMALL_STACK),
        TranslationGAN(learning_rate=0.02, max_iter=3, **SMALL_TRANSLATION),
        TranslationGAN(False, max_iter=2, **SMALL_TRANSLATION),
        VAE(**SMALL_NET),
        VAE(**SMALL_LABELED_NET),
        VAE(conditional=True, **SMALL_CONDITIONAL),
    ]


def other_trainings():
    """Those that differ from one of the models in how it learns alone."""
    return [
        BernoulliRBM(negative_phase="pt", n_chains=5, n_temperatures=3, **SMALL_MACHINE),
        BoltzmannMachine(penalty="l1", alpha=0.02, solver="pseudo_likelihood"),
        BoltzmannMachine(18, max_iter=5, n_burn_in=5, n_thinning=5, n_ais_steps=50),
        ConditionalRBM(20, lag=0, negative_phase="cd", max_iter=3, n_burn_in=5),
        DeepBeliefNetwork(visible="binary", n_finetune_iter=2, negative_phase="cd", **SMALL_DEEP),
        DeepBeliefNetwork(visible="binary", **SMALL_LABELED),
        DeepBoltzmannMachine(
            pretrain=True, negative_phase="pt", n_chains=5, n_temperatures=3, **SMALL_DEEP
        ),
        DeepBoltzmannMachine(training="multi_prediction", **SMALL_DEEP),
        EnergyBasedModel(
            hidden_layer_sizes=(8,), training="score_matching", whiten=False, **SMALL_MODULES
        ),
        FullyVisibleBeliefNetwork(grid_features=None, **SMALL_TABLE),
        GAN(2, hidden_layer_sizes=(8,), max_iter=2, packing=2, minibatch_discrimination=2),
        GAN(
            2,
            hidden_layer_sizes=(8,),
            max_iter=2,
            loss="boundary_equilibrium",
            n_codes=1,
            conditional=True,
            conditioning="auxiliary",
        ),
        MixtureOfFactorAnalyzers(2, 2, shared_noise=True, split_merge=True),
        PixelRNN(recurrence="row", **SMALL_PIXELS),
        PredictiveSparseDecomposition(2, code_activation="shrinkage", max_iter=3),
        RNNRBM(20, n_recurrent=2, window=7, negative_phase="cd", max_iter=2, n_burn_in=5),
        SigmoidBeliefNetwork((14, 8), training="wake_sleep", max_iter=2, n_gibbs_steps=10),
        SigmoidBeliefNetwork((16,), training="reinforce", max_iter=3, n_gibbs_steps=10),
        StackedAE(pretraining="rbm", **SMALL_STACK),
    ]


def having(*methods):
    """The instances that have all the named methods."""
    return [e for e in instances() if all(hasattr(e, m) for m in methods)]


def label(estimator):
    """Name of an instance in a test report."""
    return str(estimator).replace("\n", "").replace(" ", "")


# Batches are drawn by weight, so that a fit equals that of repeated rows in distribution alone;
# tests/base/test_row_weights.py says how well.
OF_EXACT_FITS = {
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
}


def with_checks(estimators):
    """Parametrize a test by every check that scikit-learn has for each estimator."""
    cases = []
    for estimator in estimators:
        for instance, check in estimator_checks_generator(estimator):
            if hasattr(estimator, "_build") and check.func.__name__ in OF_EXACT_FITS:
                continue
            words = ",".join(f"{key}={value}" for key, value in check.keywords.items())
            name = check.func.__name__ + (f"({words})" if words else "")
            cases.append(pytest.param(instance, check, id=f"{label(estimator)}-{name}"))
    return pytest.mark.parametrize(("estimator", "check"), cases)
