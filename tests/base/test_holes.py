"""NaN given to a model that cannot take it: the message names what can."""

import numpy as np
import pytest

from skgen import ProbabilisticPCA
from skgen.testing import announced, labels, toy
from tests.instances import having, label

MODELS = [m for m in having("fit") if not getattr(m, "_accepts_nan", True)]


@pytest.fixture
def gaps():
    X = toy()
    X[3, 2] = np.nan
    return X


@pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("model", MODELS, ids=label)
def test_the_message_names_what_takes_holes(model, gaps):
    message = "contains NaN.*\n.*ProbabilisticPCA and FactorAnalysis are fitted to rows with NaN"
    with pytest.raises(ValueError, match=message):
        model.fit(gaps, labels())
    if hasattr(model, "partial_fit"):
        with pytest.raises(ValueError, match=message):
            model.partial_fit(gaps, labels(), **announced(model))
    fitted = model.fit(toy(), labels())
    message += ".* fills new rows by impute" if hasattr(model, "impute") else ""
    for verb in ("transform", "predict", "score_samples"):
        if hasattr(fitted, verb):
            with pytest.raises(ValueError, match=message):
                getattr(fitted, verb)(gaps)


def test_the_remedy_works(gaps):
    assert np.isfinite(ProbabilisticPCA().fit(gaps).impute(gaps)).all()


def test_a_stream_with_holes_is_told_too(tmp_path, gaps):
    X = np.memmap(tmp_path / "X", dtype=gaps.dtype, mode="w+", shape=gaps.shape)
    X[:] = gaps
    model = next(m for m in MODELS if type(m).__name__ == "VAE" and not m.use_labels)
    with pytest.raises(ValueError, match="ProbabilisticPCA"):
        model.fit(X)


def test_other_errors_are_left_alone():
    with pytest.raises(ValueError, match="infinity") as error:
        MODELS[0].fit(np.full((5, 2), np.inf))
    assert "impute" not in str(error.value)
