"""Displays of models and of what they draw; matplotlib is imported when something is drawn."""

from skgen.inspection.components import ComponentsDisplay
from skgen.inspection.likelihood import LikelihoodDisplay
from skgen.inspection.samples import SamplesDisplay
from skgen.inspection.training import TrainingDisplay

__all__ = ["ComponentsDisplay", "LikelihoodDisplay", "SamplesDisplay", "TrainingDisplay"]
