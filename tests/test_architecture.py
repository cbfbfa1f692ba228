"""The rules of the house that a machine can hold."""

import ast
import collections
import pathlib
import shutil
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


def test_a_folder_outside_the_layers_is_refused(tmp_path):
    """The contracts are exhaustive: a new family must be given its place."""
    for name in ("skgen", "setup.cfg"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    stray = tmp_path / "skgen" / "stray"
    stray.mkdir()
    (stray / "__init__.py").write_text('"""A family that no layer lists."""\n')
    lint = pathlib.Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0
    assert "skgen.stray" in result.stdout


def docstring_lines(node):
    first = node.body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return first.end_lineno - first.lineno + 1 if is_text else 0


def is_param(node):
    """Whether a statement of a class body declares a parameter."""
    call = getattr(node, "value", None)
    return isinstance(call, ast.Call) and getattr(call.func, "id", None) == "param"


def lines_of_code(node):
    """Lines of a class without its docstring, those of its methods, and its parameters."""
    lines = node.end_lineno - node.lineno + 1
    functions = [m for m in ast.walk(node) if isinstance(m, ast.FunctionDef)]
    lines -= sum(docstring_lines(part) for part in [node, *functions])
    return lines - sum(m.end_lineno - m.lineno + 1 for m in node.body if is_param(m))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_classes_are_small(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            assert lines_of_code(node) <= 250, node.name


def test_folders_are_small():
    folders = collections.Counter(path.parent for path in FILES if path.name != "__init__.py")
    assert {str(f.relative_to(ROOT)): n for f, n in folders.items() if n > 15} == {}


def test_no_mixin_has_a_single_subclass():
    """A mixin that serves one class hides half of it."""
    bases = collections.Counter(
        base
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for base in {ast.unparse(b).rpartition(".")[2] for b in node.bases}
    )
    mixins = {name for name in bases if name.endswith(("Mixin", "Verbs"))}
    assert {name for name in mixins if bases[name] == 1} <= FROM_SCIKIT_LEARN


# Mixins of scikit-learn are another house's.
FROM_SCIKIT_LEARN = {
    "ClassifierMixin",
    "OutlierMixin",
    "RegressorMixin",
    "TransformerMixin",
    "ClassNamePrefixFeaturesOutMixin",
}


def test_tests_mirror_the_folders():
    """Every folder of tests is one of the package, so that its tests are found by its name."""
    folders = {p.parent.relative_to(ROOT / "tests") for p in (ROOT / "tests").rglob("test_*.py")}
    assert {str(f) for f in folders if not (ROOT / "skgen" / f).is_dir()} == set()


def test_every_file_says_its_job_in_line_one():
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_nothing_is_left_to_do():
    marks = ["TO" + "DO", "FIX" + "ME"]
    for path in EVERYTHING:
        text = path.read_text(encoding="utf-8")
        assert not any(mark in text for mark in marks), path


def sklearn_imports(tree):
    """Dotted names that a file imports from scikit-learn."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.partition(".")[0] == "sklearn")


def unpromised(dotted):
    """Whether scikit-learn may change this without notice; callbacks are still experimental."""
    parts = dotted.split(".")
    return any(part.startswith("_") for part in parts) or parts[:2] == ["sklearn", "callback"]


def test_one_file_knows_what_scikit_learn_does_not_promise():
    homes = {
        str(path.relative_to(ROOT / "skgen"))
        for path in FILES
        if any(map(unpromised, sklearn_imports(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert homes == {"base/sklearn_compat.py"}


@pytest.mark.parametrize(
    "line",
    [
        "import sklearn.utils._param_validation",
        "from sklearn.utils._set_output import get_columns",
        "from sklearn.utils import check_array, _set_output",
        "from sklearn.utils.validation import _num_samples as number",
        "from sklearn import callback",
        "import sklearn.callback as c",
        "def f():\n    from sklearn.callback import FitCallback",
    ],
)
def test_what_is_not_promised_is_recognized(line):
    assert any(map(unpromised, sklearn_imports(ast.parse(line))))


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_import_skgen_loads_nothing_heavy():
    loaded = run("import skgen, sys; print(*sys.modules)").split()
    heavy = {"torch", "numba", "numpy", "scipy", "sklearn"}
    assert not heavy & {name.partition(".")[0] for name in loaded}


@pytest.mark.parametrize(
    "name", ["ProbabilisticPCA", "FactorAnalysis", "ICA", "GenerativePipeline", "GenerativeImputer"]
)
def test_classic_names_load_no_torch(name):
    loaded = run(f"from skgen import {name}; import sys; print(*sys.modules)").split()
    assert "torch" not in loaded
    assert "numba" not in loaded


def test_unknown_names_are_refused():
    import skgen

    with pytest.raises(AttributeError, match="has no attribute 'PCA'; it has"):
        _ = skgen.PCA
    assert set(skgen.__all__) <= set(dir(skgen))
