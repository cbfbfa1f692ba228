"""The blocks of the user guide run, and print what it says."""

import doctest
import pathlib

import matplotlib as mpl
import pytest

SLOW = {"autoencoders", "boltzmann"}  # whose blocks train for half a minute
GUIDE = pathlib.Path(__file__).parents[1] / "doc" / "user_guide"
PAGES = {path.stem: path for path in sorted(GUIDE.glob("*.rst")) if ">>> " in path.read_text()}


def test_there_are_pages_with_blocks():
    assert {"coming_from_sklearn", "comparing_densities", "tables"} <= set(PAGES)


def marked(page):
    return pytest.param(page, marks=pytest.mark.slow) if page in SLOW else page


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("page", [marked(page) for page in PAGES])
def test_blocks_print_what_is_written(page):
    mpl.use("agg")
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testfile(str(PAGES[page]), module_relative=False, optionflags=options)
    assert result.attempted
    assert not result.failed
