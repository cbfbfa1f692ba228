"""A table of the user guide: what a billion rows take, by the rates of ``blocks_scaling``."""

import math

from benchmarks.cases.blocks_scaling import BY_BLOCK, N_BLOCKS, N_COLUMNS, N_ROWS, ONE, RATE, TWO

ROWS = 1e9
WORKERS = (1, 2, 16, 128)
HELD = 2**26  # bytes that training holds, and as many that it reads ahead


def table(record):
    """Return header and body: what is needed, of exact moments and of a network."""
    one, two, network = (rate(record, name) for name in (ONE, TWO, BY_BLOCK))
    efficiency = min(1.0, two / (2 * one))
    body = [
        ["rows a second, measured with one process", f"{one:.3g}", f"{network:.3g}"],
        ["the same with two, and efficiency", f"{two:.3g}, {two / (2 * one):.0%}", ""],
    ]
    for n_workers in WORKERS:
        speed = one * n_workers * efficiency ** math.log2(n_workers)
        alone = duration(ROWS / network) if n_workers == 1 else ""
        processes = "1 process" if n_workers == 1 else f"{n_workers} processes"
        body.append([f"time of a pass with {processes}", duration(ROWS / speed), alone])
    block = N_ROWS // N_BLOCKS * N_COLUMNS * 4
    n_blocks = ROWS / (N_ROWS // N_BLOCKS)
    results = n_blocks * N_COLUMNS * (N_COLUMNS + 1) * 8
    held = (HELD + max(HELD, block)) / 2**20
    rows = f"{ROWS * N_COLUMNS * 4 / 1e9:.0f} GB"
    body += [
        ["read from storage in a pass", rows, rows],
        ["sent to one machine in a pass", f"{results / 1e9:.2g} GB", rows],
        ["rows in memory of a process", f"{2 * block / 2**20:.0f} MiB", f"{held:.0f} MiB"],
        ["beside X, of weights, labels or held-out rows", "8 GB each", "8 GB each"],
    ]
    return ["", "exact moments", "an epoch of a network"], body


def rate(record, name):
    """Median rows a second of a contender."""
    (row,) = [row for row in record["rows"] if row["contender"] == name]
    values = sorted(row["objectives"][RATE])
    return values[len(values) // 2]


def duration(seconds):
    """Seconds in the largest unit of which there is one at least."""
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} s"
