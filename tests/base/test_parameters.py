"""Parameters declared once: signature, constraints and documentation follow."""

import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV

from skgen import VAE, Autoencoder, ProbabilisticPCA
from skgen.base.parameters import COUNT, FRACTION, POSITIVE, Parameters, one_of, param
from skgen.base.sklearn_compat import validate_params


class Looped(Parameters):
    """What loops share.

    Parameters
    ----------
    tol : float, default=1e-4
        When to stop.
    rate : float, default=0.1
        How fast.
        The second line of it.

    Attributes
    ----------
    n_iter_ : int
        Rounds.
    """

    tol: float = param(POSITIVE, default=1e-4)
    rate: float = param(FRACTION, default=0.1)


class Sized(Parameters):
    """What has a size.

    Parameters
    ----------
    size : int, default=2
        How large.
    """

    size: int = param(COUNT, default=2, kw_only=False)


class Model(Sized, Looped, BaseEstimator):
    """A model.

    Parameters
    ----------
    kind : {"a", "b"}, default="a"
        Of which kind.
    %(shared_parameters)s

    Attributes
    ----------
    size_ : int
        The size in use.
    %(shared_attributes)s
    """

    kind: str = param(one_of("a", "b"), default="a")
    rate: float = param(default=0.5)
    scale: float = 2.0  # annotated, and no parameter

    def fit(self, X, y=None):
        validate_params(self)
        self.size_, self.n_iter_ = self.size, 1
        return self

    def score(self, X, y=None):
        return -abs(self.size - 3) - self.rate


class Child(Model):
    """A model with more.

    Parameters
    ----------
    extra : float, default=0.3
        More.
    %(shared_parameters)s
    """

    extra: float = param(FRACTION, default=0.3)
    size: int = param(default=7)


class WrittenOut(Model):
    """A model of a user who writes constructors."""

    _parameter_constraints = {"mine": [str], "tol": [object]}

    def __init__(self, mine="x", *, size=2, kind="a", tol=1e-4, rate=0.5):
        super().__init__(size, kind=kind, tol=tol, rate=rate)
        self.mine = mine


def defaults(cls):
    return {p.name: p.default for p in inspect.signature(cls).parameters.values()}


def test_signature_is_positional_first_then_own_then_inherited():
    assert list(inspect.signature(Model).parameters) == ["size", "kind", "tol", "rate"]
    assert list(inspect.signature(Child).parameters) == ["size", "extra", "kind", "tol", "rate"]
    kinds = [p.kind for p in inspect.signature(Child).parameters.values()]
    assert kinds == [inspect.Parameter.POSITIONAL_OR_KEYWORD, *4 * [inspect.Parameter.KEYWORD_ONLY]]


def test_the_constructor_takes_what_the_signature_says():
    assert Model(5).get_params() == {"size": 5, "kind": "a", "tol": 1e-4, "rate": 0.5}
    assert Model().get_params() == defaults(Model)
    assert Child().get_params() == defaults(Child)
    with pytest.raises(TypeError, match="positional"):
        Model(5, "b")
    with pytest.raises(TypeError, match="unexpected keyword argument 'knd'"):
        Model(knd="b")


def test_a_parameter_without_a_default_must_be_given():
    class Wrapper(Parameters, BaseEstimator):
        inner: object = param(kw_only=False)
        times: int = param(COUNT, default=1)

    assert Wrapper("x").get_params() == {"inner": "x", "times": 1}
    with pytest.raises(TypeError, match="inner"):
        Wrapper()
    validate_params(Wrapper(object()))


def test_another_default_keeps_the_constraint_and_the_kind():
    assert defaults(Child)["size"] == 7
    for cls in (Model, Child):
        assert cls._parameter_constraints["rate"] == [FRACTION]
        assert cls._parameter_constraints["size"] == [COUNT]
    with pytest.raises(ValueError, match="'rate' parameter of Model must be a float"):
        Model(rate=2.0).fit(None)
    with pytest.raises(ValueError, match="'size' parameter of Child must be an int"):
        Child(0).fit(None)
    assert Looped._parameter_constraints == {"tol": [POSITIVE], "rate": [FRACTION]}


def test_a_parameter_that_is_added_is_checked():
    with pytest.raises(ValueError, match="'extra' parameter of Child must be a float"):
        Child(extra="much").fit(None)
    assert "extra" not in Model._parameter_constraints


def test_a_written_constructor_and_its_constraints_stay():
    model = WrittenOut("y", rate=0.2)
    assert model.get_params() == {"mine": "y", "size": 2, "kind": "a", "tol": 1e-4, "rate": 0.2}
    assert list(inspect.signature(WrittenOut).parameters)[0] == "mine"
    assert WrittenOut._parameter_constraints == {
        **Model._parameter_constraints,
        "mine": [str],
        "tol": [object],
    }
    assert clone(model).mine == "y"
    model.fit(None)
    for wrong in ({"mine": 3}, {"rate": 2.0}):
        with pytest.raises(ValueError, match=f"'{next(iter(wrong))}' parameter of WrittenOut"):
            WrittenOut(**wrong).fit(None)


def test_a_written_constructor_is_inherited():
    class Grandchild(WrittenOut):
        """Nothing of its own."""

    assert Grandchild("y").mine == "y"
    assert clone(Grandchild("y", size=5)).get_params() == WrittenOut("y", size=5).get_params()
    assert Grandchild._parameter_constraints == WrittenOut._parameter_constraints
    Grandchild(tol="none").fit(None)


def test_a_parameter_below_a_written_constructor_is_refused():
    with pytest.raises(TypeError, match=r"Late declares \['late'\], but inherits a constructor"):

        class Late(WrittenOut):
            late: int = param(COUNT, default=1)


def test_two_groups_without_a_parameter_of_its_own_make_one_constructor():
    class Both(Sized, Looped, BaseEstimator):
        pass

    assert Both(3, tol=1.0).get_params() == {"size": 3, "tol": 1.0, "rate": 0.1}


def test_a_written_constructor_above_the_library():
    class Mine(ProbabilisticPCA):
        def __init__(self, floor=1e-3):
            super().__init__(1, noise_floor=floor)
            self.floor = floor

    X = np.random.default_rng(0).standard_normal((20, 3))
    model = clone(Mine(0.01)).fit(X)
    assert (model.floor, model.noise_floor, model.n_components_) == (0.01, 0.01, 1)


def test_positions_are_those_of_the_constructor():
    class Longer(Sized, BaseEstimator):
        width: int = param(COUNT, default=1, kw_only=False)

    assert list(inspect.signature(Longer).parameters) == ["size", "width"]
    assert Longer(5, 6).get_params() == {"size": 5, "width": 6}


def test_of_two_bases_the_nearest_that_states_a_default_decides():
    """As it does for any attribute, and not the nearest that has inherited one."""

    class Patient(Looped):
        patience: int = param(COUNT, default=3)

    class Strict(Looped, BaseEstimator):
        tol: float = param(POSITIVE, None, default=1e-8)

    class Both(Patient, Strict):
        pass

    class Further(Both):
        pass

    for cls in (Both, Further):
        assert defaults(cls) == {"patience": 3, "tol": 1e-8, "rate": 0.1}
        assert cls().get_params() == defaults(cls)
        validate_params(cls(tol=None))
    with pytest.raises(ValueError, match="'tol' parameter of Both"):
        validate_params(Both(tol=-1.0))


def test_a_written_constructor_keeps_its_defaults_between_two_bases():
    class Strict(Looped):
        tol: float = param(default=1e-8)

    class Relaxed(WrittenOut, Strict):
        """The constructor is that of the first base."""

    assert Relaxed().tol == 1e-4


@pytest.mark.parametrize("annotations", [{}, {"rate": float}])
def test_an_attribute_in_the_place_of_a_parameter_is_refused(annotations):
    """It would have no effect: the constructor sets the inherited default."""
    with pytest.raises(TypeError, match=r"Hasty.rate would hide .* rate: ... = param\(default"):
        type("Hasty", (Model,), {"rate": 0.9, "__annotations__": annotations})


def test_a_property_may_stand_before_a_parameter():
    class Watched(Model):
        @property
        def rate(self):
            return self._rate

        @rate.setter
        def rate(self, value):
            self._rate = value

    assert Watched(rate=0.26)._rate == 0.26
    assert clone(Watched()).rate == 0.5


def test_other_annotated_attributes_stay_what_they_are():
    assert "scale" not in Model().get_params()
    assert Model.scale == Model().scale == 2.0
    assert Model.__annotations__["scale"] is float


def test_scikit_learn_knows_the_parameters():
    model = Child(4).set_params(kind="b", tol=1e-2)
    twin = clone(model)
    assert twin is not model
    assert twin.get_params() == model.get_params()
    assert repr(twin) == "Child(kind='b', size=4, tol=0.01)"
    with pytest.raises(ValueError, match="Invalid parameter 'scale'"):
        model.set_params(scale=1.0)
    assert model != twin
    assert len({model, twin}) == 2


def test_grid_search_over_declared_parameters():
    search = GridSearchCV(Model(), {"size": [1, 2, 3, 4], "rate": [0.2, 0.4]}, cv=2)
    assert search.fit(np.zeros((6, 1))).best_params_ == {"size": 3, "rate": 0.2}


@pytest.mark.parametrize("copy", [clone, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize("model", [Child(3, kind="b"), VAE(3, beta=2.0), ProbabilisticPCA(0.5)])
def test_copies_keep_the_parameters(model, copy):
    assert copy(model).get_params() == model.get_params()


def test_a_group_shares_no_state_between_instances():
    first, second = VAE(), VAE()
    first.set_params(beta=3.0)
    assert second.beta == VAE().beta == 1.0


def test_the_docstring_takes_the_entries_of_the_bases():
    expected = """\
A model with more.

Parameters
----------
size : int, default=7
    How large.
extra : float, default=0.3
    More.
kind : {"a", "b"}, default="a"
    Of which kind.
tol : float, default=0.0001
    When to stop.
rate : float, default=0.5
    How fast.
    The second line of it."""
    assert inspect.getdoc(Child) == expected


def test_the_docstring_takes_the_attributes_of_the_bases():
    _, _, attributes = inspect.getdoc(Model).partition("Attributes\n----------\n")
    assert attributes == "size_ : int\n    The size in use.\nn_iter_ : int\n    Rounds."


def test_the_docstring_below_a_written_constructor():
    class Documented(WrittenOut):
        """A model.

        Parameters
        ----------
        mine : str
            Whose.
        size : int, default=2
            How large.
        %(shared_parameters)s
        """

        def __init__(self, mine, size=2, *, tol=0.5):
            super().__init__(mine, size=size, tol=tol)

    class Below(Documented):
        """A model below.

        Parameters
        ----------
        %(shared_parameters)s
        """

    _, _, parameters = inspect.getdoc(Below).partition("Parameters\n----------\n")
    assert parameters.split("\n") == [
        "mine : str",
        "    Whose.",
        "size : int, default=2",
        "    How large.",
        "tol : float, default=0.5",
        "    When to stop.",
    ]


def test_a_class_without_a_docstring_keeps_that_of_its_base():
    class Silent(Child):
        pass

    assert Silent.__doc__ is None
    assert inspect.getdoc(Silent) == inspect.getdoc(Child)


def test_documented_defaults_are_those_of_the_class():
    assert "learning_rate : float, default=0.003" in VAE.__doc__
    assert "learning_rate : float, default=0.002" in Autoencoder.__doc__


def test_runs_where_docstrings_are_stripped():
    code = (
        "import numpy as np\n"
        "from skgen import VAE, ProbabilisticPCA\n"
        "X = np.random.default_rng(0).standard_normal((20, 3))\n"
        "print(ProbabilisticPCA(1).fit(X).transform(X).shape)\n"
        "print(VAE(1, max_iter=1, hidden_layer_sizes=(4,)).fit(X).transform(X).shape)\n"
    )
    result = subprocess.run(
        [sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.stdout == "(20, 1)\n(20, 1)\n", result.stderr
