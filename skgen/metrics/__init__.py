"""Measures of draws, codes and imputations; importing this package never imports torch."""

from skgen.metrics.classifier_test import (
    ClassifierTestResult,
    classifier_two_sample_test,
)
from skgen.metrics.codes import (
    ClusterAgreement,
    LinearProbeScore,
    cluster_agreement,
    linear_probe_score,
)
from skgen.metrics.discrepancy import (
    MMDResult,
    maximum_mean_discrepancy,
)
from skgen.metrics.factors import (
    MutualInformationGap,
    mutual_information_gap,
)
from skgen.metrics.frechet import (
    frechet_distance,
)
from skgen.metrics.imputation import (
    ImputationCalibration,
    imputation_calibration,
)
from skgen.metrics.inception import (
    inception_score,
)
from skgen.metrics.interpolation import (
    InterpolationSmoothness,
    interpolation_smoothness,
)
from skgen.metrics.memorization import (
    CopiesResult,
    copies,
    nearest_record_distance,
)
from skgen.metrics.neighborhoods import (
    DensityCoverage,
    PrecisionRecallF1,
    density_coverage,
    precision_recall_f1,
)
from skgen.metrics.parzen import (
    ParzenResult,
    parzen_log_likelihood,
)
from skgen.metrics.scorers import (
    GENERATIVE_SCORERS,
    GenerativeScorer,
    get_generative_scorer,
    make_generative_scorer,
)
from skgen.metrics.sources import (
    amari_distance,
)

__all__ = [
    "GENERATIVE_SCORERS",
    "ClassifierTestResult",
    "ClusterAgreement",
    "CopiesResult",
    "DensityCoverage",
    "GenerativeScorer",
    "ImputationCalibration",
    "InterpolationSmoothness",
    "LinearProbeScore",
    "MMDResult",
    "MutualInformationGap",
    "ParzenResult",
    "PrecisionRecallF1",
    "amari_distance",
    "classifier_two_sample_test",
    "cluster_agreement",
    "copies",
    "density_coverage",
    "frechet_distance",
    "get_generative_scorer",
    "imputation_calibration",
    "inception_score",
    "interpolation_smoothness",
    "linear_probe_score",
    "make_generative_scorer",
    "maximum_mean_discrepancy",
    "mutual_information_gap",
    "nearest_record_distance",
    "parzen_log_likelihood",
    "precision_recall_f1",
]
