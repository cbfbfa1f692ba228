"""Settings that every test shares."""

import os

os.environ["SCIPY_ARRAY_API"] = "1"  # read by SciPy when first imported
# Every core has a process of tests: the threads of four libraries would only fight over them.
# numba is not told: no kernel is parallel, and the row workers read its number of threads.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pathlib

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

DATA = pathlib.Path(
    os.environ.get("SKGEN_DATA", pathlib.Path(__file__).parents[1] / "../shared/data")
)


@pytest.fixture
def data_file():
    """Path of a real data set, or a skip that says how to get it."""

    def find(name):
        path = DATA / name
        if not path.exists():
            pytest.skip(f"{name} is not at {DATA.name}/; set SKGEN_DATA to the folder that has it")
        return path

    return find


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def two_threads():
    """Two threads in every native pool, for what is tested about their number."""
    for pool in ThreadpoolController().lib_controllers:
        # A thread of an earlier test may have kept a pool to itself.
        getattr(pool, "clear_controlling_thread", lambda force: None)(force=True)
    with threadpool_limits(2):
        yield
