"""The README's and the documentation's result tables are what the benchmark files hold."""

import pytest

from benchmarks import report

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
