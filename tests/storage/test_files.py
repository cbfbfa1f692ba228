"""Model files: what they hold, what they refuse, and what becomes of damaged and hostile ones."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from skgen import (
    GAN,
    VAE,
    BernoulliRBM,
    FactorAnalysis,
    FineTunedClassifier,
    ProbabilisticPCA,
    load_model,
    make_generative_pipeline,
    save_model,
)
from skgen.storage import files
from tests.storage.mutations import MUTATIONS, outcomes

save_file = pytest.importorskip("safetensors.numpy").save_file


X, y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def through(model, path):
    save_model(model, path)
    return load_model(path)


STEPS = {
    "standard": StandardScaler(),
    "range": MinMaxScaler(),
    "power": PowerTransformer(),
    "quantile": QuantileTransformer(n_quantiles=20),
    "logarithm": FunctionTransformer(np.log1p, inverse_func=np.expm1),
    "union": make_union(StandardScaler(), ProbabilisticPCA(2)),
    "columns": make_column_transformer(
        (StandardScaler(), [0, 1]), (OneHotEncoder(sparse_output=False), [3])
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_pipelines_of_known_steps(step, path):
    model = make_pipeline(STEPS[step], ProbabilisticPCA(1), LogisticRegression()).fit(X, NAMES)
    twin = through(model, path)
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    assert repr(twin) == repr(model)


def test_a_generative_pipeline_of_a_frame(path):
    frame = pd.DataFrame(X[:, :2], columns=["a", "b"]).assign(kind=pd.Categorical(NAMES))
    columns = make_column_transformer(
        (OrdinalEncoder(), ["kind"]), remainder="passthrough", verbose_feature_names_out=False
    )
    model = make_generative_pipeline(columns, ProbabilisticPCA(2)).set_output(transform="pandas")
    twin = through(model.fit(frame), path)
    np.testing.assert_array_equal(twin.score_samples(frame), model.score_samples(frame))
    pd.testing.assert_frame_equal(twin.sample(5, random_state=0), model.sample(5, random_state=0))


def test_a_classifier_that_holds_other_models(path):
    model = FineTunedClassifier(BernoulliRBM(3, max_iter=2), max_iter=3, random_state=0)
    model = make_pipeline(MinMaxScaler(), model).fit(X, NAMES)
    twin = through(model, path)
    np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))


def test_a_model_that_is_not_fitted(path):
    twin = through(VAE(3, hidden_layer_sizes=(7, 5), random_state=np.random.RandomState(3)), path)
    assert twin.hidden_layer_sizes == (7, 5)
    assert twin.random_state.rand() == np.random.RandomState(3).rand()
    with pytest.raises(NotFittedError):
        twin.transform(X)


def test_training_goes_on_from_a_file(path):
    model = VAE(2, hidden_layer_sizes=(8,), max_iter=3, random_state=0).fit(X)
    twin = through(model, path).set_params(warm_start=True).fit(X)
    assert twin.n_iter_ == 6
    np.testing.assert_array_equal(
        twin.transform(X), model.set_params(warm_start=True).fit(X).transform(X)
    )


class Holder(FactorAnalysis):
    pass


VALUES = [
    np.nan,
    -np.inf,
    2**80,
    "ä\n",
    (1, [2.5, None], {"a": {3, 4}, 5: True}),
    np.float32(0.1),
    np.bool_(True),
    np.arange(6).reshape(2, 3).T,
    np.asfortranarray(np.eye(3, dtype=np.float16)[:2]),
    np.empty((0, 4)),
    np.array("x"),
    np.array([["a", "bcd"]]),
    np.array([1, "a", None], dtype=object),
    np.dtype("float32"),
    np.float64,
    np.log1p,
    slice(None, 3),
    pd.Interval(0.5, 2.0, "left"),
    pd.CategoricalDtype(pd.interval_range(0.0, 3.0, 3), ordered=True),
    csr_matrix(np.eye(3)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_what_an_attribute_may_be(value, path):
    model = FactorAnalysis()
    model.extra_ = value
    found = through(model, path).extra_
    assert type(found) is type(value)
    if isinstance(value, np.ndarray):
        assert found.dtype == value.dtype
        assert found.flags.f_contiguous == value.flags.f_contiguous
        np.testing.assert_array_equal(found, value)
    elif isinstance(value, csr_matrix):
        np.testing.assert_array_equal(found.toarray(), value.toarray())
    else:
        np.testing.assert_equal(found, value)


def test_a_model_of_a_frame_of_polars(path):
    pl = pytest.importorskip("polars", reason="polars is not installed")
    frame = pl.DataFrame(X[:, :2], schema=["a", "b"]).with_columns(
        pl.Series("c", [True, False] * 75),
        pl.Series("d", [1, 2] * 75).cast(pl.Decimal(10, 2)),
    )
    model = ProbabilisticPCA(2).set_output(transform="polars").fit(frame)
    twin = through(model, path)
    assert twin.sample(5, random_state=0).equals(model.sample(5, random_state=0))
    assert twin.sample(5, random_state=0).schema == frame.schema
    model.extra_ = [
        pl.Datetime("ms", "UTC"),
        pl.Enum(["a", "b"]),
        pl.Duration("ns"),
        pl.Categorical(),
    ]
    assert through(model, path).extra_ == model.extra_
    model.extra_ = pl.List(pl.Int64)
    with pytest.raises(TypeError, match="model.extra_ holds an object of polars"):
        save_model(model, path)
    for hostile in ("read_csv", "List", "nowhere"):
        tree = {"object": ANALYSIS, "state": {"x": {"polars": hostile, "settings": None}}}
        with pytest.raises(ValueError, match="polars has no type"):
            load_model(with_tree(tree, path))


def test_random_generators_keep_their_place(path):
    model, rng = FactorAnalysis(), np.random.default_rng(5)
    rng.random(3)
    model.extra_ = rng
    twin = through(model, path)
    assert twin.extra_.random() == rng.random()


def own(n_features, n_codes):
    return None


LOOP = FactorAnalysis()
LOOP.extra_ = [LOOP]
REFUSED = {
    "a function": (GAN(generator=own), "model.generator holds the function own"),
    "a class of one's own": (Holder(), "holds an object of .*Holder"),
    "trees": (
        make_pipeline(RandomForestClassifier(2).fit(X, y)),
        "tree_ holds an object of sklearn.tree._tree.Tree",
    ),
    "a loop": (LOOP, "model.extra_.0. holds itself, by way of model"),
    "a local function": (
        make_pipeline(FunctionTransformer(lambda X: X)),
        "func holds the function <lambda>",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_file_cannot_hold(what, path):
    path.write_bytes(b"an earlier file")
    model, message = REFUSED[what]
    with pytest.raises(TypeError, match=f"{message}.*; keep it as a pickle"):
        save_model(model, path)
    assert path.read_bytes() == b"an earlier file"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_model(path):
    with pytest.raises(TypeError, match="model is a dict, not an estimator"):
        save_model({}, path)


def test_files_that_are_not_there(path, tmp_path):
    with pytest.raises(FileNotFoundError, match="model.safetensors"):
        load_model(path)
    with pytest.raises(OSError, match="none"):
        save_model(FactorAnalysis(), tmp_path / "none" / "model.safetensors")
    save_file({"a": np.eye(2)}, path)
    with pytest.raises(ValueError, match="holds arrays, but no model of skgen; use save_model"):
        load_model(path)


def with_tree(tree, path, arrays=None, **facts):
    """A file whose digest is right, whoever wrote it."""
    arrays = arrays or {}
    facts = {"format": "1", "skgen": "0.2.0", "model": json.dumps(tree), **facts}
    save_file(arrays, path, metadata=facts | {"digest": files._digest(facts, arrays)})
    return path


def test_a_later_format(path):
    with pytest.raises(ValueError, match=r"format 7, which skgen 3.1 wrote.*update skgen"):
        load_model(with_tree(None, path, format="7", skgen="3.1"))


ANALYSIS = "skgen.linear.factor_analysis.FactorAnalysis"
HOSTILE = [
    {"object": "os.system", "state": {}},
    {"object": "builtins.eval", "state": {}},
    {"object": "subprocess.Popen", "state": {}},
    {"object": "sklearn.datasets.load_files", "state": {}},
    {"object": "sklearn.utils._joblib.joblib", "state": {}},
    {"object": "skgen.callbacks.checkpoint.Checkpoint", "state": {"path": "x"}},
    {"object": "skgen.base.run.os", "state": {}},
    {"object": "skgen.linear.factor_analysis.np", "state": {}},
    {"object": "skgen..FactorAnalysis", "state": {}},
    {"object": ANALYSIS, "state": {"x": {"ufunc": "load"}}},
    {"object": ANALYSIS, "state": {"x": {"type": "os.system"}}},
    {"object": ANALYSIS, "state": {"x": {"sparse": "lil_matrix", "parts": [], "shape": [1]}}},
    {"object": ANALYSIS, "state": {"x": {"generator": "default_rng", "state": None}}},
    {"object": ANALYSIS, "state": {"x": {"array": "nowhere"}}},
    {"object": ANALYSIS, "state": {"x": {"pickle": "gASV"}}},
    {"object": ANALYSIS, "state": {"x": [1, 2]}},
    {"object": ANALYSIS, "state": 3},
    {"object": 3, "state": {}},
    {"fields": ANALYSIS, "values": []},
    {"dict": [[1, 2]], "kind": "dict"},
    {},
    None,
    "text",
]


@pytest.mark.parametrize("tree", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_execute_nothing(tree, path):
    with pytest.raises(ValueError, match="model.safetensors' (cannot be opened|holds a)"):
        load_model(with_tree(tree, path))


def test_deep_trees_end(path):
    text = '{"list": [' * 100_000 + "]}" * 100_000
    facts = {"format": "1", "model": text}
    save_file({}, path, metadata=facts | {"digest": files._digest(facts, {})})
    with pytest.raises(ValueError, match="cannot be opened"):
        load_model(path)


def test_opening_a_file_calls_no_function_that_it_names(path):
    """In a process of its own, in which every new import and call is seen."""
    save_model(ProbabilisticPCA(2).fit(X), path)
    code = (
        "import sys; import skgen, skgen.storage, skgen.linear.ppca, safetensors.numpy\n"
        "seen = []\n"
        "sys.addaudithook(lambda name, args: seen.append(name))\n"
        f"skgen.load_model({str(path)!r})\n"
        "bad = {'exec', 'compile', 'os.system', 'subprocess.Popen', 'pickle.find_class'}\n"
        "assert not bad & set(seen), bad & set(seen)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    file = tmp_path_factory.mktemp("files") / "model"
    save_model(VAE(2, hidden_layer_sizes=(5,), max_iter=2, random_state=0).fit(X), file)
    return file.read_bytes()


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutated_files_are_refused_or_read_right(mutation, content, path):
    path.write_bytes(content)
    found = outcomes(mutation, path, X, n_files=200)
    assert found["violations"] == 0
    assert found["refused"] >= 190


@pytest.mark.parametrize("seed", range(2))
def test_values_that_fit_no_model_are_refused_or_taken(seed, content, path):
    """Parts of the tree change places under a right digest: a model or a ValueError comes."""
    path.write_bytes(content)
    facts, arrays = files._read(str(path))
    tree, rng = json.loads(facts["model"]), np.random.default_rng(seed)
    outcomes = {"refused": 0, "taken": 0}
    for _ in range(150):
        changed = json.loads(facts["model"])
        nodes = list(_nodes(changed))
        (holder, key), (_, other) = (nodes[i] for i in rng.integers(len(nodes), size=2))
        donors = [None, -1, 1e300, "", {"list": []}, tree, tree["state"], other]
        holder[key] = donors[rng.integers(len(donors))]
        with_tree(changed, path, arrays)
        try:
            load_model(path)
            outcomes["taken"] += 1
        except ValueError:
            outcomes["refused"] += 1
    assert outcomes["refused"] > 20, outcomes


def _nodes(tree):
    pairs = enumerate(tree) if isinstance(tree, list) else tree.items()
    for key, value in pairs:
        yield tree, key
        if isinstance(value, (list, dict)):
            yield from _nodes(value)


FOLDER = Path(__file__).parent / "earlier"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
@pytest.mark.parametrize("name", [file.stem for file in sorted(FOLDER.glob("*.safetensors"))])
def test_files_of_each_release_open(name):
    model = load_model(FOLDER / f"{name}.safetensors")
    expected = json.loads((FOLDER / "scores.json").read_text())[name]
    assert model.score(X) == pytest.approx(expected, abs=1e-6)


def test_there_are_files_of_releases():
    assert list(FOLDER.glob("*.safetensors"))


def test_without_the_package_the_remedy_is_named(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match="pip install safetensors"):
        save_model(FactorAnalysis(), path)
