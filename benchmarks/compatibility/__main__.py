"""Print what came of scikit-learn's tests: ``python -m benchmarks.compatibility [--only SUITE]``.

The exit status is 1 where a failure is not in ``differences.toml``, is called wrong there, or where
an entry has no failure any more. ``--page`` runs nothing and writes ``doc/compatibility.rst`` from
the list and from the record of the last ``python -m benchmarks.run --only sklearn_tests``.
"""

import argparse
import collections
import sys

from benchmarks.compatibility import page
from benchmarks.compatibility.outcomes import COLUMNS, judge, load_differences, run
from benchmarks.compatibility.suites import SUITES


def table(verdicts):
    """The counts as text, a line a suite."""
    header = f"  {'suite':26}" + "".join(f"{column:>13}" for column in COLUMNS)
    lines = [
        f"  {v.suite:26}" + "".join(f"{v.counts[column]:13d}" for column in COLUMNS)
        for v in verdicts
    ]
    return "\n".join([header, *lines])


def details(verdict):
    """What did not pass, by entry of the list."""
    tests = collections.Counter(entry for *_, entry in verdict.failures if entry)
    lines = [
        f"  {count:4d}  {entry.kind:12} {entry.test}: {entry.reason}"
        for entry, count in tests.items()
    ]
    lines += [f"     1  unexplained  {test}: {error}" for test, error in verdict.unexplained]
    lines += [f"     0  stale        {entry.test}: {entry.reason}" for entry in verdict.stale]
    return "\n".join(lines)


def main(argv=None):
    """Run the suites that the command line names and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compatibility", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(SUITES), metavar="SUITE")
    parser.add_argument("--page", action="store_true", help="write doc/compatibility.rst")
    arguments = parser.parse_args(argv)
    if arguments.page:
        page.write()
        return 0
    differences, verdicts = load_differences(), []
    for name in arguments.only or SUITES:
        verdicts.append(judge(name, run([name])[name], differences))
        print(f"{name}\n{details(verdicts[-1])}", flush=True)
    print(table(verdicts))
    return int(any(v.counts["wrong"] or v.stale for v in verdicts))


if __name__ == "__main__":
    sys.exit(main())
