"""Ways between rows, and directions among them, in the space of a model's codes."""

from numbers import Integral

import numpy as np
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skgen.base.results.codes import decoder, encoder, has_normal_prior
from skgen.base.results.finite import finite
from skgen.base.results.size import LONGEST, check_n_rows
from skgen.base.wording import counted, naming
from skgen.kernels.paths import arcs, lines

PATHS = {"linear": lines, "spherical": arcs}


class LatentArithmeticMixin:
    """``interpolate`` and ``latent_direction`` of a model that encodes rows and decodes codes."""

    def interpolate(self, X1, X2, n_steps=9, *, path="auto"):
        """Rows on the way from each row of X1 to that of X2, through their codes.

        Both are encoded, and what lies between their codes in even steps is decoded. The ends are
        what the model makes of the codes of the rows, not the rows themselves.

        Parameters
        ----------
        X1, X2 : array-like of shape (n_pairs, n_features)
            Rows at which ways begin and end.
        n_steps : int, default=9
            Rows of a way, both ends included; 2 or more.
        path : {"auto", "linear", "spherical"}, default="auto"
            Straight lines between codes, or arcs about zero on which codes of one length keep it.
            "auto" takes arcs where the prior of the codes is standard normal, whose draws keep away
            from zero (White 2016), and lines elsewhere: codes of an autoencoder have no center.

        Returns
        -------
        X : ndarray of shape (n_pairs, n_steps, n_features)
            Decoded rows; an array, whatever ``set_output`` asks for.

        Raises
        ------
        ValueError
            X1 and X2 have different shapes, or ``path`` is none of the three.
        """
        check_is_fitted(self)
        check_scalar(n_steps, "n_steps", Integral, min_val=2, max_val=LONGEST)
        with naming("X1"):
            start = codes_of(self, X1)
        with naming("X2"):
            end = codes_of(self, X2)
        if len(start) != len(end):
            raise ValueError(
                f"X1 has {counted(len(start), 'row')}, but X2 has {len(end)}; give pairs of rows."
            )

        n_values = len(start) * max(start.shape[1], vars(self).get("n_features_in_", 1))
        check_n_rows(n_steps, "n_steps", n_values=n_values)

        def way(start):
            return rows_of(self, codes_between(self, start, end, n_steps, path))

        return finite(way, start, name="X1")

    def latent_direction(self, X_with, X_without):
        """Direction of the codes in which rows gain what one set has and the other lacks.

        It is the difference of the mean codes of both sets (Larsen et al. 2016): added to the codes
        of a row without, it gives in the mean the codes of rows with.

        Parameters
        ----------
        X_with : array-like of shape (n_with, n_features)
            Rows that have something in common.
        X_without : array-like of shape (n_without, n_features)
            Rows that lack it and are otherwise alike.

        Returns
        -------
        direction : ndarray of shape (n_components,)
            In the units of the codes, of their dtype; to be added to codes before they are decoded,
            in full or in part.
        """
        check_is_fitted(self)
        with naming("X_with"):
            end = codes_of(self, X_with).mean(axis=0)
        with naming("X_without"):
            start = codes_of(self, X_without).mean(axis=0)
        return end - start


def codes_of(model, X):
    """Codes of rows, (n_samples, n_components), that the model decodes."""
    return np.asarray(encoder(model)(X))


def rows_of(model, codes):
    """Decoded rows of codes of any leading shape (..., n_components), (..., n_features)."""
    rows = np.asarray(decoder(model)(codes.reshape(-1, codes.shape[-1])))
    return rows.reshape(*codes.shape[:-1], -1)


def codes_between(model, start, end, n_steps, path):
    """Codes on the paths from start to end (n_pairs, n_components), (n_pairs, n_steps, ...).

    "auto" chooses by the prior of the model's codes.
    """
    if not isinstance(path, str) or path not in ("auto", *PATHS):
        raise ValueError(f"path={path!r} is none of {['auto', *PATHS]}.")
    if path == "auto":
        path = "spherical" if has_normal_prior(model) else "linear"
    return PATHS[path](start, end, n_steps).swapaxes(0, 1)
