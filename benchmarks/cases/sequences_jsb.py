"""Bach's chorales: machines of rows in time order, with and without a recurrent state."""

from functools import partial

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Compare, Contender

# Halftones by which each training song is moved, as far as the keyboard reaches.
HALFTONES = range(-3, 4)
# Of annealed importance sampling on test rows.
N_CHAINS, N_STEPS = 20, 200
# Test rows of which the standard error is told.
N_ERRORS = 300


def load(setup):
    """Rows and songs: training, its transpositions, and test."""
    splits = {
        name: (rows.astype(np.float32), songs.astype(int))
        for name, (rows, songs) in datasets.jsb_chorales().items()
    }
    if setup.quick:
        splits = {name: (rows[:300], songs[:300]) for name, (rows, songs) in splits.items()}
    return splits["train"], transposed(*splits["train"]), splits["test"]


def transposed(rows, songs):
    """Every song in several keys, each of which counts as another song."""
    parts, numbers = [], []
    for number in np.unique(songs):
        song = rows[songs == number]
        used = np.flatnonzero(song.any(axis=0))
        for halftones in HALFTONES:
            if used[0] + halftones >= 0 and used[-1] + halftones < rows.shape[1]:
                parts.append(np.roll(song, halftones, axis=1))
                numbers.append(np.full(len(song), len(numbers)))
    return np.concatenate(parts), np.concatenate(numbers)


def fit(data, seed, *, name, **settings):
    import skgen

    rows, songs = data[1]
    model = getattr(skgen, name)(150, init_scale=0.01, random_state=seed, **settings)
    return model.fit(rows, groups=songs)


def evaluate(model, data):
    """Nats a test row given those before it, and how far annealing may be off."""
    rows, songs = data[2]
    model = model.set_params(n_ais_chains=N_CHAINS, n_ais_steps=N_STEPS)
    _, errors = model.log_partitions(rows[:N_ERRORS], songs[:N_ERRORS])
    return {"test nats": model.score(rows, groups=songs), "standard error": errors.mean()}


def contender(name, note, **settings):
    return Contender(name, partial(fit, name=name, **settings), note=note, repeats=1, warm_up=False)


CASE = Case(
    title="Bach's chorales, 88 keys: log-probability of a time step given those before",
    family="Boltzmann machines",
    description=(
        "Mean nats a test step in the usual split, log Z of each step by annealing. Both have 150 "
        "hidden units and learn from the training songs, each moved by up to three halftones; "
        "settings were chosen on validation songs. Boulanger-Lewandowski, Bengio & Vincent (2012) "
        "report -6.27 for the RNN-RBM and -5.56 for the RNN-NADE, both with Hessian-free training."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[
        contender(
            "RNNRBM",
            "100 recurrent units, 13 epochs",
            n_recurrent=100,
            max_iter=13,
            batch_size=16,
            learning_rate=8e-3,
            weight_decay=0.1,
        ),
        contender(
            "ConditionalRBM",
            "4 rows before, 5 epochs",
            lag=4,
            max_iter=5,
            learning_rate=4e-3,
            weight_decay=0.1,
        ),
    ],
    objective="test nats",
    digits=2,
    threads=1,
    assertions=[
        Bound("RNNRBM", "test nats", at_least=-7.5),
        Bound("RNNRBM", "standard error", at_most=0.2),
        Compare("RNNRBM", "ConditionalRBM", on="test nats"),
    ],
)
