"""Fits to rows that lie in blocks."""

from functools import partial, wraps
from inspect import signature

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skgen.base.blocks.partitions import block_sizes, check_two_dimensions, delayed_blocks
from skgen.base.blocks.verbs import is_lazy
from skgen.base.results.container import column_types
from skgen.base.training_rows import weighted_rows
from skgen.kernels.blas_threads import one_blas_thread

# Results that one task merges.
AT_A_TIME = 8
NO_ROWS = "X has no row of positive weight; give some."


class Blocks:
    """Rows of a collection of dask in blocks, and beside them what else has a value a row.

    Parameters
    ----------
    X : dask Array or DataFrame of shape (n_samples, n_features)
        Rows.
    **beside : array-like or dask Array of shape (n_samples,)
        Weights and the like by name; those that are None are left out.
    """

    def __init__(self, X, **beside):
        check_two_dimensions(X)
        self.like = getattr(X, "_meta", X) if hasattr(X, "map_partitions") else X
        self.rows = delayed_blocks(X)
        given = {name: values for name, values in beside.items() if values is not None}
        sizes = None
        self.beside = [{} for _ in self.rows]
        for name, values in given.items():
            if is_lazy(values):
                parts = delayed_blocks(values)
            else:
                sizes = block_sizes(X) if sizes is None else sizes
                values = np.asarray(values)
                if len(values) != sum(sizes):
                    raise ValueError(
                        f"{name} has {len(values)} values, but X has {sum(sizes)} rows; give one "
                        "a row."
                    )
                parts = np.split(values, np.cumsum(sizes)[:-1])
            if len(parts) != len(self.rows):
                raise ValueError(
                    f"{name} lies in {len(parts)} blocks and X in {len(self.rows)}; rechunk one of "
                    "them."
                )
            for own, part in zip(self.beside, parts):
                own[name] = part

    def __iter__(self):
        """Pairs of the rows of a block and of what is beside them, read when asked for."""
        import dask

        n_read = 0
        for rows, beside in zip(self.rows, self.beside):
            rows, beside = dask.compute(rows, beside)
            if _counts(rows, **beside):
                n_read += 1
                yield rows, beside
        if not n_read:
            raise ValueError(NO_ROWS)

    def describe_to(self, estimator):
        """Set what an estimator knows of its columns: number, names and types."""
        validate_data(estimator, self.like, reset=True, skip_check_array=True)
        estimator._column_types = column_types(self.like)
        self.dtypes = estimator._float_dtypes

    def reduce(self, function, merge):
        """What ``merge`` makes of ``function(rows, weight)`` of all blocks, two by two.

        Each block is read where dask computes, and only results travel. The order of the merging
        is that of the blocks.
        """
        import dask

        call = dask.delayed(partial(_of_block, function, self.dtypes))
        results = [call(rows, **beside) for rows, beside in zip(self.rows, self.beside)]
        join = dask.delayed(partial(_merged, merge))
        while len(results) > 1:
            results = [join(results[i : i + AT_A_TIME]) for i in range(0, len(results), AT_A_TIME)]
        with one_blas_thread():  # blocks run beside each other
            (found,) = dask.compute(*results)
        if found is None:
            raise ValueError(NO_ROWS)
        return found


def _counts(rows, sample_weight=None, **_):
    """Whether a block has rows of weight."""
    return len(rows) and (sample_weight is None or np.any(sample_weight))


def _of_block(function, dtypes, rows, sample_weight=None):
    if not _counts(rows, sample_weight):
        return None
    X = check_array(rows, dtype=dtypes, ensure_all_finite="allow-nan", input_name="X")
    if np.isnan(X).any():
        raise ValueError(
            "A fit to blocks needs complete rows, but X has NaN; impute, or fit an array of rows."
        )
    return function(*weighted_rows(X, sample_weight))


def _merged(merge, results):
    found = None
    for result in results:
        if result is not None:
            found = result if found is None else merge(found, result)
    return found


def fit_of_blocks(method):
    """Decorate ``fit`` or ``partial_fit``, which then takes collections of dask.

    ``fit`` asks ``_fit_blocks`` of the estimator where it has one. Else each block adds to the
    model in its turn, as ``partial_fit`` does.
    """

    @wraps(method)
    def fit(self, X, *args, **kwargs):
        if not is_lazy(X):
            return method(self, X, *args, **kwargs)
        given = signature(method).bind(self, X, *args, **kwargs).arguments
        blocks = Blocks(X, **{name: given[name] for name in given.keys() - {"self", "X", "y"}})
        if method.__name__ == "partial_fit":
            for rows, own in blocks:
                method(self, rows, **own)
        elif hasattr(self, "_fit_blocks"):
            self._fit_blocks(blocks)
        else:
            model = clone(self)
            for rows, own in blocks:
                model.partial_fit(rows, **own)
            learned = vars(model).keys() - self.get_params(deep=False).keys()
            vars(self).update({name: vars(model)[name] for name in learned})
        return self

    return fit
