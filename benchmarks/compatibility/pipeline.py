"""Adapter of the pipeline: the same constructor, so only names differ."""

import sklearn.pipeline

from benchmarks.compatibility.adapter import Usage
from skgen import GenerativePipeline


class Pipeline(GenerativePipeline):
    """A generative pipeline under the name that scikit-learn's messages and reports have."""

    def __new__(cls, *args, **kwargs):
        Usage.count += 1
        return super().__new__(cls)


def make_pipeline(*steps, **kwargs):
    """A pipeline whose steps are named after their types."""
    made = sklearn.pipeline._name_estimators(steps)
    return Pipeline(made, **kwargs)
