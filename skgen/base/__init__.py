"""Public verbs of the estimators; importing this package never imports torch."""

from skgen.base.mixins import ImputeMixin, InputMixin, LatentMixin, SampleMixin, ScoreMixin

__all__ = ["ImputeMixin", "InputMixin", "LatentMixin", "SampleMixin", "ScoreMixin"]
