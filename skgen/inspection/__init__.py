"""Displays of models and of what they draw; matplotlib is imported when something is drawn."""

from skgen.inspection.components import ComponentsDisplay
from skgen.inspection.imputation import ImputationDisplay
from skgen.inspection.latent.interpolation import InterpolationDisplay
from skgen.inspection.latent.latent_space import LatentSpaceDisplay
from skgen.inspection.latent.manifold import ManifoldDisplay
from skgen.inspection.latent.traversal import TraversalDisplay
from skgen.inspection.likelihood import LikelihoodDisplay
from skgen.inspection.outliers import OutlierDisplay
from skgen.inspection.reconstruction import ReconstructionDisplay
from skgen.inspection.samples import SamplesDisplay
from skgen.inspection.training import TrainingDisplay

__all__ = [
    "ComponentsDisplay",
    "ImputationDisplay",
    "InterpolationDisplay",
    "LatentSpaceDisplay",
    "LikelihoodDisplay",
    "ManifoldDisplay",
    "OutlierDisplay",
    "ReconstructionDisplay",
    "SamplesDisplay",
    "TrainingDisplay",
    "TraversalDisplay",
]
