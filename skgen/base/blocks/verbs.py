"""Verbs of rows in blocks, which are applied block by block."""

from functools import partial, wraps
from inspect import signature

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skgen.base.blocks.lazy_results import NO_FRAMES, lazy_result
from skgen.base.blocks.partitions import is_lazy
from skgen.base.blocks.results_in_turn import result_in_turn
from skgen.base.blocks.sources import InTurn, source_of, split_beside
from skgen.base.sklearn_compat import frames_transforms
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
# Metadata with a value a row, of which blocks would need their parts.
METADATA = {"groups", "mask", "sample_weight"}


def refuse_lazy(estimator, X):
    """Refuse a collection of dask, or a list of arrays, where it would be read as a whole."""
    kind = source_of(X)
    if kind is InTurn or is_lazy(X):
        what, whole = ("dask", "X.compute()") if is_lazy(X) else ("arrays", "np.concatenate(X)")
        raise TypeError(
            f"X is a {type(X).__name__} of {what}, which this method of {type(estimator).__name__} "
            f"would read as a whole; give its blocks one by one, or {whole} where it fits."
        )


def lazy_verbs(cls):
    """Let the verbs that a class defines take rows in blocks."""
    for name in ROW_VERBS & vars(cls).keys():
        if callable(vars(cls)[name]):
            setattr(cls, name, by_blocks(vars(cls)[name]))


def by_blocks(verb):
    """Decorate a verb whose results are rows or numbers, one for each row of X.

    Of a collection of dask it gives a lazy array, in blocks as those of X, or rows of data in a
    lazy frame where ``set_output`` asks for frames and X is one. What is wrong with the
    columns of X is said at once. Of an array on disk or a list of arrays, which are read block by
    block, it gives what it gives of an array. Of ``y`` each block has its part. A verb with a
    ``random_state`` has a seed for each block, drawn when it is called.
    """
    if hasattr(verb, "of_blocks"):
        return verb
    arguments = signature(verb)
    rows, draws = list(arguments.parameters)[1], "random_state" in arguments.parameters

    @wraps(verb)
    def by_block(self, *args, **kwargs):
        X = args[0] if args else kwargs.get(rows)
        if isinstance(X, RowBlocks):
            return X.map(partial(verb, self))
        kind = source_of(X)
        if kind is None:
            return verb(self, *args, **kwargs)
        given = arguments.bind(self, *args, **kwargs).arguments
        given = {name: given[name] for name in given.keys() - {"self", rows}}
        given.update(given.pop("params", {}))  # metadata of the steps of a pipeline
        given = {name: value for name, value in given.items() if value is not None}
        for name in METADATA & given.keys():
            raise TypeError(
                f"{verb.__name__} takes no {name} beside rows in blocks; give them one by one."
            )
        check_is_fitted(self)
        source = kind(X)
        if source.is_lazy and verb.__name__ == "transform" and frames_transforms(self):
            raise ValueError(NO_FRAMES.format(type(X).__name__))
        own = _of_each_block(self, source, given, draws)
        if source.is_lazy:
            return lazy_result(partial(_called, self, verb.__name__, given), source, own, draws)
        return result_in_turn(partial(verb, self, **given), source, own, draws)

    by_block.of_blocks = True
    return by_block


def _called(estimator, verb, given, rows, **own):
    """A verb of an estimator, by its name: the estimator may have travelled."""
    return getattr(estimator, verb)(rows, **given, **own)


def _of_each_block(estimator, source, given, draws):
    """Arguments that every block has for itself, taken out of those given: ``y``, and a seed."""
    own = [{} for _ in range(len(source))]
    if np.ndim(given.get("y")):
        for arguments, part in zip(own, split_beside(source, "y", given.pop("y"))):
            arguments["y"] = part
    if draws and (source.is_lazy or len(own) > 1):
        random_state = given.pop("random_state", None)
        if random_state is None:
            drawing = estimator.steps_[-1][1] if "steps_" in vars(estimator) else estimator
            random_state = vars(drawing).get("random_state")
        seeds = check_random_state(random_state).randint(2**31 - 1, size=len(own))
        for arguments, seed in zip(own, seeds):
            arguments["random_state"] = int(seed)
    return own
