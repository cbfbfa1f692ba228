"""The README's and the documentation's result tables are what the benchmark files hold."""

import matplotlib as mpl
import pytest

from benchmarks import picture, plan, report

HEADLINES = report.headlines(report.load_results())
NAMES = [record["case"] for _, record, _, _ in HEADLINES]


def test_tables_are_not_stale():
    assert report.main(["--check"]) == 0, "run python -m benchmarks.report"


def test_readme_shows_ten_cases_in_two_groups():
    assert len(HEADLINES) == 10
    assert {case.headline.group for case, *_ in HEADLINES} == {"faster", "better"}


@pytest.mark.parametrize(("case", "record", "ours", "other"), HEADLINES, ids=NAMES)
def test_headline_is_won_against_somebody_else(case, record, ours, other):
    assert ours["package"] == "skgen"
    assert other["package"] != "skgen"
    assert "skgen" not in other["contender"]
    outcome = report.compared(case).check({row["contender"]: row for row in (ours, other)})
    if case.headline.group == "faster":
        assert other["seconds"]["median"] > ours["seconds"]["median"]
        assert outcome.passed, outcome
    else:
        assert outcome.measured > 0, outcome


def test_only_the_marked_part_is_replaced():
    text = "before\n<a>\nold\n<b>\nafter\n"
    assert report.rendered(text, "new", ("<a>", "<b>")) == "before\n<a>\n\nnew\n\n<b>\nafter\n"


def test_missing_markers_are_an_error():
    with pytest.raises(ValueError, match="needs the markers"):
        report.rendered("no markers", "new", ("<a>", "<b>"))


def record_of(n_objectives, n_rows=1):
    row = {"contender": "a", "note": "", "status": "measured", "peak_memory_mb": 1.0}
    row["seconds"] = {"median": 1.0, "min": 1.0, "max": 2.0}
    row["objectives"] = {f"measure {i}": [0.5] for i in range(n_objectives)}
    return {"rows": [row] * n_rows, "objective": "measure 0", "digits": 1}


def test_a_table_that_would_be_too_wide_lies_on_its_side():
    narrow = report._rows(record_of(report.MAX_COLUMNS - 5))
    assert narrow.count("* -") == 2
    wide = report._rows(record_of(report.MAX_COLUMNS - 4))
    assert wide.count("* -") == report.MAX_COLUMNS + 1
    assert "   * - measure 4\n     - 0.5" in wide
    assert "   * - contender\n     - a" in wide


@pytest.mark.parametrize("n_objectives", [5, 8, 9, 14])
def test_a_table_too_wide_either_way_is_cut(n_objectives):
    record = record_of(n_objectives, n_rows=report.MAX_COLUMNS)
    for i, row in enumerate(record["rows"]):
        record["rows"][i] = {**row, "contender": f"contender {i}"}
    cost, *parts = report._rows(record).split(".. list-table::")[1:]
    assert "peak memory" in cost
    assert "measure" not in cost
    assert "peak memory" not in "".join(parts)
    for part in parts:
        assert part.count("* - contender") == report.MAX_COLUMNS + 1
        assert 1 <= part.count("- measure") < report.MAX_COLUMNS
    assert "".join(parts).count("- measure") == n_objectives
    assert "".join(parts).count("- 0.5") == n_objectives * report.MAX_COLUMNS


def test_a_dash_in_a_cell_is_no_list():
    assert report._list_table(["a", "b"], [["-", "-1"]]).endswith("   * - \\-\n     - -1")


def test_long_names_do_not_stand_side_by_side():
    record = record_of(report.MAX_COLUMNS, n_rows=4)
    record["rows"] = [{**row, "contender": "x" * 20} for row in record["rows"]]
    assert report._rows(record).count(".. list-table::") == 3
    record["rows"] = [{**row, "contender": "xxxx " * 4} for row in record["rows"]]
    assert report._rows(record).count(".. list-table::") == 1


def test_counts_have_no_decimals():
    def shown(*values):
        record = record_of(1, n_rows=len(values))
        record["rows"] = [{**record["rows"][0], "objectives": {"measure 0": [v]}} for v in values]
        return [report._objective(record, row) for row in record["rows"]]

    assert shown(20000.0, 11.0) == ["20000", "11"]
    assert shown(10.0, 9.5) == ["10.0", "9.5"]
    assert shown(1.0, 0.0) == ["1.0", "0.0"]
    assert shown(float("inf"), 2.0) == ["inf", "2.0"]


def test_the_picture_shows_every_headline():
    mpl.use("agg")
    (ax,) = picture.draw().axes
    shown = [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]
    assert sorted(shown) == sorted(f"{r['title']}; {o['contender']}" for _, r, _, o in HEADLINES)
    contenders, ours = (set(points.get_offsets()[:, 0]) for points in ax.collections[1:])
    assert ours == {row["seconds"]["median"] for _, _, row, _ in HEADLINES}
    assert contenders == {row["seconds"]["median"] for *_, row in HEADLINES}


def record_of_rates(**rates):
    rows = [{"contender": n, "objectives": {plan.RATE: [v]}} for n, v in rates.items()]
    return {"case": "blocks_scaling", "rows": rows}


def test_a_plan_follows_from_the_rates():
    rates = {plan.TWO: 1.5e6, plan.ONE: 1e6, plan.BY_BLOCK: 1e4}
    header, body = plan.table(record_of_rates(**rates))
    assert header[1:] == ["exact moments", "an epoch of a network"]
    found = {row[0]: row[1:] for row in body}
    # 1e9 rows at 1e6 a second; each doubling keeps three quarters of the rate.
    assert found["time of a pass with 1 process"] == ["17 min", "1.2 days"]
    assert found["time of a pass with 16 processes"] == ["3.3 min", ""]
    assert found["the same with two, and efficiency"] == ["1.5e+06, 75%", ""]
    assert found["read from storage in a pass"] == ["400 GB"] * 2
    # 20 000 results of 100 x 101 numbers.
    assert found["sent to one machine in a pass"] == ["1.6 GB", "400 GB"]


def test_without_rates_a_plan_says_how_to_measure_them():
    assert "--only blocks_scaling" in report.planned([])
