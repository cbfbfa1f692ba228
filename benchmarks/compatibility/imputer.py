"""Adapter of the conditional means of a linear-Gaussian model as an imputer."""

import numpy as np
import sklearn.experimental.enable_iterative_imputer
import sklearn.impute
from sklearn.utils.validation import check_is_fitted

from benchmarks.compatibility.adapter import TransformerAdapter, refuse
from skgen import FactorAnalysis

# They change what is imputed; the order of the columns, the nearest features and the first guess
# only steer the cycle over the columns, which a joint model does not have.
WITHOUT_COUNTERPART = (
    "estimator",
    "fill_value",
    "skip_complete",
    "min_value",
    "max_value",
    "add_indicator",
    "keep_empty_features",
)


class IterativeImputer(TransformerAdapter, of=sklearn.impute.IterativeImputer):
    """What is missing given what is observed, by one Gaussian for all columns."""

    def _stand_in(self):
        refuse(self, *WITHOUT_COUNTERPART)
        return FactorAnalysis(random_state=self.random_state)

    def _marked(self, X):
        """X with NaN where it has ``missing_values``."""
        if isinstance(self.missing_values, float) and np.isnan(self.missing_values):
            return X
        X = np.array(X, dtype=float)
        X[self.missing_values == X] = np.nan
        return X

    def fit(self, X, y=None):
        return super().fit(self._marked(X))

    def transform(self, X):
        check_is_fitted(self)
        X = self._marked(X)
        if self.sample_posterior:
            return self.model_.sample_conditional(X)[0]
        return self.model_.impute(X)

    def get_feature_names_out(self, input_features=None):
        return self.model_.feature_names_in_
