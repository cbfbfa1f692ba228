"""scikit-learn's own tests run against skgen, and what does not pass is listed with its reason."""

import inspect
import json

import numpy as np
import pytest
import sklearn.decomposition
import sklearn.linear_model

from benchmarks.compatibility import page
from benchmarks.compatibility.adapter import NotOfferedError
from benchmarks.compatibility.linear import PCA, IncrementalPCA
from benchmarks.compatibility.outcomes import Difference, judge, load_differences, run
from benchmarks.compatibility.session import Replacement
from benchmarks.compatibility.sparse import DictionaryLearning, SparseCoder
from benchmarks.compatibility.suites import SUITES

DIFFERENCES = load_differences()
RECORD = json.loads(page.RECORD.read_text())


def of_the_record():
    """Whether the tests that are installed are those of the list: they change with scikit-learn."""
    recorded = RECORD["versions"]["scikit-learn"]
    return sklearn.__version__.split(".")[:2] == recorded.split(".")[:2]


@pytest.mark.skipif(not of_the_record(), reason="another scikit-learn has other tests")
def test_a_few_tests_of_each_suite_pass_or_are_explained():
    outcomes = run(list(SUITES), quick=True)
    for name, tests in outcomes.items():
        verdict = judge(name, tests, DIFFERENCES)
        assert verdict.counts["counted"] >= len(SUITES[name].quick), name
        assert not verdict.unexplained, name
    assert sum(judge(n, t, DIFFERENCES).counts["passed"] for n, t in outcomes.items()) >= 15


@pytest.mark.parametrize("suite", SUITES)
def test_the_record_has_every_suite(suite):
    (row,) = [row for row in RECORD["rows"] if row["contender"] == suite]
    counts = {name: values[0] for name, values in row["objectives"].items()}
    kinds = counts["passed"] + counts["on purpose"] + counts["not offered"] + counts["wrong"]
    assert kinds == counts["counted"] > 0


def test_the_page_is_not_stale():
    assert page.written() == page.PAGE.read_text(), "run python -m benchmarks.compatibility --page"


def test_reasons_are_sentences_and_given_once():
    keys = [(d.suite, d.test, d.cases, d.error) for d in DIFFERENCES]
    assert len(set(keys)) == len(keys)
    for difference in DIFFERENCES:
        assert difference.reason[0].isupper() or difference.reason[0] == "`", difference
        assert difference.reason.endswith("."), difference
        assert difference.error, difference


def test_another_failure_does_not_hide_behind_a_reason():
    known = Difference("PCA", "test_a", "on purpose", "DID NOT RAISE", "Why.", cases="^full")
    outcomes = {
        "test_a[full-1]": {"outcome": "failed", "error": "Failed: DID NOT RAISE ValueError"},
        "test_a[full-2]": {"outcome": "failed", "error": "AssertionError: 1 == 2"},
        "test_a[arpack-1]": {"outcome": "failed", "error": "Failed: DID NOT RAISE ValueError"},
        "test_ab": {"outcome": "failed", "error": "Failed: DID NOT RAISE ValueError"},
        "test_b": {"outcome": "passed"},
        "test_c": {"outcome": "elsewhere"},
        "test_d": {"outcome": "skipped"},
    }
    verdict = judge("PCA", outcomes, [known])
    assert verdict.counts == {
        "counted": 5,
        "passed": 1,
        "on purpose": 1,
        "not offered": 0,
        "wrong": 3,
    }
    assert [test for test, _ in verdict.unexplained] == [
        "test_a[full-2]",
        "test_a[arpack-1]",
        "test_ab",
    ]
    assert not verdict.stale
    assert judge("PCA", {"test_b": {"outcome": "passed"}}, [known]).stale == [known]


def test_scikit_learn_has_its_own_estimators_back():
    theirs = sklearn.decomposition.PCA
    replacement = Replacement(SUITES["PCA"])
    with replacement.adapters():
        assert sklearn.decomposition.PCA is PCA
    assert sklearn.decomposition.PCA is theirs


def test_an_adapter_has_the_signature_it_stands_for():
    theirs = inspect.signature(sklearn.decomposition.PCA)
    assert inspect.signature(PCA) == theirs
    adapter = PCA(2, whiten=True)
    assert adapter.get_params() == sklearn.decomposition.PCA(2, whiten=True).get_params()


def test_axes_and_scores_are_those_of_pca(rng):
    X = rng.standard_normal((40, 5)) * [5, 4, 3, 2, 1]
    for whiten in (False, True):
        ours = PCA(3, whiten=whiten).fit(X)
        theirs = sklearn.decomposition.PCA(3, whiten=whiten).fit(X)
        for name in ("components_", "explained_variance_", "singular_values_", "noise_variance_"):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)
        np.testing.assert_allclose(ours.transform(X), theirs.transform(X), atol=1e-9)
        Z = theirs.transform(X)
        np.testing.assert_allclose(ours.inverse_transform(Z), theirs.inverse_transform(Z))


def test_batches_end_at_the_axes_of_all_rows(rng):
    X = rng.standard_normal((40, 5)) * [5, 4, 3, 2, 1]
    ours = IncrementalPCA(2, batch_size=7).fit(X)
    assert ours.n_samples_seen_ == 40
    np.testing.assert_allclose(ours.components_, PCA(2).fit(X).components_, atol=1e-9)


def test_what_skgen_does_not_have_is_refused(rng):
    X = rng.standard_normal((10, 4))
    with pytest.raises(NotOfferedError, match="threshold"):
        SparseCoder(X[:3], transform_algorithm="threshold").fit(X)
    with pytest.raises(NotOfferedError, match="callback"):
        DictionaryLearning(2, callback=print).fit(X)
