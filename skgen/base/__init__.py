"""Public verbs of the estimators; importing this package never imports torch."""

from skgen.base.mixins import (
    ImputeMixin,
    InformationMixin,
    InputMixin,
    LatentMixin,
    SampleMixin,
    ScoreMixin,
)

__all__ = [
    "ImputeMixin",
    "InformationMixin",
    "InputMixin",
    "LatentMixin",
    "SampleMixin",
    "ScoreMixin",
]
