"""The README's and the documentation's result tables are what the benchmark files hold."""

import pytest

from benchmarks import report


def test_tables_are_not_stale():
    assert report.main(["--check"]) == 0, "run python -m benchmarks.report"


def test_only_the_marked_part_is_replaced():
    text = "before\n<a>\nold\n<b>\nafter\n"
    assert report.rendered(text, "new", ("<a>", "<b>")) == "before\n<a>\n\nnew\n\n<b>\nafter\n"


def test_missing_markers_are_an_error():
    with pytest.raises(ValueError, match="needs the markers"):
        report.rendered("no markers", "new", ("<a>", "<b>"))
