"""Public verbs of the estimators; importing this package never imports torch."""

from skgen.base.mixins import (
    FeatureMixin,
    ImputeMixin,
    InputMixin,
    LatentMixin,
    SampleMeansMixin,
    SampleMixin,
    ScoreMixin,
)

__all__ = [
    "FeatureMixin",
    "ImputeMixin",
    "InputMixin",
    "LatentMixin",
    "SampleMeansMixin",
    "SampleMixin",
    "ScoreMixin",
]
