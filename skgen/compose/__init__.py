"""Estimators made of other estimators; importing this package never imports torch."""

from skgen.compose.generative_imputer import GenerativeImputer
from skgen.compose.generative_pipeline import GenerativePipeline
from skgen.compose.jacobians import register_log_jacobian
from skgen.compose.make import make_generative_pipeline
from skgen.compose.outlier_detector import OutlierDetector

__all__ = [
    "GenerativeImputer",
    "GenerativePipeline",
    "OutlierDetector",
    "make_generative_pipeline",
    "register_log_jacobian",
]
