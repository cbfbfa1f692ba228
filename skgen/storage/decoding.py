"""The model of a tree of JSON values and its arrays."""

import numpy as np
from scipy import sparse

from skgen.storage.frame_types import polars_type
from skgen.storage.trusted import DICTS, TYPES, class_of

SPARSE = {
    cls.__name__: cls
    for cls in (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array)
}
BITS = {cls.__name__: cls for cls in (np.random.MT19937, np.random.PCG64, np.random.PCG64DXSM)}
BITS |= {cls.__name__: cls for cls in (np.random.Philox, np.random.SFC64)}


class Decoder:
    """``decode(tree)`` is the value that the tree stands for; ``arrays`` holds its arrays."""

    def __init__(self, arrays):
        self.arrays = arrays

    def decode(self, tree):
        """The value of a tree; ValueError where there is none."""
        if isinstance(tree, list):
            raise ValueError("a list stands where a value is wanted")
        if not isinstance(tree, dict):
            return tree
        for key, rule in RULES.items():
            if key in tree:
                try:
                    return rule(self, tree)
                except (KeyError, TypeError, AttributeError, IndexError) as error:
                    raise ValueError(f"what it says of its {key} makes none ({error})") from error
        raise ValueError(f"nothing known is called {', '.join(tree) or 'nothing'}")

    def _several(self, trees):
        return [self.decode(tree) for tree in trees]

    def _float(self, tree):
        return float(tree["float"])

    def _list(self, tree):
        return self._several(tree["list"])

    def _tuple(self, tree):
        return tuple(self._several(tree["tuple"]))

    def _set(self, tree):
        return set(self._several(tree["set"]))

    def _dict(self, tree):
        pairs = {self.decode(key): self.decode(value) for key, value in tree["dict"]}
        return DICTS[tree["kind"]](pairs)

    def _fields(self, tree):
        cls = class_of(tree["fields"])
        if not (issubclass(cls, tuple) and hasattr(cls, "_fields")):
            raise ValueError(f"{tree['fields']} has no fields")
        return cls._make(self._several(tree["values"]))

    def _scalar(self, tree):
        return self.decode(tree["scalar"])[()]

    def _array(self, tree):
        array = self.arrays[tree["array"]]
        return array.T if tree.get("transposed") else array

    def _texts(self, tree):
        return np.array(tree["texts"], dtype=np.dtype(tree["dtype"])).reshape(tree["shape"])

    def _objects(self, tree):
        values = self._several(tree["objects"])
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array.reshape(tree["shape"])

    def _sparse(self, tree):
        parts = tuple(self._several(tree["parts"]))
        return SPARSE[tree["sparse"]](parts, shape=tuple(tree["shape"]))

    def _dtype(self, tree):
        return np.dtype(tree["dtype"])

    def _type(self, tree):
        return TYPES[tree["type"]]

    def _ufunc(self, tree):
        found = getattr(np, tree["ufunc"])
        if not isinstance(found, np.ufunc):
            raise ValueError(f"numpy has no function {tree['ufunc']!r} of single values")
        return found

    def _slice(self, tree):
        return slice(*self._several(tree["slice"]))

    def _random_state(self, tree):
        kind, *state = tree["random_state"]
        out = np.random.RandomState()
        out.set_state((kind, *self._several(state)))
        return out

    def _generator(self, tree):
        bits = BITS[tree["generator"]]()
        bits.state = self.decode(tree["state"])
        return np.random.Generator(bits)

    def _pandas(self, tree):
        from pandas.api.types import pandas_dtype

        return pandas_dtype(tree["pandas"])

    def _category(self, tree):
        from pandas import CategoricalDtype

        return CategoricalDtype(self.decode(tree["category"]), bool(tree["ordered"]))

    def _polars(self, tree):
        return polars_type(tree["polars"], self.decode(tree["settings"]))

    def _interval(self, tree):
        from pandas import Interval

        return Interval(*self._several(tree["interval"]))

    def _object(self, tree):
        cls = class_of(tree["object"])
        if issubclass(cls, tuple):
            raise ValueError(f"{tree['object']} has fields")
        state = {key: self.decode(value) for key, value in tree["state"].items()}
        value = object.__new__(cls)
        if hasattr(value, "__setstate__"):
            value.__setstate__(state)
        else:
            vars(value).update(state)
        return value


RULES = {
    name: getattr(Decoder, f"_{name}")
    for name in (
        "float",
        "list",
        "tuple",
        "set",
        "dict",
        "fields",
        "scalar",
        "array",
        "texts",
        "objects",
        "sparse",
        "dtype",
        "type",
        "ufunc",
        "slice",
        "random_state",
        "generator",
        "pandas",
        "category",
        "polars",
        "interval",
        "object",
    )
}
