"""A model as a tree of JSON values, with its arrays beside it."""

import math
import sys
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType

import numpy as np
from scipy import sparse

from skgen.storage.frame_types import is_interval, polars_settings
from skgen.storage.trusted import DICTS, TYPES, is_trusted, named

PLAIN = (type(None), bool, int, str)
FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, partial)


class Encoder:
    """``encode(value)`` is a tree; ``arrays`` holds by name what the tree refers to."""

    def __init__(self):
        self.arrays = {}
        self._open = {}

    def encode(self, value, path="model"):
        """The tree of a value; ``path`` says where it lies, for messages."""
        if type(value) in PLAIN:
            return value
        if id(value) in self._open:
            raise TypeError(f"{path} holds itself, by way of {self._open[id(value)]}")
        self._open[id(value)] = path
        try:
            return self._encode(value, path)
        finally:
            del self._open[id(value)]

    def _encode(self, value, path):
        for kinds, rule in RULES:
            if isinstance(value, kinds):
                return rule(self, value, path)
        return self._object(value, path)

    def _several(self, values, path):
        return [self.encode(value, f"{path}[{i}]") for i, value in enumerate(values)]

    def _pairs(self, mapping, path):
        return [
            [self.encode(key, path), self.encode(value, f"{path}[{key!r}]")]
            for key, value in mapping.items()
        ]

    def _float(self, value, path):
        return value if math.isfinite(value) else {"float": repr(value)}

    def _list(self, value, path):
        return {"list": self._several(value, path)}

    def _tuple(self, value, path):
        if hasattr(value, "_fields"):
            return {"fields": self._name(value, path), "values": self._several(value, path)}
        return {"tuple": self._several(value, path)}

    def _set(self, value, path):
        return {"set": self._several(sorted(value, key=repr), path)}

    def _dict(self, value, path):
        for kind, cls in DICTS.items():
            if type(value) is cls:
                return {"dict": self._pairs(value, path), "kind": kind}
        return self._refuse(value, path)

    def _scalar(self, value, path):
        return {"scalar": self._array(np.asarray(value), path)}

    def _array(self, value, path):
        value = np.asarray(value)
        if value.dtype.kind == "O":
            return {"objects": self._several(value.ravel(), path), "shape": list(value.shape)}
        if value.dtype.kind == "U":
            texts = value.ravel().tolist()
            return {"texts": texts, "shape": list(value.shape), "dtype": value.dtype.str}
        if value.dtype.kind not in "biuf" or not value.dtype.isnative:
            return self._refuse(value, path, f"an array of {value.dtype}")
        # Products of transposed rows may round otherwise.
        transposed = value.flags.f_contiguous and not value.flags.c_contiguous
        name = str(len(self.arrays))
        self.arrays[name] = np.array(value.T if transposed else value, order="C")
        return {"array": name, **({"transposed": True} if transposed else {})}

    def _sparse(self, value, path):
        if value.format not in ("csr", "csc"):
            value = value.tocsr()
        parts = [self._array(part, path) for part in (value.data, value.indices, value.indptr)]
        return {"sparse": type(value).__name__, "parts": parts, "shape": list(value.shape)}

    def _dtype(self, value, path):
        return {"dtype": value.str}

    def _type(self, value, path):
        for name, kind in TYPES.items():
            if kind is value:
                return {"type": name}
        return self._refuse(value, path, f"the class {named(value)}")

    def _ufunc(self, value, path):
        if getattr(np, value.__name__, None) is not value:
            return self._refuse(value, path, f"the function {value.__name__}")
        return {"ufunc": value.__name__}

    def _slice(self, value, path):
        return {"slice": self._several((value.start, value.stop, value.step), path)}

    def _random_state(self, value, path):
        kind, *state = value.get_state()
        return {"random_state": [kind, *self._several(state, path)]}

    def _generator(self, value, path):
        bits = value.bit_generator
        state = self.encode(bits.state, path)
        return {"generator": type(bits).__name__, "state": state}

    def _object(self, value, path):
        if _is_dtype_of_pandas(value):
            return self._pandas(value, path)
        settings = polars_settings(value)
        if settings is not None:
            return {"polars": type(value).__name__, "settings": self.encode(settings, path)}
        if is_interval(value):
            ends = self._several((value.left, value.right, value.closed), path)
            return {"interval": ends}
        name = self._name(value, path)
        state = value.__getstate__()
        if not isinstance(state, dict | None):
            return self._refuse(value, path)
        state = {key: self.encode(part, f"{path}.{key}") for key, part in (state or {}).items()}
        return {"object": name, "state": state}

    def _pandas(self, value, path):
        if value.name != "category":
            return {"pandas": str(value)}
        categories = np.asarray(value.categories, dtype=object)
        return {"category": self._array(categories, path), "ordered": bool(value.ordered)}

    def _name(self, value, path):
        if not is_trusted(type(value)):
            return self._refuse(value, path)
        return named(type(value))

    def _refuse(self, value, path, what=None):
        if what is None and isinstance(value, FUNCTIONS):
            what = f"the function {getattr(value, '__name__', value)}"
        raise TypeError(f"{path} holds {what or f'an object of {named(type(value))}'}")


def _is_dtype_of_pandas(value):
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.api.extensions.ExtensionDtype)


RULES = [
    (np.generic, Encoder._scalar),
    (float, Encoder._float),
    (list, Encoder._list),
    (tuple, Encoder._tuple),
    ((set, frozenset), Encoder._set),
    (dict, Encoder._dict),
    (np.ndarray, Encoder._array),
    ((sparse.spmatrix, sparse.sparray), Encoder._sparse),
    (np.dtype, Encoder._dtype),
    (type, Encoder._type),
    (np.ufunc, Encoder._ufunc),
    (slice, Encoder._slice),
    (np.random.RandomState, Encoder._random_state),
    (np.random.Generator, Encoder._generator),
]
