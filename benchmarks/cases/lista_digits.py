"""Lasso codes of digits and guesses of them: time a row, error by steps, features."""

import time
from functools import partial
from typing import NamedTuple

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender

N_SEEDS = 5
N_ATOMS = 64
ALPHA = 0.1
DEPTHS = 1, 3, 6
DEPTH = 1  # at which features are compared
EXACT = "exact codes"
OF_LISTA, OF_PSD = f"LISTA, {DEPTH} layers", "PSD"
FASTER = "times less CPU than exact"
N_TIMED = 15


class Task(NamedTuple):
    """Rows and classes, those held out, the fitted coder, and the encoders by name and seed."""

    X: np.ndarray
    y: np.ndarray
    held_out: np.ndarray
    coder: object
    models: dict
    exact_seconds: float


def load(setup):
    """Digits in [0, 1]; everything is fitted to four fifths of the rows, without classes."""
    from sklearn.datasets import load_digits

    from skgen import LISTA, PredictiveSparseDecomposition, SparseCoder

    n = 300 if setup.quick else None
    X, y = datasets.digits(scaled=True, dtype=np.float32)[:n], load_digits().target[:n]
    order = np.random.default_rng(0).permutation(len(X))
    train, held_out = order[: len(X) * 4 // 5], order[len(X) * 4 // 5 :]
    coder = SparseCoder(N_ATOMS, alpha=ALPHA, random_state=0).fit(X[train])
    n_epochs = 3 if setup.quick else 100
    models = {}
    for depth in DEPTHS:
        for seed in range(setup.seed, setup.seed + (N_SEEDS if depth == DEPTH else 1)):
            model = LISTA(coder, prefit=True, n_layers=depth, max_iter=n_epochs, random_state=seed)
            models[f"LISTA, {depth} layers", seed] = model.fit(X[train])
    for seed in range(setup.seed, setup.seed + N_SEEDS):
        psd = PredictiveSparseDecomposition(
            N_ATOMS, alpha=ALPHA, max_iter=n_epochs, random_state=seed
        )
        models[OF_PSD, seed] = psd.fit(X[train])
    return Task(X, y, held_out, coder, models, timed(coder.transform, X)[1])


def timed(transform, X):
    """Codes, and the CPU seconds that they take: the least of some calls."""
    times = []
    for _ in range(N_TIMED):
        start = time.process_time()
        codes = transform(X)
        times.append(time.process_time() - start)
    return codes, min(times)


def exact(data, seed):
    found = timed(data.coder.transform, data.X)
    return *found, data.coder.components_, data.coder.transform, seed


def guess(data, seed, *, name):
    model = data.models[name, seed]
    D = getattr(model, "estimator_", model).components_
    return *timed(model.transform, data.X), D, model.exact_codes, seed


def steps(data, seed, *, algorithm, n_steps):
    """Some steps of a proximal solver; codes that miss their tolerance are what is wanted."""
    import warnings

    from skgen import SparseCoder

    solver = SparseCoder(
        dictionary=data.coder.components_,
        alpha=ALPHA,
        algorithm=algorithm,
        code_max_iter=n_steps,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = timed(solver.transform, data.X)
    return *found, data.coder.components_, data.coder.transform, seed


def evaluate(result, data):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    codes, seconds, D, exact_codes, seed = result
    rows, found = (a[data.held_out].astype(np.float64) for a in (data.X, codes))
    best = exact_codes(rows)

    def objective(z):
        residual = rows - z @ D
        return np.mean(0.5 * np.square(residual).sum(1) + ALPHA * np.abs(z).sum(1))

    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    return {
        "accuracy": cross_val_score(classifier, codes, data.y, cv=folds).mean(),
        FASTER: data.exact_seconds / seconds,
        "error of codes": np.square(found - best).sum() / np.square(best).sum(),
        "excess objective": objective(found) / objective(best) - 1,
    }


def _once(name, function):
    return Contender(name, function, repeats=1)


def _by_steps(depth):
    name = f"LISTA, {depth} layers"
    learned = partial(guess, name=name)
    return [
        _once(f"ISTA, {depth} steps", partial(steps, algorithm="ista", n_steps=depth)),
        _once(f"FISTA, {depth} steps", partial(steps, algorithm="fista", n_steps=depth)),
        Contender(name, learned) if depth == DEPTH else _once(name, learned),
    ]


CASE = Case(
    title=f"Codes of 1797 digits, {N_ATOMS} atoms, alpha = {ALPHA}: exact, guessed, and by steps",
    family="Sparse coding",
    description=(
        f"Time to code the rows {N_TIMED} times in float32 on one thread; least CPU time of one, "
        "beside that of exact codes. Error of codes and excess of the lasso "
        "objective, relative to those of exact codes, on a fifth of the rows that no fit has seen; "
        "accuracy of logistic regression on scaled codes of all rows, five-fold; five seeds of the "
        "fits and the folds."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(EXACT, exact),
        Contender(OF_PSD, partial(guess, name=OF_PSD)),
        *(contender for depth in DEPTHS for contender in _by_steps(depth)),
    ],
    objective="accuracy",
    digits=4,
    repeats=N_SEEDS,
    threads=1,
    assertions=[
        *(
            Compare(name, EXACT, on="accuracy", better="higher", slack=0.005)
            for name in (OF_LISTA, OF_PSD)
        ),
        *(Bound(name, FASTER, at_least=10.0) for name in (OF_LISTA, OF_PSD)),
        *(
            Compare(f"LISTA, {depth} layers", f"{other}, {depth} steps", on=what, better="lower")
            for depth in DEPTHS
            for other in ("ISTA", "FISTA")
            for what in ("error of codes", "excess objective")
        ),
    ],
)
