"""What the README promises: its example runs, and every public name is in its table and the API."""

import pathlib
import re

import pytest

import skgen

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

ESTIMATORS = [n for n in skgen.__all__ if hasattr(getattr(skgen, n), "fit")]


def test_example_runs(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    names = {}
    exec(compile(block, "README.md", "exec"), names)
    assert names["new_digits"].shape == (5, 64)
    assert "n_components" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["plot_quickstart.py", "-m pytest"])
def test_commands_install_with_constraints(command):
    (line,) = [line for line in README.splitlines() if line.endswith(command)]
    assert line.startswith("python -m pip install -e ")
    assert " -c .ci/constraints.txt && python " in line


@pytest.mark.parametrize("name", ESTIMATORS)
def test_public_classes_are_in_the_table(name):
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("name", skgen.__all__)
def test_public_names_are_in_the_api_page(name):
    assert f"   {name}\n" in (ROOT / "doc" / "api.rst").read_text(encoding="utf-8")
