"""What all displays share: matplotlib only when drawing, documented parameters, the contract."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

import skgen.inspection
from skgen.inspection import ComponentsDisplay

DISPLAYS = [getattr(skgen.inspection, name) for name in skgen.inspection.__all__]
WAYS = [
    getattr(cls, way)
    for cls in DISPLAYS
    for way in ("__init__", "plot", *(name for name in vars(cls) if name.startswith("from_")))
]


def test_matplotlib_and_torch_are_not_loaded():
    code = "import skgen.inspection, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "skgen.inspection" in loaded
    assert not {"matplotlib", "torch"} & set(loaded.split())


def test_a_missing_matplotlib_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"ComponentsDisplay.plot requires.*pip install"):
        ComponentsDisplay.from_predictions(np.eye(2))


@pytest.mark.parametrize("cls", DISPLAYS, ids=lambda cls: cls.__name__)
def test_the_contract_of_displays(cls):
    assert list(inspect.signature(cls.plot).parameters)[:2] == ["self", "ax"]
    assert {"from_estimator", "from_estimators"} & set(vars(cls))
    assert "from_predictions" in vars(cls)
    for section in ("Attributes", "See Also", "Examples"):
        assert f"{section}\n    ---" in cls.__doc__
    assert "figure_ : " in cls.__doc__


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__qualname__)
def test_every_parameter_is_documented_with_its_default(way):
    documented = way
    if way.__name__ == "__init__":
        documented = next(cls for cls in DISPLAYS if cls.__init__ is way)
    text = re.split(r"\n\w[\w ]*\n-+\n", inspect.getdoc(documented))[1]
    entries = re.findall(r"^(\**\w+) : (.*)$", text, re.MULTILINE)
    parameters = {
        ("**" if p.kind is p.VAR_KEYWORD else "") + name: p.default
        for name, p in inspect.signature(way).parameters.items()
        if name != "self"
    }
    assert [name for name, _ in entries] == list(parameters)
    for name, kind in entries:
        default = parameters[name]
        if default is inspect.Parameter.empty:
            assert "default=" not in kind
        else:
            shown = f'"{default}"' if isinstance(default, str) else repr(default)
            assert kind.endswith(f"default={shown}"), name
