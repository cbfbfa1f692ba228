"""What the README promises: its snippets run, and its table of models says what the classes do."""

import pathlib
import re
import warnings

import numpy as np
import pytest

import skgen
from tests.instances import instances

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

ESTIMATORS = [n for n in skgen.__all__ if hasattr(getattr(skgen, n), "fit")]
# The density of what is made of other models, and what it does with missing values, are theirs.
MODELS = [n for n in ESTIMATORS if n not in ("GenerativePipeline", "OutlierDetector")]
COLUMNS = ("paper", "year", "density", "missing values", "streams")
DENSITIES = {"exact": "exact", "ais": "estimated", "lower_bound": "bound", "error": "none"}


def row_of(name):
    """The cells of a class in the table of models, by column."""
    (cells,) = re.findall(rf"^\| `{name}` \| (.*) \|$", README, flags=re.MULTILINE)
    return dict(zip(COLUMNS, cells.split(" | "), strict=True))


def instance_of(name):
    return next(e for e in instances() if type(e).__name__ == name)


def test_snippets_run(capsys):
    names = {}
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    assert names["new_digits"].shape == (5, 64)
    assert "n_components" in capsys.readouterr().out
    assert np.isfinite(names["filled"]).all()
    assert np.isfinite(names["best"].cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("command", ["plot_quickstart.py", "-m pytest"])
def test_commands_install_with_constraints(command):
    (line,) = [line for line in README.splitlines() if line.endswith(command)]
    assert line.startswith("python -m pip install -e ")
    assert " -c .ci/constraints.txt && python " in line


def test_picture_is_there_and_small():
    (path,) = re.findall(r"^!\[.*\]\((.*)\)$", README, flags=re.MULTILINE)
    assert 0 < (ROOT / path).stat().st_size < 150_000


def test_table_lists_the_estimators():
    listed = re.findall(r"^\| `(\w+)` \|", README, flags=re.MULTILINE)
    assert sorted(listed) == sorted(ESTIMATORS)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_streams_is_partial_fit(name):
    expected = "yes" if hasattr(instance_of(name), "partial_fit") else "-"
    assert row_of(name)["streams"] == expected


@pytest.mark.parametrize("name", MODELS)
def test_missing_values_are_those_of_the_class(name):
    model, cell = instance_of(name), row_of(name)["missing values"]
    assert ("impute" in cell) == hasattr(model, "impute")
    assert ("fit" in cell) == model.__sklearn_tags__().input_tags.allow_nan


@pytest.mark.parametrize("name", MODELS)
def test_density_is_that_of_the_class(name):
    rng = np.random.default_rng(0)
    X, y = (rng.random((40, 4)) < 0.5).astype(float), np.arange(40) % 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = instance_of(name).fit(X, y)
    kind = getattr(model, "likelihood_kind_", "error")
    assert DENSITIES[kind] in row_of(name)["density"].replace(",", "").split()


@pytest.mark.parametrize("name", skgen.__all__)
def test_public_names_are_in_the_api_page(name):
    assert f"   {name}\n" in (ROOT / "doc" / "api.rst").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_are_in_the_page_of_the_lectures(name):
    assert f":class:`{name}`" in (ROOT / "doc" / "lectures.rst").read_text(encoding="utf-8")
