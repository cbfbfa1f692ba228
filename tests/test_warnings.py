"""Every warning points at the line of whoever called an estimator, wherever it arises."""

import ast
import doctest
import importlib
import inspect
import pathlib
import re
import sys
import tempfile
import types
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Thread

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning, InconsistentVersionWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

import skgen
from skgen import (
    GAN,
    ICA,
    VAE,
    Autoencoder,
    BernoulliRBM,
    BoltzmannMachine,
    Checkpoint,
    ConvolutionalRBM,
    DeepBeliefNetwork,
    DeepBoltzmannMachine,
    DenoisingAE,
    FactorAnalysis,
    FineTunedClassifier,
    FullyVisibleBeliefNetwork,
    GaussianBernoulliRBM,
    GenerativeImputer,
    MixtureOfFactorAnalyzers,
    PixelCNN,
    PredictiveSparseDecomposition,
    ProbabilisticPCA,
    SigmoidBeliefNetwork,
    SlowFeatureAnalysis,
    SparseCoder,
    make_generative_pipeline,
)
from skgen.exceptions import (
    CheckpointWarning,
    DataRangeWarning,
    HeywoodWarning,
    IdentificationWarning,
    MeasureWarning,
)

PACKAGE = pathlib.Path(skgen.__file__).parent
X = np.random.default_rng(0).standard_normal((30, 4))
HOLES = np.where(np.random.default_rng(1).random(X.shape) < 0.2, np.nan, X)
BITS = (X > 0).astype(float)
WIDE_BITS = 0.5 * X.clip(-1, 2)
SMALL_NET = {"n_components": 2, "hidden_layer_sizes": (4,), "max_iter": 1}
SMALL_MACHINE = {"hidden_layer_sizes": (2, 2), "max_iter": 1}

PROVOCATIONS = {}


def provokes(category):
    """Register a function that calls an estimator until it warns."""

    def register(function):
        PROVOCATIONS[function] = category
        return function

    return register


def with_correlations(*rows):
    """Data that have these correlations to the last digit."""
    noise = np.random.default_rng(0).standard_normal((50, len(rows)))
    noise -= noise.mean(axis=0)
    white = np.linalg.solve(np.linalg.cholesky(noise.T @ noise / 50), noise.T).T
    return white @ np.linalg.cholesky(np.array(rows)).T


@provokes(InconsistentVersionWarning)
def state_of_another_version():
    model = ProbabilisticPCA(1)
    model.__setstate__({**model.__getstate__(), "_skgen_version": "0.0.1"})


@provokes(CheckpointWarning)
def damaged_checkpoint():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model"
        VAE(**SMALL_NET).set_params(max_iter=2).set_callbacks(Checkpoint(path)).fit(X)
        path.write_bytes(b"")
        Checkpoint.resume(path)


@provokes(ConvergenceWarning)
def ppca_fit():
    ProbabilisticPCA(1, max_iter=1, tol=0).fit(HOLES)


@provokes(ConvergenceWarning)
def factor_analysis_fit():
    FactorAnalysis(1, max_iter=1, tol=0).fit(X)


@provokes(ConvergenceWarning)
def factor_analysis_fit_wide():
    FactorAnalysis(1, max_iter=1, tol=0).fit(X[:3])


@provokes(ConvergenceWarning)
def factor_analysis_fit_incomplete():
    FactorAnalysis(1, max_iter=1, tol=0).fit(HOLES)


@provokes(ConvergenceWarning)
def factor_analysis_partial_fit():
    FactorAnalysis(1, max_iter=1, tol=0).partial_fit(X)


@provokes(HeywoodWarning)
def heywood_fit():
    FactorAnalysis(1).fit(with_correlations([1, 0.8, 0.7], [0.8, 1, 0.3], [0.7, 0.3, 1]))


@provokes(HeywoodWarning)
def heywood_partial_fit():
    FactorAnalysis(2).partial_fit(np.column_stack([X, X[:, 0]]))


@provokes(HeywoodWarning)
def ppca_floor_fit():
    ProbabilisticPCA(2).fit(X[:, :1] * [1.0, 2.0, 3.0, 4.0])


@provokes(HeywoodWarning)
def ppca_floor_partial_fit():
    ProbabilisticPCA(2).partial_fit(X[:, :1] * [1.0, 2.0, 3.0, 4.0])


@provokes(HeywoodWarning)
def pipeline_of_categories_that_copy_others():
    strings = np.array([["a", "a"], ["b", "b"], ["c", "c"]] * 10)
    make_generative_pipeline(OneHotEncoder(), ProbabilisticPCA(3)).fit(strings)


@provokes(ConvergenceWarning)
def ica_fit():
    ICA(None, max_iter=1, tol=0).fit(X)


@provokes(HeywoodWarning)
def ica_fit_of_copies():
    ICA(None, tol=1.0).fit(np.column_stack([X, X[:, 0]]))


@provokes(HeywoodWarning)
def ica_partial_fit_of_copies():
    ICA(None, tol=1.0).partial_fit(np.column_stack([X, X[:, 0]]))


@provokes(UserWarning)
def imputer_of_an_empty_column():
    GenerativeImputer(ProbabilisticPCA(1)).fit(np.column_stack([HOLES, np.full(len(X), np.nan)]))


@provokes(ConvergenceWarning)
def mixture_that_max_iter_ends():
    MixtureOfFactorAnalyzers(2, 1, prior_weight=0, max_iter=1, tol=0).fit(X)


@provokes(UserWarning)
def slow_features_of_few_directions():
    SlowFeatureAnalysis(3).fit(X[:, :2] @ np.ones((2, 4)))


@provokes(IdentificationWarning)
def factor_analysis_identification():
    FactorAnalysis(2, tol=1.0).fit(X)


@provokes(ConvergenceWarning)
def sparse_coder_epochs():
    SparseCoder(3, alpha=0.1, max_iter=1).fit(X)


def rough_coder():
    atoms = np.random.default_rng(0).standard_normal((3, 4))
    return SparseCoder(
        dictionary=atoms, alpha=0.1, algorithm="ista", code_max_iter=1, code_tol=1e-9
    )


@provokes(ConvergenceWarning)
def codes_fit():
    rough_coder().fit(X)


@provokes(ConvergenceWarning)
def codes_transform():
    rough_coder().partial_fit(X).transform(X)


@provokes(ConvergenceWarning)
def codes_fit_transform():
    rough_coder().fit_transform(X)


@provokes(ConvergenceWarning)
def codes_score():
    rough_coder().partial_fit(X).score(X)


@provokes(ConvergenceWarning)
def codes_score_samples():
    rough_coder().partial_fit(X).score_samples(X)


@provokes(DataRangeWarning)
def vae_range():
    VAE(likelihood="bernoulli", **SMALL_NET).fit(WIDE_BITS)


@provokes(DataRangeWarning)
def vae_range_partial_fit():
    VAE(likelihood="bernoulli", **SMALL_NET).partial_fit(WIDE_BITS)


@provokes(ConvergenceWarning)
def vae_with_dead_codes():
    options = {"learning_rate": 0.02, "max_iter": 100, "random_state": 0}
    VAE(1, hidden_layer_sizes=(), beta=4.0, **options).fit(X[:, :2])


@provokes(ConvergenceWarning)
def vae_that_diverged():
    options = {"learning_rate": 3.0, "learning_rate_schedule": "constant", "random_state": 0}
    VAE(2, hidden_layer_sizes=(64,), max_iter=20, **options).fit(BITS)


@provokes(DataRangeWarning)
def autoencoder_range():
    Autoencoder(loss="cross_entropy", n_mixture_components=1, **SMALL_NET).fit(WIDE_BITS)


@provokes(ConvergenceWarning)
def autoencoder_diverges():
    DenoisingAE(2, learning_rate=30.0, max_iter=5, random_state=0).fit(X)


@provokes(DataRangeWarning)
def rows_that_stray_from_the_range():
    Autoencoder(**SMALL_NET).fit(BITS).transform(WIDE_BITS)


@provokes(DataRangeWarning)
def rows_that_widen_the_range():
    VAE(**SMALL_NET).partial_fit(BITS).partial_fit(WIDE_BITS)


@provokes(DataRangeWarning)
def rows_that_outgrow_the_scales():
    VAE(**SMALL_NET).partial_fit(X).partial_fit(100 * X)


@provokes(DataRangeWarning)
def a_value_off_the_grid():
    cells = np.arange(40.0).reshape(20, 2)
    model = FullyVisibleBeliefNetwork(hidden_layer_sizes=(4,), max_iter=1).fit(cells)
    model.score_samples(cells + 0.5)


@provokes(DataRangeWarning)
def a_pixel_off_the_levels():
    PixelCNN(2, n_layers=1, max_iter=1).fit(BITS).score_samples(BITS + 0.5)


@provokes(DataRangeWarning)
def rbm_range():
    BernoulliRBM(2, max_iter=1).fit(X)


@provokes(DataRangeWarning)
def convolutional_rbm_range():
    ConvolutionalRBM(2, visible="binary", max_iter=1).fit(X)


@provokes(ConvergenceWarning)
def convolutional_rbm_learns_nothing():
    ConvolutionalRBM(1, init_scale=0.0, visible="gaussian", max_iter=500, random_state=0).fit(X)


@provokes(DataRangeWarning)
def rbm_range_partial_fit():
    BernoulliRBM(2, max_iter=1).partial_fit(X)


@provokes(ConvergenceWarning)
def gaussian_rbm_learns_nothing():
    GaussianBernoulliRBM(1, init_scale=0.0, n_gibbs_steps=1, max_iter=500, random_state=0).fit(
        X[:, :2]
    )


@provokes(ConvergenceWarning)
def belief_network_learns_nothing():
    DeepBeliefNetwork((2, 2), init_scale=0.0, n_gibbs_steps=1, max_iter=500, random_state=0).fit(X)


@provokes(ConvergenceWarning)
def boltzmann_machine_learns_nothing():
    DeepBoltzmannMachine((1,), n_gibbs_steps=1, max_iter=500, random_state=0).fit(BITS[:, :1])


@provokes(ConvergenceWarning)
def directed_network_learns_nothing():
    SigmoidBeliefNetwork((1,), weight_decay=30.0, max_iter=500, random_state=0).fit(BITS[:, :1])


@provokes(DataRangeWarning)
def directed_network_range():
    SigmoidBeliefNetwork((2,), max_iter=1).fit(X)


@provokes(DataRangeWarning)
def dbn_range():
    DeepBeliefNetwork(visible="binary", **SMALL_MACHINE).fit(X)


@provokes(ConvergenceWarning)
def pairwise_machine_that_max_iter_ends():
    BoltzmannMachine(max_iter=1, alpha=0.0).fit(BITS)


@provokes(DataRangeWarning)
def pairwise_machine_range():
    BoltzmannMachine().fit(X)


@provokes(DataRangeWarning)
def dbm_range():
    DeepBoltzmannMachine(**SMALL_MACHINE).fit(X)


@provokes(DataRangeWarning)
def range_below_a_classifier():
    FineTunedClassifier(BernoulliRBM(2, max_iter=1), max_iter=1).fit(X, np.arange(30) % 2)


@provokes(DataRangeWarning)
def sparse_codes_without_an_entry():
    SparseCoder(2, alpha=1e6).fit(X)


@provokes(DataRangeWarning)
def predicted_codes_without_an_entry():
    PredictiveSparseDecomposition(2, alpha=1e6, max_iter=1).fit(X)


@provokes(MeasureWarning)
def search_over_two_measures():
    model = VAE(**SMALL_NET, random_state=0)
    pipeline = make_generative_pipeline(StandardScaler(), model)
    steps = {"standardscaler": [StandardScaler(), MinMaxScaler()]}
    GridSearchCV(pipeline, steps, cv=2).fit(np.round(abs(X) > 0.5) * 3)


@provokes(ConvergenceWarning)
def gan_coverage():
    corners = np.repeat(100 * np.eye(8), 20, axis=0)
    GAN(**SMALL_NET, random_state=0).fit(corners + np.random.default_rng(0).random((160, 8)))


@provokes(ConvergenceWarning)
def inside_a_pipeline():
    make_pipeline(StandardScaler(), FactorAnalysis(1, max_iter=1, tol=0)).fit(X)


@provokes(ConvergenceWarning)
def inside_a_generative_pipeline():
    make_generative_pipeline(StandardScaler(), FactorAnalysis(1, max_iter=1, tol=0)).fit(X)


@provokes(ConvergenceWarning)
def score_of_a_generative_pipeline():
    make_generative_pipeline(StandardScaler(), rough_coder()).fit(X).score(X)


@provokes(ConvergenceWarning)
def inside_a_grid_search():
    GridSearchCV(FactorAnalysis(1, max_iter=1), {"tol": [0.0, 1e-9]}, cv=2).fit(X)


@provokes(ConvergenceWarning)
def inside_cross_validation():
    cross_val_score(FactorAnalysis(1, max_iter=1, tol=0), X, cv=2)


@provokes(ConvergenceWarning)
def inside_a_worker_thread():
    def work():
        FactorAnalysis(1, max_iter=1, tol=0).fit(X)

    thread = Thread(target=work)
    thread.start()
    thread.join()


@provokes(ConvergenceWarning)
def inside_a_subclass_of_mine():
    class Mine(FactorAnalysis):
        def fit(self, X, y=None):
            return super().fit(X)

    Mine(1, max_iter=1, tol=0).fit(X)


@cache
def observed(provocation):
    """Warnings that a provocation meets, and the lines of the package that gave them."""
    module, lines = importlib.import_module("skgen.base.warn"), set()

    def watched_warn(message, category, stacklevel):
        frame = sys._getframe(2)
        while frame is not None:
            lines.add((pathlib.Path(frame.f_code.co_filename), frame.f_lineno))
            frame = frame.f_back
        warnings.warn(message, category, stacklevel=stacklevel + 1)

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        patch.setattr(module, "warnings", types.SimpleNamespace(warn=watched_warn))
        provocation()
    return caught, lines


@pytest.mark.parametrize("provocation", PROVOCATIONS, ids=lambda f: f.__name__)
def test_points_at_the_line_of_the_caller(provocation):
    caught, _ = observed(provocation)
    assert any(issubclass(w.category, PROVOCATIONS[provocation]) for w in caught)
    source, first = inspect.getsourcelines(provocation)
    for warning in caught:
        assert warning.filename == __file__, warning
        assert first <= warning.lineno < first + len(source), warning


@pytest.mark.parametrize("provocation", PROVOCATIONS, ids=lambda f: f.__name__)
def test_counts_are_in_agreement_with_their_nouns(provocation):
    for warning in observed(provocation)[0]:
        assert not re.search(r"\b1 (\w+ )?\w+[^s\W]s\b", str(warning.message)), warning


def calls_of_warn():
    """Places in the package that call ``warn`` or a function named ``warn_...``."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == PACKAGE / "base" / "warn.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func).rpartition(".")[2]
                if called == "warn" or called.startswith("warn_"):
                    yield path, node


def test_every_warning_of_the_package_is_provoked():
    lines = set().union(*(observed(provocation)[1] for provocation in PROVOCATIONS))
    places = list(calls_of_warn())
    assert len(places) >= 14
    silent = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, node in places
        if not any((path, line) in lines for line in range(node.lineno, node.end_lineno + 1))
    ]
    assert not silent, f"add provocations of {silent}"


def test_warnings_are_given_in_one_place_alone():
    for path in PACKAGE.rglob("*.py"):
        if path != PACKAGE / "base" / "warn.py":
            assert "warnings.warn" not in path.read_text(encoding="utf-8"), path


STATEMENT = "model.fit(X)"


def warned(run):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    assert caught
    return caught[0]


def names():
    return {"model": FactorAnalysis(1, max_iter=1, tol=0), "X": X}


@pytest.mark.parametrize(
    "module",
    [
        {"__name__": "__main__"},
        {"__name__": "skgen_extras"},
        {"__name__": "skgen_extras.models"},
        {"__name__": "sklearn_extra"},
        {},
    ],
    ids=str,
)
def test_code_of_others_is_not_taken_for_the_package(module):
    code = compile("\n\n" + STATEMENT, "theirs.py", "exec")
    warning = warned(lambda: exec(code, names() | module))
    assert (warning.filename, warning.lineno) == ("theirs.py", 3)


def test_points_at_the_example_of_a_doctest():
    example = doctest.DocTestParser().get_doctest(
        f">>> _ = {STATEMENT}", names() | {"__name__": "__main__"}, "example", None, 0
    )
    runner = doctest.DocTestRunner()
    assert warned(lambda: runner.run(example)).filename == "<doctest example[0]>"
    assert not runner.failures


def test_a_thread_without_a_line_of_the_caller_warns_all_the_same():
    with ThreadPoolExecutor(1) as pool:
        warning = warned(lambda: pool.submit(names()["model"].fit, X).result())
    assert PACKAGE not in pathlib.Path(warning.filename).parents
