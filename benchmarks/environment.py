"""Versions, machine and threads of a benchmark run."""

import importlib.metadata
import importlib.util
import os
import platform
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import skgen

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_ALWAYS = ("numpy", "scipy", "scikit-learn", "numba", "torch")


def thread_environment(threads):
    """Return the process environment that gives every numerical library this many threads."""
    return os.environ | {name: str(threads) for name in THREAD_VARIABLES}


def limit_threads(threads):
    """Set the thread pools of every numerical library that is loaded by now."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads)
    if "numba" in sys.modules:
        import numba

        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    if "torch" in sys.modules:
        import torch

        torch.set_num_threads(threads)


def is_installed(package, module=None):
    """Tell whether a contender's package can be imported here."""
    if package is None:
        return True
    if importlib.util.find_spec(module or package.replace("-", "_")) is not None:
        return True
    return module is None and version_of(package) is not None


def version_of(package):
    """Return the installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions(packages=()):
    """Return the versions of what computes: the usual libraries and the contenders' packages."""
    names = dict.fromkeys([*_ALWAYS, *packages])
    found = {name: version_of(name) for name in names}
    # The distribution that is called skgen is another tool.
    found = {**found, "skgen": skgen.__version__}
    return {name: version for name, version in found.items() if version is not None}


@contextmanager
def matrix_products(tf32):
    """Let float32 matrix products on CUDA round their factors to TF32 within the block."""
    if not tf32:
        yield
        return
    import torch

    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


class OtherWork:
    """Cores that other processes kept busy since this was made; None where it cannot be read."""

    def __init__(self):
        self._start = self._read()

    def cores(self):
        if self._start is None:
            return None
        wall, busy, own = (b - a for a, b in zip(self._start, self._read()))
        return round(max(busy - own, 0.0) / max(wall, 1e-9), 2)

    @staticmethod
    def _read():
        stat = Path("/proc/stat")
        if not stat.exists():
            return None
        ticks = [int(field) for field in stat.read_text().split("\n", 1)[0].split()[1:]]
        # The first line: user nice system idle iowait irq softirq steal (man 5 proc).
        busy = (sum(ticks[:8]) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        return time.perf_counter(), busy, time.process_time()


def machine(device):
    """Describe the machine, without its name."""
    description = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": _memory_gb(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    if device.startswith("cuda"):
        import torch

        description["gpu"] = torch.cuda.get_device_name(device)
    return description


def _processor():
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _memory_gb():
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
