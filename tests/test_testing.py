"""The public checks catch estimators that break the contract, and say what is wrong."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from skgen import ProbabilisticPCA
from skgen.base.parameters import param
from skgen.testing import check_generative_estimator, generative_checks


class WithoutConstant(ProbabilisticPCA):
    """The density lacks a normalizing constant."""

    def _score_rows(self, X):
        return super()._score_rows(X) + 1.0


class WithoutSeed(ProbabilisticPCA):
    """Draws ignore random_state."""

    def _sample(self, n_samples, rng):
        return super()._sample(n_samples, np.random.RandomState())


class WideDraws(ProbabilisticPCA):
    """Draws take variances for standard deviations."""

    def _sample(self, n_samples, rng):
        draws = super()._sample(n_samples, rng)
        return self.mean_ + (draws - self.mean_) * draws.std(0)


class PartialNone(ProbabilisticPCA):
    """partial_fit returns nothing."""

    def partial_fit(self, X, y=None, sample_weight=None):
        super().partial_fit(X, y, sample_weight)


class GlobalDraws(ProbabilisticPCA):
    """Fitting draws from NumPy's global generator."""

    def fit(self, X, y=None, sample_weight=None):
        np.random.standard_normal()
        return super().fit(X, y, sample_weight)


class OverwritesObserved(ProbabilisticPCA):
    """Imputation smooths what was observed."""

    def _impute(self, X):
        return super()._impute(X) + 1e-3


class OverwritesRows(ProbabilisticPCA):
    """Imputation fills the gaps of the rows that it is given."""

    def impute(self, X):
        X[:] = super().impute(X)
        return X


class ChoosesForGood(ProbabilisticPCA):
    """Fitting writes what it has chosen over the parameter."""

    def fit(self, X, y=None, sample_weight=None):
        self.max_iter = min(self.max_iter, 50)
        return super().fit(X, y, sample_weight)


class LoudFit(ProbabilisticPCA):
    """Reports change the fit."""

    verbose: bool = param("boolean", default=False)

    def fit(self, X, y=None, sample_weight=None):
        return super().fit(X[1:] if self.verbose else X, y, sample_weight)


class WideCodes(ProbabilisticPCA):
    """transform answers in float64 whatever it is given."""

    def _encode(self, X):
        return super()._encode(X).astype(np.float64)


class ForgetsMean(ProbabilisticPCA):
    """A pickle forgets the mean."""

    def __getstate__(self):
        return {**super().__getstate__(), "mean_": np.zeros(5)}


class Forgetful(ProbabilisticPCA):
    """A failed fit has already thrown the earlier model away."""

    def fit(self, X, y=None, sample_weight=None):
        vars(self).pop("components_", None)
        return super().fit(X, y, sample_weight)


class SeedsGlobally(ProbabilisticPCA):
    """Fitting seeds NumPy's global generator, the same each time."""

    def fit(self, X, y=None, sample_weight=None):
        np.random.seed(0)
        return super().fit(X, y, sample_weight)


class SeedlessGaps(ProbabilisticPCA):
    """Conditional draws ignore random_state."""

    def _sample_conditional(self, X, n_draws, rng):
        return super()._sample_conditional(X, n_draws, np.random.RandomState(0))


DEFECTS = {
    WithoutConstant: "integrate to 2.7",
    WithoutSeed: "same random_state gives other draws",
    WideDraws: "draws have the covariance",
    PartialNone: "partial_fit does not return the estimator",
    GlobalDraws: "a verb draws from NumPy's global generator",
    SeedsGlobally: "or seeds it",
    SeedlessGaps: "another random_state gives the same draws",
    OverwritesObserved: "what is observed changes",
    OverwritesRows: "change the rows given",
    ChoosesForGood: "fit changes its own parameters",
    LoudFit: "verbose changes the fit",
    WideCodes: "codes of float32 rows are float64",
    ForgetsMean: "differs after pickle",
}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda cls: cls.__name__)
def test_a_planted_defect_is_caught(defect):
    with pytest.raises(AssertionError, match=DEFECTS[defect]):
        check_generative_estimator(defect(n_components=1))


def test_a_failed_fit_that_destroys_is_caught():
    checks = dict(generative_checks(Forgetful(n_components=1)))
    with pytest.raises(Exception, match="components_|not fitted"):
        checks["check_failed_fit"]()


def test_a_sound_estimator_passes():
    check_generative_estimator(ProbabilisticPCA(n_components=1))


def test_scikit_learns_mixture_is_told_that_draws_are_no_tuple():
    with pytest.raises(AssertionError, match="returns a tuple, no ndarray"):
        check_generative_estimator(GaussianMixture(2))


def test_checks_are_those_of_the_verbs():
    names = [name for name, _ in generative_checks(GaussianMixture(2))]
    assert "check_sample" in names
    assert "check_incomplete_rows" not in names
