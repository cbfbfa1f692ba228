"""Constructor parameters declared once: the signature, its checks and its documentation follow."""

import inspect
from dataclasses import Field, dataclass, field, fields
from numbers import Integral, Real
from types import MappingProxyType
from typing import dataclass_transform

from skgen.base.inherited_docs import document
from skgen.base.sklearn_compat import Interval, StrOptions

COUNT = Interval(Integral, 1, None, closed="left")
NATURAL = Interval(Integral, 0, None, closed="left")
POSITIVE = Interval(Real, 0, None, closed="neither")
NON_NEGATIVE = Interval(Real, 0, None, closed="left")
FRACTION = Interval(Real, 0, 1, closed="neither")
AUTO = StrOptions({"auto"})


def one_of(*names):
    """Constraint: one of these strings."""
    return StrOptions(set(names))


def param(*constraint, kw_only=True, **default):
    """A constructor parameter; constraints as in scikit-learn's ``_parameter_constraints``.

    Without a constraint it is an inherited parameter with another default, or takes any value.

    Parameters
    ----------
    *constraint
        What a value may be; any of them.
    kw_only : bool, default=True
        Whether it is passed by name alone.
    default : object, optional
        Its default; without one the parameter must be given.
    """
    return field(metadata={"constraint": list(constraint)}, kw_only=kw_only, **default)


@dataclass_transform(field_specifiers=(param,), kw_only_default=True)
class Parameters:
    """Base of classes that declare constructor parameters as ``name: type = param(...)``.

    A class's own parameters come before inherited ones in the signature. Where the docstring has
    a line ``%(shared_parameters)s`` or ``%(shared_attributes)s``, the entries of the bases'
    docstrings are written there which it has not itself, with the defaults of the class.
    """

    def __init_subclass__(cls, **kwargs):
        own = [name for name, value in vars(cls).items() if isinstance(value, Field)]
        _inherit_constraints(cls)
        made = not _written_out(cls.__init__)
        _declare(cls, init=made)
        if made:
            cls.__init__.__signature__ = _own_first(cls)
        declared = {f.name: f.metadata["constraint"] or "no_validation" for f in fields(cls)}
        cls._parameter_constraints = {
            **declared,
            **getattr(super(cls, cls), "_parameter_constraints", {}),
            **{name: declared[name] for name in own},
            **vars(cls).get("_parameter_constraints", {}),
        }
        document(cls)
        super().__init_subclass__(**kwargs)


def _inherit_constraints(cls):
    """Complete parameters that only state another default."""
    inherited = {}
    for base in reversed(cls.__mro__[1:]):
        inherited |= vars(base).get("__dataclass_fields__", {})
    for name, value in vars(cls).items():
        if isinstance(value, Field) and not value.metadata["constraint"] and name in inherited:
            value.metadata = MappingProxyType(dict(inherited[name].metadata))
            value.kw_only = inherited[name].kw_only


def _written_out(init):
    """Whether a constructor, own or inherited, is somebody's own code."""
    return init is not object.__init__ and not hasattr(init, "__signature__")


def _declare(cls, init):
    """Make a dataclass of the ``param`` lines; other annotated attributes are no parameters."""
    annotations = inspect.get_annotations(cls)
    own = {n: kind for n, kind in annotations.items() if isinstance(vars(cls).get(n), Field)}
    if own and not init and "__init__" not in vars(cls):
        raise TypeError(
            f"{cls.__name__} declares {sorted(own)}, but inherits a constructor that is written "
            "out and would not set them; declare its parameters by param, too."
        )
    cls.__annotations__ = own
    dataclass(init=init, eq=False, repr=False, match_args=False)(cls)
    cls.__annotations__ = annotations


def _own_first(cls):
    """Signature of the constructor: what may be passed by position, then from class to base."""
    parameters = dict(inspect.signature(cls.__init__).parameters)
    home = {}
    for base in reversed(cls.__mro__):
        for name in inspect.get_annotations(base):
            home.setdefault(name, base)
    order = {base: number for number, base in enumerate(cls.__mro__)}

    def place(parameter):
        where = order.get(home.get(parameter.name), -1)
        return parameter.kind, where

    return inspect.Signature(sorted(parameters.values(), key=place))
