"""What a process shares, compared before and after."""

import signal
import warnings
from contextlib import contextmanager

import numpy as np
import torch
from threadpoolctl import threadpool_info


def process_state():
    """All that a fit might change for others; compares by ``==``."""
    _, keys, *rest = np.random.get_state()
    return {
        "NumPy's generator": (keys.tolist(), rest),
        "torch's generator": torch.get_rng_state().tolist(),
        "gradients": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "default dtype": torch.get_default_dtype(),
        "threads": (torch.get_num_threads(), threads_of_pools()),
        "errors of floats": np.geterr(),
        "filters of warnings": list(warnings.filters),
        "answer to SIGINT": signal.getsignal(signal.SIGINT),
    }


def threads_of_pools():
    """Threads of each native pool, by library."""
    return {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}


@contextmanager
def unchanged_process(*but):
    """The block changes nothing that others could see, ``but`` what is named."""
    before = process_state()
    yield
    after = process_state()
    # A library loaded meanwhile brings a pool.
    pools = {path: n for path, n in after["threads"][1].items() if path in before["threads"][1]}
    after["threads"] = after["threads"][0], pools
    changed = [name for name in before.keys() - but if after[name] != before[name]]
    assert not changed, f"changed: {changed}"
