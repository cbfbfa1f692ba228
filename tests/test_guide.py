"""The blocks of the user guide run, and print what it says."""

import doctest
import pathlib
import re

import matplotlib as mpl
import pytest

SLOW = {"autoencoders", "boltzmann"}  # whose blocks train for half a minute
NUMBER = re.compile(r"\d+\.\d+")
GUIDE = pathlib.Path(__file__).parents[1] / "doc" / "user_guide"
PAGES = {path.stem: path for path in sorted(GUIDE.glob("*.rst")) if ">>> " in path.read_text()}


def test_there_are_pages_with_blocks():
    assert {"coming_from_sklearn", "comparing_densities", "tables"} <= set(PAGES)


def marked(page):
    return pytest.param(page, marks=pytest.mark.slow) if page in SLOW else page


class LastDigit(doctest.OutputChecker):
    """Numbers may differ by one in the last digit that is written, as processors round."""

    def check_output(self, want, got, optionflags):
        wanted = NUMBER.findall(want)
        if len(wanted) == len(found := NUMBER.findall(got)):
            digits = [len(number.partition(".")[2]) for number in wanted]
            pairs = zip(wanted, found, digits)
            if all(abs(float(a) - float(b)) < 1.5 * 0.1**n for a, b, n in pairs):
                written = iter(wanted)
                got = NUMBER.sub(lambda _: next(written), got)
        return super().check_output(want, got, optionflags)


def test_the_last_digit_may_differ_and_no_other():
    checker = LastDigit()
    assert checker.check_output("auc 0.93, n 12\n", "auc 0.94, n 12\n", 0)
    assert not checker.check_output("auc 0.93, n 12\n", "auc 0.95, n 12\n", 0)
    assert not checker.check_output("auc 0.93, n 12\n", "auc 0.93, n 13\n", 0)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("page", [marked(page) for page in PAGES])
def test_blocks_print_what_is_written(page):
    mpl.use("agg")
    blocks = doctest.DocTestParser().get_doctest(PAGES[page].read_text(), {}, page, page, 0)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.DocTestRunner(LastDigit(), optionflags=options).run(blocks)
    assert result.attempted
    assert not result.failed
