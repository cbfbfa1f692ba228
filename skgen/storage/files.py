"""Model files: a tree of JSON values and arrays in the safetensors format, and their digest."""

import hashlib
import json
import os

import numpy as np
import sklearn
from sklearn.base import BaseEstimator

import skgen
from skgen.files import replacing
from skgen.storage.decoding import Decoder
from skgen.storage.encoding import Encoder
from skgen.storage.trusted import REMEDY

FORMAT = 1


def save_model(model, path):
    """Write a model to a file that executes nothing when it is opened.

    The file holds parameters and attributes as JSON and arrays in the safetensors format: no code
    and no pickle. It is replaced in one step, so that an earlier one stays whole until then.

    Parameters
    ----------
    model : estimator
        Any estimator of skgen, meta-estimators included, and estimators and pipelines of
        scikit-learn whose attributes are numbers, texts, arrays and other such estimators. Fitted
        or not.
    path : str or path-like
        File to write, such as ``"model.safetensors"``.

    Raises
    ------
    TypeError
        The model holds what is no data: a function, a module or a class of your own. The message
        names the attribute.
    OSError
        The file cannot be written.
    ImportError
        The package ``safetensors`` is not installed.

    See Also
    --------
    load_model : Opens the file.

    Notes
    -----
    Callbacks are left out. The attributes are those of a pickle: networks lie on the CPU, and what
    serves a single session, such as an optimizer's moments, is left out, too.

    Examples
    --------
    >>> import os, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skgen import ProbabilisticPCA, load_model, save_model
    >>> X, path = load_iris().data, os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> model = ProbabilisticPCA(2).fit(X)
    >>> save_model(model, path)
    >>> bool(load_model(path).score(X) == model.score(X))
    True
    """
    safetensors = _safetensors()
    if not isinstance(model, BaseEstimator):
        raise TypeError(f"model is a {type(model).__name__}, not an estimator; pass an estimator.")
    encoder = Encoder()
    try:
        tree = json.dumps(encoder.encode(model), ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise TypeError(f"{error}: no such file can hold it; {REMEDY}.") from error
    facts = {
        "format": str(FORMAT),
        "skgen": skgen.__version__,
        "scikit-learn": sklearn.__version__,
        "model": tree,
    }
    facts["digest"] = _digest(facts, encoder.arrays)
    with replacing(path) as file:
        file.write(safetensors.numpy.save(encoder.arrays, metadata=facts))


def load_model(path):
    """Open a file of ``save_model``, without executing anything that it holds.

    Parameters
    ----------
    path : str or path-like
        File to open.

    Returns
    -------
    model : estimator
        The model as it was saved; its networks on the CPU.

    Raises
    ------
    ValueError
        The file is no model file, is damaged, is of a later format, or names what is no part of
        skgen or scikit-learn.
    OSError
        The file cannot be read.
    ImportError
        The package ``safetensors`` is not installed.

    Warns
    -----
    InconsistentVersionWarning
        Another version of skgen or scikit-learn wrote the file.

    See Also
    --------
    save_model : Writes the file.

    Notes
    -----
    Only classes of skgen and estimators of scikit-learn are looked up by name, and their attributes
    set as ``pickle`` would; what a file holds cannot choose a function to call. The digest finds
    damage. It is no signature: it does not tell who wrote the file.

    Examples
    --------
    >>> import os, tempfile
    >>> from skgen import FactorAnalysis, load_model, save_model
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> save_model(FactorAnalysis(3), path)
    >>> load_model(path)
    FactorAnalysis(n_components=3)
    """
    name = os.fspath(path)
    facts, arrays = _read(name)
    written = facts.get("format", "")
    if not written.isdecimal() or "model" not in facts:
        raise ValueError(
            f"{name!r} holds arrays, but no model of skgen; use save_model to write one."
        )
    if int(written) > FORMAT:
        raise ValueError(
            f"{name!r} has format {written}, which skgen {facts.get('skgen')} wrote, but this is "
            f"skgen {skgen.__version__}, which reads formats up to {FORMAT}; update skgen."
        )
    if _digest(facts, arrays) != facts.get("digest"):
        raise ValueError(f"{name!r} is damaged: its content does not fit its digest; copy it anew.")
    try:
        model = Decoder(arrays).decode(json.loads(facts["model"]))
    except Exception as error:  # attributes that fit no model may fail anywhere
        raise ValueError(f"{name!r} cannot be opened: {error}.") from error
    if not isinstance(model, BaseEstimator):
        raise ValueError(f"{name!r} holds a {type(model).__name__}, not an estimator.")
    return model


def _safetensors():
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "Model files need the package safetensors; pip install safetensors."
        ) from error
    return safetensors


def _read(name):
    """Metadata and arrays of a file."""
    safetensors = _safetensors()
    with open(name, "rb"):  # a missing or unreadable file is an OSError that names it
        pass
    try:
        with safetensors.safe_open(name, framework="numpy") as file:
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return file.metadata() or {}, arrays
    except (safetensors.SafetensorError, OSError, ValueError, TypeError) as error:
        raise ValueError(f"{name!r} is no whole file of safetensors ({error}).") from error


def _digest(facts, arrays):
    """What changes with any value of a file."""
    told = sorted((name, fact) for name, fact in facts.items() if name != "digest")
    digest = hashlib.sha256(json.dumps(told).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
