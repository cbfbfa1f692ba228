"""Verbs of rows that lie in blocks: their results are lazy, and lie in as many."""

from functools import partial, wraps
from inspect import signature

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skgen.base.blocks.partitions import delayed_blocks, is_lazy
from skgen.base.sklearn_compat import frames_transforms
from skgen.base.warn import held
from skgen.kernels.row_blocks import RowBlocks

# Verbs whose results are rows or numbers, one for each row of what they are called with, whatever
# rows stand beside it.
ROW_VERBS = {
    "conditional_probabilities",
    "decision_function",
    "denoise",
    "exact_codes",
    "feature_scores",
    "free_energy",
    "generate",
    "gibbs",
    "impute",
    "inverse_transform",
    "predict",
    "predict_proba",
    "pseudo_likelihood",
    "sample_conditional",
    "score_samples",
    "transform",
}
NO_FRAMES = (
    "set_output asks for frames, which would not be lazy here, but X is a {} of dask; call "
    "set_output(transform='default')."
)
# Their arguments that have a value a row.
BESIDE = "y", "groups", "mask"


def refuse_lazy(estimator, X):
    """Refuse a collection where it would have to be read as a whole."""
    if is_lazy(X):
        raise TypeError(
            f"X is a {type(X).__name__} of dask, which this method of {type(estimator).__name__} "
            "would read as a whole; give its blocks one by one, or X.compute() where it fits."
        )


def lazy_verbs(cls):
    """Let the verbs that a class defines give lazy results of collections of dask."""
    for name in ROW_VERBS & vars(cls).keys():
        if callable(vars(cls)[name]):
            setattr(cls, name, by_blocks(vars(cls)[name]))


def by_blocks(verb):
    """Decorate a verb whose results are rows or numbers, one for each row of X.

    Of a collection of dask it gives a lazy array, in blocks as those of X, or rows of data in a
    lazy frame where ``set_output`` asks for frames and X is one. What is wrong with the
    columns of X is said at once. A verb with a ``random_state`` has a seed for each block, drawn
    when it is called.
    """
    if hasattr(verb, "of_blocks"):
        return verb
    arguments = signature(verb)
    rows = list(arguments.parameters)[1]

    @wraps(verb)
    def by_block(self, *args, **kwargs):
        X = args[0] if args else kwargs.get(rows)
        if isinstance(X, RowBlocks):
            return X.map(partial(verb, self))
        if not is_lazy(X):
            return verb(self, *args, **kwargs)
        given = arguments.bind(self, *args, **kwargs).arguments
        given = {name: given[name] for name in given.keys() - {"self", rows}}
        given.update(given.pop("params", {}))  # metadata of the steps of a pipeline
        given = {name: value for name, value in given.items() if value is not None}
        beside = [name for name in given if name in BESIDE]
        if beside:
            raise TypeError(
                f"{verb.__name__} takes no {beside[0]} beside rows in blocks of dask; give the "
                "blocks one by one."
            )
        check_is_fitted(self)
        if verb.__name__ == "transform" and frames_transforms(self):
            raise ValueError(NO_FRAMES.format(type(X).__name__))
        if "random_state" in arguments.parameters:
            return _drawn(self, verb.__name__, X, **given)
        return _of_blocks(partial(_called, self, verb.__name__, given), X)

    by_block.of_blocks = True
    return by_block


def _called(estimator, verb, given, rows, **more):
    """A verb of an estimator, by its name: the estimator may have travelled."""
    return getattr(estimator, verb)(rows, **given, **more)


def _of_blocks(of_rows, X):
    """What a function makes of each block."""
    found = _of_one_row(of_rows, X)
    if hasattr(X, "map_partitions"):
        return X.map_partitions(_unless_empty, of_rows, found[:0], meta=found[:0])
    X = X.rechunk({1: -1})
    return X.map_blocks(
        of_rows,
        dtype=found.dtype,
        chunks=(X.chunks[0], *((k,) for k in found.shape[1:])),
        drop_axis=None if found.ndim == 2 else 1,
        meta=found[:0],
    )


def _drawn(estimator, verb, X, random_state=None, **given):
    """What a verb draws for each block, by seeds that one ``random_state`` draws for all."""
    import dask
    import dask.array as da

    if random_state is None:
        drawing = estimator.steps_[-1][1] if "steps_" in vars(estimator) else estimator
        random_state = vars(drawing).get("random_state")
    of_rows = partial(_called, estimator, verb, given)
    found = _of_one_row(partial(of_rows, random_state=0), X)
    axis = found.ndim - 2
    nothing = found[(slice(None),) * axis + (slice(0),)]
    parts = delayed_blocks(X)
    sizes = X.chunks[0] if hasattr(X, "chunks") else [np.nan] * len(parts)
    seeds = check_random_state(random_state).randint(2**31 - 1, size=len(parts))
    call = dask.delayed(_unless_empty)
    blocks = [
        da.from_delayed(
            call(part, partial(of_rows, random_state=int(seed)), nothing),
            (*found.shape[:axis], size, *found.shape[axis + 1 :]),
            found.dtype,
        )
        for part, size, seed in zip(parts, sizes, seeds)
    ]
    return da.concatenate(blocks, axis=axis, allow_unknown_chunksizes=True)


def _of_one_row(of_rows, X):
    """Results of a single row, for their type and their shape."""
    row = X.head(1, npartitions=-1) if hasattr(X, "map_partitions") else None
    with held(Warning):
        found = of_rows(np.zeros((1, X.shape[1]), X.dtype) if row is None else row)
    if not (isinstance(found, np.ndarray) or (row is not None and hasattr(found, "iloc"))):
        raise ValueError(NO_FRAMES.format(type(X).__name__))
    return found


def _unless_empty(rows, of_rows, nothing):
    """Partitions of a frame may have no row."""
    return of_rows(rows) if len(rows) else nothing
