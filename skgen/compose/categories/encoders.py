"""Encoders behind which a gap stays a gap, so that a model of the codes can fill it."""

import numpy as np
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from sklearn.utils import check_array

from skgen.compose.categories.groups import dense, output_columns
from skgen.compose.tables import is_missing


class GapsMixin:
    """What is missing is no category, and its codes are NaN.

    Unless ``categories`` names a missing value, which makes it a category like others.
    """

    def fit(self, X, y=None):
        """Learn the categories of each feature from what is observed of it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Categories; None and NaN mark what is missing.
        y : Ignored
            Present for API consistency.

        Returns
        -------
        self : object
            The fitted encoder.
        """
        super().fit(self._without_gaps(X)[0])
        return self

    def transform(self, X):
        """Codes of the categories.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Categories; None and NaN mark what is missing.

        Returns
        -------
        codes : ndarray of shape (n_samples, n_codes)
            Codes, NaN in all columns of a feature that is missing.
        """
        filled, missing = self._without_gaps(X)
        codes = super().transform(filled)
        if not missing.any():
            return codes
        codes = np.array(dense(codes))
        for j, columns in enumerate(output_columns(self)):
            codes[np.ix_(missing[:, j], columns)] = np.nan
        return codes

    def _without_gaps(self, X):
        """X with an observed value in every gap, and where the gaps are."""
        X = _table(X)
        missing = _gaps(X)
        if not isinstance(self.categories, str):
            named = [is_missing(np.asarray(c, dtype=object)).any() for c in self.categories]
            # Categories for another number of features are refused by fit.
            missing[:, np.flatnonzero(named[: missing.shape[1]])] = False
        if missing.any():
            X = X.copy()
        for j in np.flatnonzero(missing.any(axis=0)):
            _fill(X, j, missing[:, j], self._value_for(j, X, missing[:, j]))
        return X, missing

    def _value_for(self, j, X, missing):
        """A value that the encoder knows, or is to learn, for the gaps of feature j."""
        if hasattr(self, "categories_"):
            return self.categories_[j][0]
        if not isinstance(self.categories, str):
            return self.categories[j][0]
        if missing.all():
            raise ValueError(
                f"Feature {_name(X, j)} has no value at all among {len(missing)} rows, so its "
                "categories are not known; drop it, or pass categories= to the encoder."
            )
        return X.iloc[:, j].mode()[0] if hasattr(X, "iloc") else _mode(X[~missing, j])


class GapsOneHotEncoder(GapsMixin, OneHotEncoder):
    """OneHotEncoder whose codes are NaN where a value is missing."""


class GapsOrdinalEncoder(GapsMixin, OrdinalEncoder):
    """OrdinalEncoder that knows what is missing whether or not the training rows had gaps."""


def let_gaps_pass(encoder):
    """Make an unfitted encoder one that lets gaps pass, unless it has a code for them."""
    if type(encoder) is OneHotEncoder:
        encoder.__class__ = GapsOneHotEncoder
    elif type(encoder) is OrdinalEncoder and encoder.encoded_missing_value is np.nan:
        encoder.__class__ = GapsOrdinalEncoder


def _table(X):
    """A frame as it is, and anything else as an array that keeps strings beside None."""
    if hasattr(X, "iloc"):
        return X
    rows = check_array(X, dtype=None, ensure_all_finite="allow-nan")
    if rows.dtype.kind in "US" and not hasattr(X, "dtype"):
        return check_array(X, dtype=object, ensure_all_finite="allow-nan")
    return rows


def _gaps(X):
    if hasattr(X, "iloc"):
        return X.isna().to_numpy().copy()
    if X.dtype.kind == "O":
        return is_missing(X)
    return np.isnan(X) if X.dtype.kind == "f" else np.zeros(X.shape, dtype=bool)


def _fill(X, j, rows, value):
    """Put a value into some rows of column j."""
    if hasattr(X, "iloc"):
        column = X.iloc[:, j]
        # A column of pandas categories takes no value beside its own.
        column = column.astype(object) if column.dtype == "category" else column
        X.isetitem(j, column.fillna(value))
    else:
        X[rows, j] = value


def _mode(values):
    """A most frequent value."""
    distinct, counts = np.unique(values, return_counts=True)
    return distinct[counts.argmax()]


def _name(X, j):
    return repr(X.columns[j]) if hasattr(X, "columns") else j
