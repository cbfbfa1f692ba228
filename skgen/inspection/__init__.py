"""Displays of models and of what they draw; matplotlib is imported when something is drawn."""

from skgen.inspection.components import ComponentsDisplay
from skgen.inspection.imputation import ImputationDisplay
from skgen.inspection.latent_space import LatentSpaceDisplay
from skgen.inspection.likelihood import LikelihoodDisplay
from skgen.inspection.reconstruction import ReconstructionDisplay
from skgen.inspection.samples import SamplesDisplay
from skgen.inspection.training import TrainingDisplay

__all__ = [
    "ComponentsDisplay",
    "ImputationDisplay",
    "LatentSpaceDisplay",
    "LikelihoodDisplay",
    "ReconstructionDisplay",
    "SamplesDisplay",
    "TrainingDisplay",
]
