"""Fits to rows that lie in blocks."""

from contextlib import contextmanager
from functools import partial, wraps
from inspect import signature
from itertools import chain

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.utils import check_array
from sklearn.utils.validation import validate_data

from skgen.base.blocks.sources import source_of, split_beside, stacked
from skgen.base.results.container import column_types
from skgen.base.training_rows import weighted_rows
from skgen.kernels import row_blocks
from skgen.kernels.blas_threads import one_blas_thread

# Results that one task merges.
AT_A_TIME = 8
NO_ROWS = "X has no row of positive weight; give some."
GAPS = "A fit to blocks needs complete rows, but X has NaN; impute, or fit an array of rows."
FLOAT = 8  # bytes of a value, as models compute


class Blocks:
    """Rows that a source has in blocks, and beside them what else has a value a row.

    Parameters
    ----------
    source : Collection, OnDisk or InTurn
        Rows, (n_samples, n_features).
    **beside : array-like or dask Array of shape (n_samples,)
        Weights and the like by name; those that are None are left out.
    """

    def __init__(self, source, **beside):
        self.source = source
        self.beside = [{} for _ in range(len(source))]
        for name, values in beside.items():
            if values is not None:
                for own, part in zip(self.beside, split_beside(source, name, values)):
                    own[name] = part

    def __iter__(self):
        """Pairs of the rows of a block and of what is beside them, read when asked for."""
        n_read = 0
        for number, beside in enumerate(self.beside):
            rows, beside = self._read(number, beside)
            if _counts(rows, **beside):
                n_read += 1
                yield rows, beside
        if not n_read:
            raise ValueError(NO_ROWS)

    def _read(self, number, beside):
        if not self.source.is_lazy:
            return self.source.read(number), beside
        import dask

        return dask.compute(self.source.part(number), beside)

    def runs(self):
        """Such pairs, each of as many consecutive blocks as may be held together."""
        held, n_bytes = [], 0
        for rows, beside in self:
            own = FLOAT * rows.shape[0] * rows.shape[1]
            # A run of few rows, of which a model could not begin, takes a long block as well.
            if n_bytes + own > row_blocks.HELD and 2 * n_bytes > row_blocks.HELD:
                yield _joined(held)
                held, n_bytes = [], 0
            held.append((rows, beside))
            n_bytes += own
        yield _joined(held)

    def whole(self):
        """All rows that have weight, and what is beside them."""
        return _joined(list(self))

    def describe_to(self, estimator):
        """Set what an estimator knows of its columns: number, names and types."""
        like = self.source.like
        validate_data(estimator, like, reset=True, skip_check_array=True)
        estimator._column_types = column_types(like)
        self.taken = {"dtype": estimator._float_dtypes, "accept_sparse": estimator._accepts_sparse}
        self.check = partial(validate_data, estimator, reset=False, skip_check_array=True)

    def reduce(self, function, merge):
        """What ``merge`` makes of ``function(rows, weight)`` of all blocks, in their order.

        Of dask each block is read where dask computes, and only results travel.
        """
        of_block, merged = partial(_of_block, function, self.taken), partial(_merged, merge)
        found = (self._by_dask if self.source.is_lazy else self._in_turn)(of_block, merged)
        if found is None:
            raise ValueError(NO_ROWS)
        return found

    def _by_dask(self, of_block, merged):
        import dask

        call, join = dask.delayed(of_block), dask.delayed(merged)
        results = [call(self.source.part(number), **own) for number, own in enumerate(self.beside)]
        while len(results) > 1:
            results = [join(results[i : i + AT_A_TIME]) for i in range(0, len(results), AT_A_TIME)]
        with one_blas_thread():  # blocks run beside each other
            return dask.compute(*results)[0]

    def _in_turn(self, of_block, merged):
        found = None
        for number, beside in enumerate(self.beside):
            rows = self.source.read(number)
            self.check(rows)
            found = merged([found, of_block(rows, **beside)])
        return found

    def are_few(self):
        """Whether rows that are read here take no more memory than a fit to blocks would."""
        n_features = self.source.like.shape[1]
        most = max(row_blocks.HELD, FLOAT * n_features**2)
        return not self.source.is_lazy and FLOAT * sum(self.source.sizes) * n_features <= most


def _joined(pairs):
    """The rows of consecutive blocks, and what is beside them."""
    rows, beside = zip(*pairs)
    return stacked(rows), {name: stacked([own[name] for own in beside]) for name in beside[0]}


def _counts(rows, sample_weight=None, **_):
    """Whether a block has rows of weight."""
    return rows.shape[0] and (sample_weight is None or np.any(sample_weight))


def _of_block(function, taken, rows, sample_weight=None):
    if not _counts(rows, sample_weight):
        return None
    X = _numbers(rows, **taken)
    if np.isnan(X).any():
        raise ValueError(GAPS)
    return function(*weighted_rows(X, sample_weight))


def _numbers(rows, **taken):
    X = check_array(rows, ensure_all_finite="allow-nan", input_name="X", **taken)
    return X.toarray() if issparse(X) else X


def _merged(merge, results):
    found = None
    for result in results:
        if result is not None:
            found = result if found is None else merge(found, result)
    return found


def fit_of_blocks(method):
    """Decorate ``fit`` or ``partial_fit``, which then takes rows in blocks of every source.

    ``fit`` asks ``_fit_blocks`` of the estimator where it has one. Else runs of blocks add to the
    model in turn, as ``partial_fit`` does. Rows that are few are fitted as an array of them.
    """

    @wraps(method)
    def fit(self, X, *args, **kwargs):
        source = source_of(X)
        if source is None:
            return method(self, X, *args, **kwargs)
        given = signature(method).bind(self, X, *args, **kwargs).arguments
        given = {name: given[name] for name in given.keys() - {"self", "X", "y"}}
        blocks = Blocks(source(X), **given)
        if method.__name__ == "partial_fit":
            for rows, own in blocks.runs():
                method(self, rows, **own)
        elif blocks.are_few():
            with _naming_what_is_held(blocks):
                rows, own = blocks.whole()
                method(self, rows, **own)
        elif hasattr(self, "_fit_blocks"):
            with _naming_what_is_held(blocks):
                self._fit_blocks(blocks)
        else:
            _fit_runs(self, method, blocks.runs())
        return self

    return fit


@contextmanager
def _naming_what_is_held(blocks):
    """Say in an error about memory what a fit to blocks holds at once."""
    try:
        yield
    except MemoryError as error:
        n_features = blocks.source.like.shape[1]
        raise MemoryError(
            f"{error} The fit holds a covariance of the {n_features} columns of X, or all rows "
            "where they are less; give fewer columns, or some of the rows as an array."
        ) from error


def _fit_runs(estimator, fit, runs):
    """Fit to the first run of blocks; where there are others a new model begins with it."""
    first, second = next(runs), next(runs, None)
    if second is None:
        fit(estimator, first[0], **first[1])
        return
    model, runs = clone(estimator), chain([first, second], runs)
    del first, second
    for rows, own in runs:
        if model._accepts_nan and np.isnan(_numbers(rows, dtype=model._float_dtypes)).any():
            raise ValueError(GAPS)
        model.partial_fit(rows, **own)
    learned = vars(model).keys() - estimator.get_params(deep=False).keys()
    vars(estimator).update({name: vars(model)[name] for name in learned})
