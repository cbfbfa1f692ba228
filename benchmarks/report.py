"""Write the results into the README and the documentation: ``python -m benchmarks.report``.

All are rendered from the JSON files in ``benchmarks/results``: the documentation has every case,
those of a GPU on a page of their own, the README those with a headline. ``--check`` writes nothing
and exits with status 1 where a rendered table is not what the files hold.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks import choose, plan
from benchmarks.assertions import Compare
from benchmarks.run import load_case

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"
README_MARKERS = ("<!-- results:start -->", "<!-- results:end -->")
DOC_MARKERS = (".. results:start", ".. results:end")
REACHED_MARKERS = (".. reached:start", ".. reached:end")
TAKES_MARKERS = (".. takes:start", ".. takes:end")
FAMILIES = (
    "Linear-Gaussian",
    "Sparse coding",
    "Boltzmann machines",
    "Autoencoders and VAE",
    "GAN",
    "Tables",
    "Features and few labels",
    "ICA, SFA, autoregressive",
    "Measures",
    "Package",
)
PLAN_MARKERS = (".. plan:start", ".. plan:end")
RELIABILITY_MARKERS = (".. survived:start", ".. survived:end")
# Cases of what was tried to break the package.
RELIABILITY = {
    "bad_input": "what was odd",
    "mutated_files": "what was odd",
    "resume_after_kill": "estimator",
}
MAX_COLUMNS = 9
MAX_LETTERS = 75  # of the longest words of names that stand side by side


def load_results(folder=RESULTS):
    """Return the records of all cases, by family and then by name."""
    records = [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]
    unknown = sorted({record["family"] for record in records} - set(FAMILIES))
    if unknown:
        raise ValueError(f"Unknown families {unknown}; a case's family is one of {FAMILIES}.")
    return sorted(records, key=lambda record: FAMILIES.index(record["family"]))


def on(records, device):
    """Return the records of one kind of device."""
    return [record for record in records if record["device"].split(":")[0] == device]


def readme_tables(records):
    """Render the cases with a headline in two Markdown tables: faster, and better."""
    shown = headlines(records)
    faster = [_faster(*line) for line in shown if line[0].headline.group == "faster"]
    better = [_better(*line) for line in shown if line[0].headline.group == "better"]
    reached = "reached: skgen / contender"
    return "\n\n".join(
        [
            "**Faster**, at equal quality or better:",
            _markdown(["task", "skgen", "contender", "times faster", reached], faster),
            "**Better**, whatever the time:",
            _markdown(["task", reached, "contender", "time: skgen / contender"], better),
            " ".join(_machines([record for _, record, _, _ in shown])),
        ]
    )


def headlines(records):
    """Return case, record, our row and the contender's for each line of the README."""
    shown = []
    for record in records:
        case = load_case(record["case"])
        if case.headline is None or record["device"] != "cpu":
            continue
        rows = {row["contender"]: row for row in record["rows"]}
        shown.append((case, record, record["rows"][0], rows[case.headline.over]))
    return shown


def compared(case):
    """Return the assertion that compares the two of the headline on the objective."""
    (assertion,) = [
        a
        for a in case.assertions
        if isinstance(a, Compare) and (a.other, a.on) == (case.headline.over, case.objective)
    ]
    return assertion


def _faster(case, record, ours, other):
    ratio = other["seconds"]["median"] / ours["seconds"]["median"]
    contender = f"{other['contender']}, {_seconds(other)}"
    return [
        record["title"],
        _seconds(ours),
        contender,
        f"{ratio:.3g}",
        _reached(case, record, other),
    ]


def _better(case, record, ours, other):
    seconds = f"{_seconds(ours)} / {_seconds(other)}"
    return [record["title"], _reached(case, record, other), other["contender"], seconds]


def _reached(case, record, other):
    sign = {"higher": "+", "lower": "-"}[compared(case).better]
    ours = _objective(record, record["rows"][0])
    return f"{case.objective} {sign}: {ours} / {_objective(record, other)}"


def _markdown(header, body):
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *body]
    )


def doc_page(records):
    """Render the reStructuredText sections: every contender and every assertion."""
    blocks, family = [], None
    for record in records:
        if record["family"] != family:
            family = record["family"]
            blocks.append(_heading(family, "-"))
        blocks += [_heading(record["title"], "^"), _preamble(record), _rows(record)]
        if record["assertions"]:
            blocks.append(_assertions(record))
    blocks += _machines(records)
    return "\n\n".join(blocks)


def _heading(text, underline):
    return f"{text}\n{underline * len(text)}"


def _preamble(record):
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    sentence = f"{record['description']} " if record["description"] else ""
    device = "" if record["device"] == "cpu" else f" --device {record['device']}"
    beside = record.get("cases_beside", 0)
    shared = f"{beside} other cases ran on the device meanwhile. " if beside else ""
    where = f"{record['machine']['gpu']}, " if "gpu" in record["machine"] else ""
    if record.get("tf32"):
        shared += "Products of the fit in TF32. "
    return (
        f"{sentence}{shared}{where}{record['threads']} threads, {record['date']}; {versions}. "
        f"``python -m benchmarks.run --only {record['case']}{device}``"
    )


def _rows(record):
    names = list(dict.fromkeys(name for row in record["rows"] for name in row["objectives"]))
    header = ["contender", "median time", "fastest", "slowest", "peak memory", *names]
    body = []
    for row in record["rows"]:
        label = row["contender"] + (f" ({row['note']})" if row["note"] else "")
        if row["status"] != "measured":
            body.append([label, row["status"], *["-"] * (len(header) - 2)])
            continue
        times = [_seconds(row, key) for key in ("median", "min", "max")]
        memory = "-" if row["peak_memory_mb"] is None else f"{row['peak_memory_mb']:.0f} MB"
        body.append([label, *times, memory, *[_objective(record, row, name) for name in names]])
    return "\n\n".join(_list_table(*table) for table in _fitted(header, body, len(names)))


def _fitted(header, body, n_objectives):
    """Headers and bodies of tables that a page has room for."""
    if len(header) <= MAX_COLUMNS:
        return [(header, body)]
    letters = sum(max(map(len, row[0].split())) for row in body)
    if len(body) < MAX_COLUMNS and letters <= MAX_LETTERS:
        header, *body = zip(header, *body, strict=True)
        return [(header, body)]
    # Neither way: what it took, and then the objectives, beside the names of the contenders.
    first = len(header) - n_objectives
    n_tables = -(-n_objectives // (MAX_COLUMNS - 1))
    ends = [first + n_objectives * i // n_tables for i in range(n_tables + 1)]
    spans = [slice(1, first), *map(slice, ends, ends[1:])]
    cut = [[[row[0], *row[span]] for row in (header, *body)] for span in spans]
    return [(top, rows) for top, *rows in cut]


def _assertions(record):
    words = {True: "holds", False: "fails", None: "not judged"}
    body = [
        [a["text"], "-" if a["measured"] is None else f"{a['measured']:.6g}", words[a["passed"]]]
        for a in record["assertions"]
    ]
    return _list_table(["asserted", "measured", "verdict"], body)


def choice_tables(records):
    """Render what every estimator reached on one table, and what it takes."""
    (record,) = [record for record in records if record["case"] == "choose_a_model"]
    return [_list_table(header, body) for header, *body in choose.tables(record)]


def planned(records):
    """Render what a billion rows take; until the rates are measured, how to measure them."""
    for record in records:
        if record["case"] == "blocks_scaling":
            return f"{_list_table(*plan.table(record))}\n\n{_machines([record])[0]}"
    command = "python -m benchmarks.run --only blocks_scaling"
    return f"The table is written from what ``{command}`` measures."


def survived(records):
    """Render what was tried to break the package, and how much of it did."""
    blocks = []
    for name, of_rows in RELIABILITY.items():
        for record in (record for record in records if record["case"] == name):
            rows = [_counts(row) for row in record["rows"] if row["status"] == "measured"]
            header = list(dict.fromkeys(name for _, counts in rows for name in counts))
            rows.append(("all", {name: sum(row[name] for _, row in rows) for name in header}))
            body = [[name, *[f"{row[column]:.0f}" for column in header]] for name, row in rows]
            table = _list_table([of_rows, *header], body)
            blocks += [_heading(record["title"], "-"), _preamble(record), table]
    return "\n\n".join(blocks)


def _counts(row):
    return row["contender"], {name: values[0] for name, values in row["objectives"].items()}


def _list_table(header, body):
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [header, *body]:
        # A dash alone would be an empty list.
        row = [r"\-" if cell == "-" else cell for cell in row]
        lines += [f"   {'* -' if i == 0 else '  -'} {cell}".rstrip() for i, cell in enumerate(row)]
    return "\n".join(lines)


def _objective(record, row, name=None):
    values = sorted(row["objectives"].get(name or record["objective"], ()))
    if not values:
        return "-"
    half = len(values) // 2
    middle = values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
    digits = 0 if _is_count(record, name or record["objective"]) else record["digits"]
    return f"{middle:.{digits}f}"


def _is_count(record, name):
    """Whether all contenders reached whole numbers, and not only 0 and 1."""
    values = [value for row in record["rows"] for value in row["objectives"].get(name, ())]
    return all(float(value).is_integer() for value in values) and max(values) > 1


def _seconds(row, key="median"):
    value = row["seconds"][key]
    if value < 0.9995:
        return f"{value * 1e3:.3g} ms"
    return f"{value:.3g} s" if value < 999.5 else f"{value:.0f} s"


def _machines(records):
    machines = {}
    for record in records:
        m = record["machine"]
        text = f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, Python {m['python']}"
        machines.setdefault(text + (f", {m['gpu']}" if "gpu" in m else ""), None)
    return [f"Machine: {text}." for text in machines]


def rendered(text, body, markers):
    """Return the text with what stands between its markers replaced."""
    start, end = markers
    if text.count(start) != 1 or text.count(end) != 1:
        raise ValueError(f"the text needs the markers {start!r} and {end!r} once each.")
    head, tail = text.split(start)[0], text.split(end)[1]
    return f"{head}{start}\n\n{body}\n\n{end}{tail}"


def main(argv=None):
    """Render the files, or with ``--check`` compare; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 when stale")
    check = parser.parse_args(argv).check
    records = load_results()
    reached, takes = choice_tables(records)
    guide = ROOT / "doc" / "user_guide" / "choose.rst"
    targets = (
        (ROOT / "README.md", readme_tables(records), README_MARKERS),
        (guide, reached, REACHED_MARKERS),
        (guide, takes, TAKES_MARKERS),
        (guide.with_name("beyond_memory.rst"), planned(on(records, "cpu")), PLAN_MARKERS),
        (ROOT / "doc" / "reliability.rst", survived(records), RELIABILITY_MARKERS),
        (ROOT / "doc" / "benchmarks.rst", doc_page(on(records, "cpu")), DOC_MARKERS),
        (ROOT / "doc" / "gpu.rst", doc_page(on(records, "cuda")), DOC_MARKERS),
    )
    stale = []
    for path, body, markers in targets:
        before = path.read_text(encoding="utf-8")
        after = rendered(before, body, markers)
        if after == before:
            continue
        stale.append(path.name)
        if not check:
            path.write_text(after, encoding="utf-8")
    if stale:
        print(f"{'stale' if check else 'written'}: {', '.join(stale)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
