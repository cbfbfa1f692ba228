"""The documentation's page of compatibility, from the record and the list of differences."""

import json
from pathlib import Path

from benchmarks.compatibility.outcomes import COLUMNS, load_differences
from benchmarks.compatibility.suites import SUITES
from benchmarks.report import DOC_MARKERS, rendered
from benchmarks.run import RESULTS

PAGE = Path(__file__).parents[2] / "doc" / "compatibility.rst"
RECORD = RESULTS / "sklearn_tests.json"


def body(record, differences):
    """Render the table of counts and, suite by suite, the list of what differs."""
    rows = {row["contender"]: row["objectives"] for row in record["rows"]}
    header = ["replaced", "test module", *COLUMNS]
    counts = [
        [name, f"``{SUITES[name].module}``", *[f"{rows[name][c][0]:.0f}" for c in COLUMNS]]
        for name in SUITES
    ]
    total = [f"{sum(rows[name][c][0] for name in SUITES):.0f}" for c in COLUMNS]
    version = record["versions"]["scikit-learn"]
    blocks = [
        f"scikit-learn {version}, {record['date']}.",
        _table(header, [*counts, ["all", "", *total]]),
    ]
    for name in SUITES:
        entries = [entry for entry in differences if entry.suite == name]
        if entries:
            lines = [[_tests(e), e.kind, e.reason.replace("`", "``")] for e in entries]
            blocks += [f"{name}\n{'-' * len(name)}", _table(["tests", "kind", "reason"], lines)]
    return "\n\n".join(blocks)


def _tests(entry):
    where = f" (where ``{entry.cases}``)" if entry.cases else ""
    return f"``{entry.test}``{where}"


def _table(header, rows):
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [header, *rows]:
        lines += [f"   {'* -' if i == 0 else '  -'} {cell}".rstrip() for i, cell in enumerate(row)]
    return "\n".join(lines)


def written():
    """The page as the record and the list say."""
    record = json.loads(RECORD.read_text())
    return rendered(PAGE.read_text(), body(record, load_differences()), DOC_MARKERS)


def write():
    """Write the page."""
    PAGE.write_text(written())
