"""Model files of which a few bytes were changed."""

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.core import Bound, Case, Contender

MUTATIONS = (
    "a bit flipped",
    "bytes overwritten",
    "bytes cut out",
    "bytes inserted",
    "the end missing",
)


def load(setup):
    from sklearn.datasets import load_iris

    return load_iris().data, 20 if setup.quick else 200


def run(mutation, data, seed):
    from skgen import VAE, save_model
    from tests.storage.mutations import outcomes

    X, n_files = data
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        save_model(VAE(2, hidden_layer_sizes=(5,), max_iter=2, random_state=0).fit(X), path)
        return outcomes(mutation, path, X, n_files, seed)


def evaluate(found, data):
    return {"tried": data[1], **{n: found[n] for n in ("refused", "read right", "violations")}}


CASE = Case(
    title="Damaged model files",
    family="Package",
    description="Copies of a file of save_model in which a few bytes were changed at random. "
    "Refused: load_model raises a ValueError. Read right: the model is that of the whole file. "
    "All else is a violation.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(name, partial(run, name), package="safetensors", repeats=1, warm_up=False)
        for name in MUTATIONS
    ],
    objective="violations",
    digits=0,
    threads=1,
    assertions=[Bound(name, "violations", at_most=0) for name in MUTATIONS],
)
