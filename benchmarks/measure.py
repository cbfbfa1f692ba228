"""Time and peak memory of a case's contenders, interleaved."""

import ctypes
import gc
import math
import re
import sys
import time
from pathlib import Path

from benchmarks import environment
from benchmarks.core import Case, Setup

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def measure(case: Case, setup: Setup, say=print):
    """Run every contender of a case and return one row per contender, in the case's order."""
    data = case.load(setup)
    rows = {contender.name: _empty_row(contender, setup) for contender in case.contenders}
    waiting = [c for c in case.contenders if rows[c.name]["status"] == "measured"]
    most = 1 if setup.quick else setup.repeats or math.inf
    counts = {c.name: min(most, c.repeats or case.repeats) for c in waiting}
    for contender in waiting:
        if contender.warm_up:
            say(f"  warm-up: {contender.name}")
            _guarded(rows[contender.name], _call, contender, data, setup)
    for repeat in range(max(counts.values(), default=0)):
        for contender in waiting:
            row = rows[contender.name]
            if repeat < counts[contender.name] and row["status"] == "measured":
                _guarded(row, _repeat, row, case, contender, data, setup, repeat)
                if row["status"] == "measured":
                    say(f"  {contender.name}: {row['seconds']['all'][-1]:.4g} s")
    for row in rows.values():
        _summarize(row)
    return list(rows.values())


def _empty_row(contender, setup):
    row = {
        "contender": contender.name,
        "package": contender.package or "skgen",
        "version": environment.version_of(contender.package or "skgen"),
        "note": contender.note,
        "status": "measured",
        "seconds": {"all": []},
        "memory_all": [],
        "objectives": {},
    }
    if not environment.is_installed(contender.package, contender.module):
        row |= {"status": "absent", "reason": f"pip install {contender.package}"}
    elif setup.device.split(":")[0] not in contender.devices:
        row |= {"status": "absent", "reason": f"does not run on {setup.device}"}
    elif setup.quick and contender.slow:
        row |= {"status": "absent", "reason": "slow: left out with --quick"}
    return row


def _guarded(row, function, *args):
    """Call a step; an exception fails the contender and leaves the others to run."""
    try:
        function(*args)
    except Exception as error:
        import traceback

        traceback.print_exc()
        row |= {"status": "failed", "reason": type(error).__name__}


def _call(contender, data, setup, seed=0):
    environment.limit_threads(setup.threads)
    with environment.matrix_products(setup.tf32):
        return contender.run(data, seed)


def _repeat(row, case, contender, data, setup, repeat):
    synchronize = _synchronizer(setup.device)
    gc.collect()
    before = reset_peak(setup.device)
    synchronize()
    start = time.perf_counter()
    result = _call(contender, data, setup, setup.seed + repeat)
    synchronize()
    seconds = time.perf_counter() - start
    highest = peak(setup.device)
    row["seconds"]["all"].append(seconds)
    if before is not None:
        row["memory_all"].append(max(highest - before, 0.0))
    reached = (contender.evaluate or case.evaluate)(result, data)
    for name, value in reached.items():
        row["objectives"].setdefault(name, []).append(float(value))


def _summarize(row):
    memory, times = row.pop("memory_all"), row["seconds"]["all"]
    if row["status"] != "measured":
        row["seconds"], row["peak_memory_mb"] = None, None
        return
    ordered = sorted(times)
    row["repeats"] = len(times)
    row["seconds"] |= {
        "median": _median(ordered),
        "min": ordered[0],
        "max": ordered[-1],
    }
    row["peak_memory_mb"] = round(_median(sorted(memory)), 1) if memory else None


def _median(ordered):
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _synchronizer(device):
    if not device.startswith("cuda"):
        return lambda: None
    import torch

    return lambda: torch.cuda.synchronize(device)


def reset_peak(device):
    """Restart the peak counter and return the memory in use now, in MB (None: not known)."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device) / 2**20
    if not (sys.platform == "linux" and _CLEAR.exists()):
        return None
    # Freed heap that the allocator kept would hide the growth of the next call.
    ctypes.CDLL(None).malloc_trim(0)
    # Writing 5 sets the peak resident set back to the present one (man 5 proc).
    _CLEAR.write_text("5")
    return _resident("VmRSS")


def peak(device):
    """Return the most memory in use since the counter was restarted, in MB (None: not known)."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_allocated(device) / 2**20
    return _resident("VmHWM") if _STATUS.exists() else None


def _resident(field):
    return int(re.search(rf"{field}:\s+(\d+)", _STATUS.read_text()).group(1)) / 1024
