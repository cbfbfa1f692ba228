"""Run suites in processes of their own, and judge what did not pass."""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compatibility.suites import SUITES

ROOT = Path(__file__).parents[2]
DIFFERENCES = Path(__file__).with_name("differences.toml")
KINDS = ("on purpose", "not offered", "wrong")
COLUMNS = ("counted", "passed", *KINDS)


@dataclass(frozen=True)
class Difference:
    """Tests of a suite that do not pass, and why.

    ``error`` is a part of the message with which they fail, so that another failure of the same
    test is seen; ``cases`` is a regular expression for the parameters, where not all are meant.
    """

    suite: str
    test: str
    kind: str
    error: str
    reason: str
    cases: str = ""

    def covers(self, suite, test, error):
        name, _, parameters = test.partition("[")
        named = (suite, name) == (self.suite, self.test)
        return named and self.error in error and re.search(self.cases, parameters) is not None


def load_differences(path=DIFFERENCES):
    """The committed list, checked."""
    entries = [Difference(**entry) for entry in tomllib.loads(path.read_text())["difference"]]
    for entry in entries:
        if entry.suite not in SUITES or entry.kind not in KINDS:
            raise ValueError(f"{entry} has a suite or kind that does not exist: {KINDS}.")
    return entries


def run(names, *, quick=False):
    """Outcomes of suites, ``{suite: {test: outcome}}``, from one process.

    An outcome is "passed", "failed" with its error, "skipped", or "elsewhere" for a test that has
    nothing to do with skgen.
    """
    # Half of the solvers' tests are for float32, which scikit-learn leaves out by default.
    environment = os.environ | {"SKLEARN_RUN_FLOAT32_TESTS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "outcomes.json")
        command = [sys.executable, "-m", "benchmarks.compatibility.session", str(out)]
        command += ["quick" if quick else "whole", *names]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"the session of {names} failed:\n{done.stdout}\n{done.stderr}")
        return json.loads(out.read_text())


@dataclass(frozen=True)
class Verdict:
    """What the tests of a suite came to."""

    suite: str
    counts: dict
    # (test, error, its difference or None) of each counted test that does not pass.
    failures: list
    # Entries of the list that no failure needs any more.
    stale: list

    @property
    def unexplained(self):
        return [(test, error) for test, error, entry in self.failures if entry is None]


def judge(suite, outcomes, differences):
    """Count the outcomes of a suite by the kinds of the list; the unexplained are wrong."""
    failures = []
    for test, outcome in outcomes.items():
        if outcome["outcome"] == "failed":
            error = outcome["error"]
            entries = (entry for entry in differences if entry.covers(suite, test, error))
            failures.append((test, error, next(entries, None)))
    used = {entry for *_, entry in failures}
    kinds = collections.Counter("wrong" if e is None else e.kind for *_, e in failures)
    found = collections.Counter(outcome["outcome"] for outcome in outcomes.values())
    counts = {"counted": found["passed"] + found["failed"], "passed": found["passed"]}
    counts |= {kind: kinds[kind] for kind in KINDS}
    stale = [entry for entry in differences if entry.suite == suite and entry not in used]
    return Verdict(suite, counts, failures, stale)
