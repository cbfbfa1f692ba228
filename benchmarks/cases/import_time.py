"""What ``import skgen`` adds to starting Python."""

import subprocess
import sys
import time

from benchmarks.core import Bound, Case, Contender


def load(setup):
    return 3 if setup.quick else 15


def seconds(code):
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def run(n_pairs, seed):
    # Pairs by turns, and the median of the differences: what is left is the import.
    gaps = [seconds("import skgen") - seconds("pass") for _ in range(n_pairs)]
    return 1000 * sorted(gaps)[n_pairs // 2]


CASE = Case(
    title="Import of the package",
    family="Package",
    description="Milliseconds that `import skgen` adds to an empty Python; median of pairs.",
    load=load,
    evaluate=lambda milliseconds, n_pairs: {"added milliseconds": milliseconds},
    contenders=[Contender("skgen", run)],
    objective="added milliseconds",
    digits=2,
    repeats=3,
    assertions=[Bound("skgen", "added milliseconds", at_most=20)],
)
