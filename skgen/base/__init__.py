"""Public verbs of the estimators; importing this package never imports torch."""

from skgen.base.mixins import (
    FeatureMixin,
    ImputeMixin,
    InformationMixin,
    InputMixin,
    LatentMixin,
    RowScoreMixin,
    SampleMixin,
    ScoreMixin,
    TwoSampleScoreMixin,
)

__all__ = [
    "FeatureMixin",
    "ImputeMixin",
    "InformationMixin",
    "InputMixin",
    "LatentMixin",
    "RowScoreMixin",
    "SampleMixin",
    "ScoreMixin",
    "TwoSampleScoreMixin",
]
