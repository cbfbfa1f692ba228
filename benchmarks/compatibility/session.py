"""One pytest session over a test module of scikit-learn, with adapters in place.

Called in a process of its own::

    python -m benchmarks.compatibility.session OUT quick|whole SUITE ...
"""

import contextlib
import importlib
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest

from benchmarks.compatibility.adapter import Adapter, Usage
from benchmarks.compatibility.suites import SUITES


class Replacement:
    """pytest plugin: imports a module with adapters, and records what each test came to."""

    def __init__(self, suite):
        self.suite = suite
        self.outcomes = {}

    @contextlib.contextmanager
    def adapters(self):
        """scikit-learn's packages with the adapters, while the test module is imported."""
        # First as it is, so that nothing else of scikit-learn is imported with adapters.
        importlib.import_module(self.suite.module)
        del sys.modules[self.suite.module]
        with contextlib.ExitStack() as stack:
            for place, adapter in self.suite.replaced.items():
                stack.enter_context(mock.patch(place, _adapter(adapter)))
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector):
        if not isinstance(collector, pytest.Module):
            return (yield)
        with self.adapters():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        given = getattr(item, "callspec", None)
        given = any(isinstance(value, Adapter) for value in given.params.values()) if given else 0
        before = Usage.count - bool(given)
        result = yield
        if Usage.count == before:
            self.outcomes[item.name] = {"outcome": "elsewhere"}
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.when == "call" or report.outcome != "passed":
            outcome = {"outcome": report.outcome}
            if report.failed:
                outcome["error"] = _error(call.excinfo)
            self.outcomes[item.name] = outcome
        return report


def _adapter(place):
    module, name = place.split(".")
    return getattr(importlib.import_module(f"benchmarks.compatibility.{module}"), name)


def _error(raised):
    """Type and message of the exception, in one line."""
    return " ".join(raised.exconly().split())[:500]


def outcomes_of(suite, *, quick):
    """Run the tests of a suite, or a few, with a configuration of its own."""
    module = importlib.util.find_spec(suite.module).origin
    replacement = Replacement(suite)
    with tempfile.TemporaryDirectory() as folder:
        # That of skgen's tests turns warnings into errors.
        Path(folder, "pytest.ini").write_text("[pytest]\n")
        options = ["-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "-p", "no:xdist"]
        options += ["-c", f"{folder}/pytest.ini", f"--rootdir={folder}"]
        tests = [f"{module}::{test}" for test in suite.quick] if quick else [module]
        pytest.main([*options, *tests], plugins=[replacement])
    return replacement.outcomes


def main(out, quick, *names):
    """Run suites one after the other and write their outcomes as JSON."""
    outcomes = {name: outcomes_of(SUITES[name], quick=quick == "quick") for name in names}
    Path(out).write_text(json.dumps(outcomes))


if __name__ == "__main__":
    main(*sys.argv[1:])
