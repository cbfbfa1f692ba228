"""Pages of the documentation: code that fits their width, pictures, and examples that exist."""

import inspect
import re
from pathlib import Path

import pytest

import skgen
from skgen import inspection, metrics

DOC = Path(__file__).parents[1] / "doc"
GUIDE = sorted((DOC / "user_guide").glob("*.rst"))
PUBLIC = [
    value
    for module in (skgen, inspection, metrics)
    for name in module.__all__
    if callable(value := getattr(module, name))
]
COLUMNS = 92  # of code on an API page in a window of 1280 pixels
LITERAL = re.compile(
    r"^(?P<indent> *)(?:\.\. code-block:: \w+|(?!\.\. ).*::)\n(?P<block>(?:\n|(?P=indent) +.*\n)+)",
    re.MULTILINE,
)


def code(text):
    """Return the lines of literal blocks and doctests, without the indent of their block."""
    blocks = [inspect.cleandoc("\n" + match["block"]) for match in LITERAL.finditer(text + "\n")]
    prompts = re.findall(r"^ *((?:>>>|\.\.\.) .*)$", text, re.MULTILINE)
    return [line for block in blocks for line in block.split("\n")] + prompts


def too_long(text):
    return [line for line in code(text) if len(line) > COLUMNS]


def test_long_lines_of_code_are_found_and_prose_is_not():
    long = "x" * (COLUMNS + 1)
    block, prompt = f".. code-block:: python\n\n   {long}", f">>> {long}"
    text = f"prose {long}::\n\n    {long}\n\n{long}\n\n{prompt}\n\n{block}\n"
    assert too_long(text) == [long, long, prompt]


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_code_of_the_guide_is_not_cut(path):
    assert too_long(path.read_text()) == []


@pytest.mark.parametrize("public", PUBLIC, ids=lambda public: public.__name__)
def test_code_of_the_api_pages_is_not_cut(public):
    methods = [value for name, value in vars(public).items() if not name.startswith("_")]
    for documented in [public, *(value for value in methods if callable(value))]:
        assert too_long(inspect.getdoc(documented) or "") == []


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_every_page_of_the_guide_has_a_picture(path):
    assert re.search(r"^\.\. picture:: ", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_pages_name_examples_that_exist(path):
    """A ``minigallery`` looks below ``doc``, and shows nothing for a path that leads nowhere."""
    text = path.read_text()
    assert ".. minigallery::" in text or path.stem in {"index", "choose"}
    for pattern in re.findall(r"^ +(\S+\.py)$", text, re.MULTILINE):
        assert list(DOC.glob(pattern)), pattern
