"""Run benchmark cases: ``python -m benchmarks.run [--only CASE] [--device cpu|cuda] [--quick]``.

Every case runs in its own process with its own number of threads, prints a table, writes
``benchmarks/results/CASE.json`` (``CASE.cuda.json`` on a GPU) and judges its assertions. The exit
status is 1 where an assertion or a contender fails. How to write a case: ``benchmarks/core.py``.
"""

import argparse
import datetime
import importlib
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks import environment
from benchmarks.core import Setup

CASES = Path(__file__).parent / "cases"
RESULTS = Path(__file__).parent / "results"


def case_names():
    """Return the names of all cases, sorted."""
    return sorted(path.stem for path in CASES.glob("*.py") if not path.stem.startswith("_"))


def load_case(name):
    """Import a case by the name of its file."""
    return importlib.import_module(f"benchmarks.cases.{name}").CASE


def result_path(results, name, device):
    """Return where a case's result lies: the device is in the name unless it is the CPU."""
    suffix = "" if device == "cpu" else f".{device.split(':')[0]}"
    return Path(results) / f"{name}{suffix}.json"


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--only", action="append", metavar="CASE", help="a case; may be repeated")
    parser.add_argument("--device", default="cpu", help='"cpu" (default) or "cuda"')
    parser.add_argument("--quick", action="store_true", help="small, once, nothing written")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, help="at most, instead of what each case says")
    parser.add_argument("--threads", type=int, help="instead of what each case says")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON files")
    parser.add_argument(
        "--beside", type=int, default=0, metavar="N", help="cases on the device at the same time"
    )
    parser.add_argument("--tf32", action="store_true", help="products of fits in TF32 (CUDA)")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    unknown = sorted(set(arguments.only or ()) - set(case_names()))
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(case_names())}.")
    return arguments


def main(argv=None):
    """Run the cases that the command line names and return the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    arguments = parse(argv)
    if arguments.inside:
        return run_case(arguments.only[-1], arguments)
    if arguments.list:
        print("\n".join(case_names()))
        return 0
    failed = []
    for name in arguments.only or case_names():
        case = load_case(name)
        if arguments.device.split(":")[0] not in case.devices:
            continue
        threads = arguments.threads or case.threads
        command = [sys.executable, "-m", "benchmarks.run", *argv, "--inside", "--only", name]
        # A process of its own: the libraries read their thread count when they are loaded.
        status = subprocess.run(command, env=environment.thread_environment(threads)).returncode
        if status:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return int(bool(failed))


def run_case(name, arguments):
    """Measure one case in this process; print, judge, write; return the exit status."""
    from benchmarks.datasets import DataAbsentError
    from benchmarks.measure import measure

    case = load_case(name)
    threads = arguments.threads or case.threads
    setup = Setup(
        arguments.device,
        arguments.quick,
        arguments.seed,
        threads,
        arguments.tf32,
        arguments.repeats,
    )
    print(f"\n{case.title}  [{name}, {arguments.device}, {threads} threads]", flush=True)
    others = environment.OtherWork()
    try:
        rows = measure(case, setup, say=lambda text: print(text, flush=True))
    except DataAbsentError as absent:
        print(f"  not run: {absent}")
        return 0
    outcomes = _judge(case, rows)
    busy = others.cores()
    print(_table(case, rows))
    print(_verdicts(outcomes, arguments.quick))
    if busy is not None and busy > 0.1 * threads:
        print(f"  DISTURBED  other processes kept {busy:g} cores busy: measure again when quiet")
    failed = any(row["status"] == "failed" for row in rows)
    if arguments.quick:
        return int(failed)
    if not failed:
        path = result_path(arguments.results, name, arguments.device)
        _write(path, name, case, setup, rows, busy, beside=arguments.beside)
    return int(failed or any(outcome.passed is False for outcome in outcomes))


def _judge(case, rows):
    by_name = {row["contender"]: row for row in rows}
    return [assertion.check(by_name) for assertion in case.assertions]


def _table(case, rows):
    ours = rows[0]["seconds"]
    lines = [
        f"  {'contender':28}{'seconds':>10}{'min':>10}{'max':>10}{'ratio':>9}{'MB':>9}  reached"
    ]
    for row in rows:
        if row["status"] != "measured":
            lines.append(f"  {row['contender']:28}{row['status']} ({row['reason']})")
            continue
        seconds = row["seconds"]
        ratio = f"{seconds['median'] / ours['median']:.2f}" if ours else "-"
        memory = "-" if row["peak_memory_mb"] is None else f"{row['peak_memory_mb']:.1f}"
        reached = ", ".join(
            f"{name} {sorted(values)[len(values) // 2]:.10g}"
            for name, values in row["objectives"].items()
        )
        times = "".join(f"{seconds[key]:10.4g}" for key in ("median", "min", "max"))
        lines.append(f"  {row['contender']:28}{times}{ratio:>9}{memory:>9}  {reached}")
    return "\n".join(lines)


def _verdicts(outcomes, quick):
    words = {True: "holds", False: "FAILS", None: "not judged"}
    lines = [
        f"  {words[o.passed]:10} {o.text}"
        + ("" if o.measured is None else f" [measured {o.measured:.8g}]")
        for o in outcomes
    ]
    if quick:
        lines.append("  (--quick: assertions are shown, not enforced; nothing was written)")
    return "\n".join(lines)


def _write(path, name, case, setup, rows, busy, beside):
    packages = [row["package"] for row in rows]
    record = {
        "case": name,
        "title": case.title,
        "family": case.family,
        "description": case.description,
        "objective": case.objective,
        "digits": case.digits,
        "date": datetime.date.today().isoformat(),
        "device": setup.device,
        "threads": setup.threads,
        "seed": setup.seed,
        "cores_busy_with_others": busy,
        "cases_beside": beside,
        "tf32": setup.tf32,
        "machine": environment.machine(setup.device),
        "versions": environment.versions(packages),
        "rows": rows,
        "assertions": [asdict(outcome) for outcome in _judge(case, rows)],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
