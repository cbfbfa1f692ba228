"""Models that version 0.1 saved load, and give what they gave."""

import lzma
import pathlib
import pickle
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.exceptions import InconsistentVersionWarning

import skgen
from skgen import GAN, ProbabilisticPCA
from skgen.former_names import FORMER_NAMES
from skgen.testing import fitted, toy
from tests.instances import instances, label

# (class, pickle of a fitted model, verb, what it gave for the toy rows) of each.
FILE = pathlib.Path(__file__).with_name("models_of_version_0_1.xz")
SAVED = pickle.loads(lzma.decompress(FILE.read_bytes()))


@pytest.mark.parametrize(
    ("name", "blob", "verb", "given"),
    SAVED,
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(SAVED)],
)
def test_models_of_version_0_1(name, blob, verb, given):
    with warnings.catch_warnings():
        # So do the mixtures of codes, which are scikit-learn's own.
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        model = pickle.loads(blob)
    assert type(model).__name__ == name
    np.testing.assert_allclose(getattr(model, verb)(toy()), given, rtol=1e-6)
    if hasattr(model, "sample"):
        assert np.isfinite(model.sample(3, random_state=0)).all()
    assert not getattr(model, "verbose", False)
    if hasattr(model, "bic"):
        assert np.isfinite(model.bic(toy()))
    if hasattr(model, "scale_columns"):
        assert not model.scale_columns
        assert np.ndim(model.partial_fit(toy())._scale) == 0


def test_a_former_name_is_the_module_itself():
    code = (
        "import skgen, importlib\n"
        f"for former, now in {FORMER_NAMES}.items():\n"
        "    old, new = importlib.import_module(former), importlib.import_module(now)\n"
        "    assert old is new, former\n"
        "    assert new.__spec__.name == new.__name__ == now, former\n"
        "    assert importlib.reload(new) is new\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_averaged_generator_of_a_gan_had_another_name():
    model = GAN(2, hidden_layer_sizes=(8,), max_iter=1, random_state=0).fit(toy())
    state = model.__getstate__()
    weights = {
        name.replace("averaged_generator.", "average."): weight
        for name, weight in state.pop("_weights").items()
    }
    former = {"_center": "_centre", "_scale": "_unit", "_length_scales": "_scales"}
    old = {former.get(name, name): value for name, value in state.items()}
    twin = object.__new__(GAN)
    with pytest.warns(InconsistentVersionWarning, match=r"skgen\.GAN from version 0\.1\.0"):
        twin.__setstate__({**old, "_weights": weights, "_skgen_version": "0.1.0"})
    np.testing.assert_array_equal(twin.sample(4, random_state=0), model.sample(4, random_state=0))


@pytest.mark.parametrize("estimator", instances(), ids=label)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning")
@pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning")
def test_models_of_another_version_warn_as_those_of_scikit_learn(estimator, monkeypatch):
    blob = pickle.dumps(fitted(estimator))
    # What is made of other models warns of these.
    own = type(estimator).__name__
    of_others = own in ("GenerativeImputer", "GenerativePipeline", "OutlierDetector")
    name = r"\w+" if of_others else own
    now = skgen.__version__
    pickle.loads(blob)
    monkeypatch.setattr(skgen, "__version__", "9.9.9")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = pickle.loads(blob)
    assert {w.category for w in caught} == {InconsistentVersionWarning}
    said = [str(w.message) for w in caught]
    text = rf"skgen\.{name} from version {re.escape(now)} when using version 9\.9\.9"
    assert any(re.search(text, message) for message in said)
    assert not [attribute for attribute in vars(model) if "version" in attribute]


def test_models_without_a_version_are_of_the_first():
    model = ProbabilisticPCA(1).fit(toy())
    state = {k: v for k, v in model.__getstate__().items() if k != "_skgen_version"}
    with pytest.warns(InconsistentVersionWarning, match=r"from version 0\.1\.0"):
        object.__new__(ProbabilisticPCA).__setstate__(state)
