"""Constructor parameters declared once: the signature, its checks and its documentation follow."""

import inspect
from dataclasses import MISSING, Field, dataclass, field, fields
from numbers import Integral, Real
from typing import dataclass_transform

from skgen.base.inherited_docs import document
from skgen.base.sklearn_compat import Interval, LayerSizes, StrOptions, make_constraint

COUNT = Interval(Integral, 1, None, closed="left")
NATURAL = Interval(Integral, 0, None, closed="left")
POSITIVE = Interval(Real, 0, None, closed="neither")
NON_NEGATIVE = Interval(Real, 0, None, closed="left")
FRACTION = Interval(Real, 0, 1, closed="neither")
AUTO = StrOptions({"auto"})
LAYERS = LayerSizes()


def one_of(*names):
    """Constraint: one of these strings."""
    return StrOptions(set(names))


def param(*constraint, default=MISSING, kw_only=True, needs=None):
    """A constructor parameter; constraints as in scikit-learn's ``_parameter_constraints``.

    Without a constraint it is an inherited parameter with another default, or takes any value.

    Parameters
    ----------
    *constraint
        What a value may be; any of them.
    default : object, optional
        Its default; without one the parameter must be given.
    kw_only : bool, default=True
        Whether it is passed by name alone.
    needs : dict, optional
        What other parameters must be for this one to count: a constraint by name. Where another
        choice voids it, it is refused; settings of an option that is off need no such line.
    """
    needs = {name: make_constraint(constraint) for name, constraint in (needs or {}).items()}
    metadata = {"constraint": list(constraint), "needs": needs}
    return field(default=default, metadata=metadata, kw_only=kw_only)


@dataclass_transform(field_specifiers=(param,), kw_only_default=True)
class Parameters:
    """Base of classes that declare constructor parameters as ``name: type = param(...)``.

    In the signature parameters that may be passed by position come first, from base to class, then
    a class's own before inherited ones. A default is that of the nearest class which states one, in
    the order of method resolution.

    Where the docstring has a line ``%(shared_parameters)s`` or ``%(shared_attributes)s``, the
    entries of the bases' docstrings are written there which it has not itself, with the defaults of
    the class.
    """

    def __init_subclass__(cls, **kwargs):
        made = not _written_out(cls.__init__)
        _take_inherited(cls, made)
        own = [name for name, value in vars(cls).items() if isinstance(value, Field)]
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


def _take_inherited(cls, made):
    """Complete parameters that only state another default; settle which of two bases decides."""
    nearest, last = {}, {}
    for base in reversed(cls.__mro__[1:]):
        known = vars(base).get("__dataclass_fields__", {})
        nearest |= {name: known[name] for name in inspect.get_annotations(base) if name in known}
        last |= known
    for name, value in list(vars(cls).items()):
        if name not in nearest:
            continue
        if isinstance(value, Field):
            if not value.metadata["constraint"]:
                value.metadata = nearest[name].metadata
                value.kw_only = nearest[name].kw_only
        elif made and not hasattr(value, "__set__"):
            raise TypeError(
                f"{cls.__name__}.{name} would hide a parameter that it inherits; state another "
                f"default by {name}: ... = param(default=...)."
            )
    if not made:
        return
    # dataclass takes all fields of one base after another, overridden or not.
    for name, inherited in nearest.items():
        if name not in vars(cls) and inherited is not last[name]:
            _restate(cls, inherited)


def _restate(cls, inherited):
    """Declare an inherited parameter once more."""
    again = field(
        default=inherited.default,
        default_factory=inherited.default_factory,
        metadata=inherited.metadata,
        kw_only=inherited.kw_only,
    )
    setattr(cls, inherited.name, again)
    cls.__annotations__ = {**inspect.get_annotations(cls), inherited.name: inherited.type}


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
    text = cls.__doc__
    cls.__annotations__ = own
    dataclass(init=init, eq=False, repr=False, match_args=False)(cls)
    cls.__annotations__ = annotations
    # A default left on the class would hide that a subclass's constructor forgot to store it.
    for name in own:
        if name in vars(cls):
            delattr(cls, name)
    # Without a docstring of its own a class keeps that of its base, not the signature.
    cls.__doc__ = text


def _own_first(cls):
    """Signature of the constructor: by position as it takes them, by name from class to base."""
    parameters = dict(inspect.signature(cls.__init__).parameters)
    home = {}
    for base in reversed(cls.__mro__):
        for name in inspect.get_annotations(base):
            home.setdefault(name, base)
    order = {base: number for number, base in enumerate(cls.__mro__)}

    def place(parameter):
        by_name = parameter.kind == parameter.KEYWORD_ONLY
        return parameter.kind, order[home[parameter.name]] if by_name else 0

    return inspect.Signature(sorted(parameters.values(), key=place))
