"""The rules of the house that a machine can hold."""

import ast
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
FILES = sorted((ROOT / "skgen").rglob("*.py"))
EVERYTHING = [
    f for part in ("skgen", "tests", "benchmarks", "doc") for f in (ROOT / part).rglob("*.py")
]


def test_import_contracts():
    lint = pathlib.Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_classes_are_small(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
            assert len(methods) <= 15, node.name


def test_every_file_says_its_job_in_line_one():
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_nothing_is_left_to_do():
    marks = ["TO" + "DO", "FIX" + "ME"]
    for path in EVERYTHING:
        text = path.read_text(encoding="utf-8")
        assert not any(mark in text for mark in marks), path


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_import_skgen_loads_nothing_heavy():
    loaded = run("import skgen, sys; print(*sys.modules)").split()
    heavy = {"torch", "numba", "numpy", "scipy", "sklearn"}
    assert not heavy & {name.partition(".")[0] for name in loaded}


@pytest.mark.parametrize("name", ["ProbabilisticPCA", "FactorAnalysis", "GenerativePipeline"])
def test_classic_names_load_no_torch(name):
    loaded = run(f"from skgen import {name}; import sys; print(*sys.modules)").split()
    assert "torch" not in loaded
    assert "numba" not in loaded


def test_unknown_names_are_refused():
    import skgen

    with pytest.raises(AttributeError, match="has no attribute 'PCA'; it has"):
        _ = skgen.PCA
    assert set(skgen.__all__) <= set(dir(skgen))
