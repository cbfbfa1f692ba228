"""Model files of which a few bytes were changed, and what became of them."""

from collections import Counter

import numpy as np

from skgen import load_model


def _flipped(content, place, rng):
    content[place] ^= 1 << int(rng.integers(8))


def _overwritten(content, place, rng):
    content[place : place + int(rng.integers(1, 40))] = rng.bytes(int(rng.integers(1, 40)))


def _cut_out(content, place, rng):
    del content[place : place + int(rng.integers(1, 40))]


def _inserted(content, place, rng):
    content[place:place] = rng.bytes(int(rng.integers(1, 40)))


def _truncated(content, place, rng):
    del content[place:]


MUTATIONS = {
    "a bit flipped": _flipped,
    "bytes overwritten": _overwritten,
    "bytes cut out": _cut_out,
    "bytes inserted": _inserted,
    "the end missing": _truncated,
}


def outcomes(mutation, path, X, n_files, seed=0):
    """How many changed copies of the model file at ``path`` were refused, or read right.

    What else becomes of one counts as a violation: another exception, or another model.
    """
    content, rng, counted = path.read_bytes(), np.random.default_rng(seed), Counter()
    expected = load_model(path).transform(X)
    while counted.total() < n_files:
        mutated = bytearray(content)
        MUTATIONS[mutation](mutated, rng.integers(len(mutated)), rng)
        if bytes(mutated) != content:
            path.write_bytes(mutated)
            counted[_outcome(path, X, expected)] += 1
    return counted


def _outcome(path, X, expected):
    try:
        model = load_model(path)
    except ValueError:
        return "refused"
    except Exception:
        return "violations"
    # Of a blank between two names, say, nothing hangs.
    return "read right" if np.array_equal(model.transform(X), expected) else "violations"
