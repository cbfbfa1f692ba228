"""Generative models with a scikit-learn interface.

Public names are resolved on first use, so ``import skgen`` costs nothing and a linear model
never loads torch.
"""

from importlib import import_module

from skgen import former_names

__version__ = "0.2.0"

_MODULE_OF = {
    "Autoencoder": "skgen.autoencoder",
    "BernoulliRBM": "skgen.boltzmann",
    "BoltzmannMachine": "skgen.boltzmann",
    "Checkpoint": "skgen.callbacks.checkpoint",
    "ConditionalRBM": "skgen.boltzmann",
    "ContractiveAE": "skgen.autoencoder",
    "ConvolutionalDBN": "skgen.boltzmann",
    "ConvolutionalRBM": "skgen.boltzmann",
    "DeepBeliefNetwork": "skgen.boltzmann",
    "DeepBoltzmannMachine": "skgen.boltzmann",
    "DenoisingAE": "skgen.autoencoder",
    "FactorAnalysis": "skgen.linear",
    "GaussianBernoulliRBM": "skgen.boltzmann",
    "FullyVisibleBeliefNetwork": "skgen.autoregressive",
    "FineTunedClassifier": "skgen.pretraining",
    "FineTunedRegressor": "skgen.pretraining",
    "GAN": "skgen.adversarial",
    "GenerativeImputer": "skgen.compose",
    "GenerativePipeline": "skgen.compose",
    "ICA": "skgen.linear",
    "LISTA": "skgen.autoencoder",
    "LikelihoodMonitor": "skgen.callbacks.monitor",
    "EnergyBasedModel": "skgen.boltzmann",
    "MeanCovarianceRBM": "skgen.boltzmann",
    "MixtureOfFactorAnalyzers": "skgen.linear",
    "OutlierDetector": "skgen.compose",
    "PixelCNN": "skgen.autoregressive",
    "PixelRNN": "skgen.autoregressive",
    "PredictiveSparseDecomposition": "skgen.autoencoder",
    "ProbabilisticPCA": "skgen.linear",
    "ProductOfExperts": "skgen.boltzmann",
    "ProductOfStudentT": "skgen.boltzmann",
    "RNNRBM": "skgen.boltzmann",
    "SigmoidBeliefNetwork": "skgen.boltzmann",
    "SlowFeatureAnalysis": "skgen.linear",
    "SparseAE": "skgen.autoencoder",
    "SparseCoder": "skgen.sparse",
    "SpikeSlabRBM": "skgen.boltzmann",
    "StackedAE": "skgen.pretraining",
    "TranslationGAN": "skgen.adversarial",
    "VAE": "skgen.autoencoder",
    "fit_seeds": "skgen.adversarial",
    "load_model": "skgen.storage",
    "make_generative_pipeline": "skgen.compose",
    "register_log_jacobian": "skgen.compose",
    "save_model": "skgen.storage",
}

__all__ = sorted(_MODULE_OF)

former_names.install()


def __getattr__(name):
    """Import the module that defines a public name, the first time it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'skgen' has no attribute {name!r}; it has {__all__}.")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__():
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
