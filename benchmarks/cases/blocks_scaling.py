"""Rows a second that are read in blocks: moments on a cluster, and epochs of a network."""

import importlib.util
import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from benchmarks.core import Bound, Case, Contender
from benchmarks.datasets import DataAbsentError

N_ROWS, N_COLUMNS, N_BLOCKS = 2_000_000, 100, 40
N_NETWORK_ROWS = 200_000
RATE = "rows per second"


@dataclass(frozen=True)
class Blocks:
    """Files that hold a block of rows each, in float32."""

    paths: list
    n_rows: int

    def collection(self):
        """The rows as an array of dask."""
        import dask
        import dask.array as da
        import numpy as np

        read = dask.delayed(np.load)
        shape = self.n_rows // len(self.paths), N_COLUMNS
        return da.concatenate(
            [da.from_delayed(read(path), shape, np.float32) for path in self.paths]
        )


@cache
def folder():
    """A folder of this process, removed when it ends."""
    import atexit

    path = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def load(setup):
    """Blocks of rows with ten factors."""
    import numpy as np

    if importlib.util.find_spec("distributed") is None:
        raise DataAbsentError("distributed is not installed; pip install scikit-generative[dask].")
    n_rows = N_ROWS // 20 if setup.quick else N_ROWS
    rng, paths = np.random.default_rng(0), []
    W = rng.standard_normal((10, N_COLUMNS), dtype=np.float32)
    for number in range(N_BLOCKS):
        Z = rng.standard_normal((n_rows // N_BLOCKS, 10), dtype=np.float32)
        noise = rng.standard_normal((len(Z), N_COLUMNS), dtype=np.float32)
        paths.append(str(folder() / f"{number}.npy"))
        np.save(paths[-1], Z @ W + noise)
    return Blocks(paths, n_rows)


@cache
def client(n_workers):
    """A cluster of so many processes, each of which has read a block before."""
    from distributed import Client, LocalCluster

    cluster = LocalCluster(
        n_workers=n_workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
    )
    return Client(cluster, set_as_default=False)


def rate(n_rows, start):
    return n_rows / (time.perf_counter() - start)


def moments(data, seed, *, n_workers):
    """Rows a second of a fit with exact moments in one pass."""
    from skgen import ProbabilisticPCA

    with client(n_workers).as_current():
        start = time.perf_counter()
        model = ProbabilisticPCA(10).fit(data.collection())
        return rate(data.n_rows, start), model.noise_variance_


def network(data, seed, *, in_blocks):
    """Rows a second of an epoch of a network in this process."""
    import dask
    import numpy as np

    from skgen import VAE

    n_files = max(1, N_BLOCKS * min(data.n_rows, N_NETWORK_ROWS) // data.n_rows)
    some = Blocks(data.paths[:n_files], n_files * (data.n_rows // N_BLOCKS))
    rows = some.collection()
    if not in_blocks:
        rows = np.concatenate([np.load(path) for path in some.paths])
    model = VAE(10, max_iter=1, batch_size=500, n_importance_samples=1, random_state=seed)
    with dask.config.set(scheduler="synchronous"):
        start = time.perf_counter()
        model.fit(rows)
    return rate(some.n_rows, start), float(np.mean(model.noise_variance_))


def evaluate(found, data):
    return {RATE: found[0], "noise variance": found[1]}


TWO, ONE = "moments, 2 processes", "moments, 1 process"
BY_BLOCK, OF_ARRAY = "network, blocks", "network, array"

CASE = Case(
    title="Rows in blocks: exact moments on a cluster, and an epoch of a network",
    family="Package",
    description=f"ProbabilisticPCA of {N_ROWS} x {N_COLUMNS} rows in float32, in {N_BLOCKS} files "
    "that worker processes of dask read, each with one thread; a first epoch of VAE, its pass over "
    f"the columns included, on {N_NETWORK_ROWS} of the rows, by its blocks or from memory.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(TWO, partial(moments, n_workers=2)),
        Contender(ONE, partial(moments, n_workers=1)),
        Contender(BY_BLOCK, partial(network, in_blocks=True)),
        Contender(OF_ARRAY, partial(network, in_blocks=False)),
    ],
    objective=RATE,
    digits=3,
    repeats=5,
    threads=1,
    assertions=[
        Bound(ONE, "noise variance", at_least=0.99, at_most=1.01),
        Bound(TWO, "noise variance", at_least=0.99, at_most=1.01),
    ],
)
