"""scikit-learn's estimator checks on pipelines that sample and score."""

import pytest
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PowerTransformer, QuantileTransformer, StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from skgen import FactorAnalysis, ProbabilisticPCA, make_generative_pipeline
from tests.instances import with_checks

PIPELINES = [
    # GaussianMixture's default initialization refuses to run under array_api_dispatch.
    make_generative_pipeline(
        StandardScaler(), GaussianMixture(init_params="random_from_data", random_state=0)
    ),
    make_generative_pipeline(PowerTransformer(), KernelDensity()),
    make_generative_pipeline(QuantileTransformer(n_quantiles=5), StandardScaler(), PCA()),
    make_generative_pipeline(StandardScaler(), ProbabilisticPCA(1)),
    make_generative_pipeline(StandardScaler(), FactorAnalysis(1)),
]


@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
@with_checks(PIPELINES)
def test_sklearn_contract(estimator, check):
    check(estimator)


def names_of_checks(estimator):
    checks = [check for _, check in estimator_checks_generator(estimator)]
    return {getattr(check, "func", check).__name__ for check in checks}


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda pipeline: pipeline.steps[-1][0])
def test_the_checks_are_those_of_a_plain_pipeline(pipeline):
    ours, plain = names_of_checks(pipeline), names_of_checks(Pipeline(pipeline.steps))
    # A plain Pipeline never says that it takes NaN.
    assert plain - ours <= {"check_estimators_nan_inf"}
    assert len(ours) >= 35
