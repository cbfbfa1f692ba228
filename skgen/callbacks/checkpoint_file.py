"""The file of a checkpoint: an estimator, what its fit needs to go on, and a digest."""

import errno
import hashlib
import io
import os
import pickle

import skgen
from skgen.base.warn import warn
from skgen.exceptions import CheckpointWarning
from skgen.files import replacing

EARLIER = ".earlier"
# At the end of a file: the mark, and the SHA-256 of all that stands before.
MARK = b"skgen checkpoint 2\n"
N_DIGEST = hashlib.sha256().digest_size


def write_checkpoint(path, estimator, resumption, every):
    """Replace the file in one step; the one that was there becomes the earlier one.

    ``resumption`` is None where the fit cannot go on.
    """
    content = io.BytesIO()
    pickle.dump(estimator, content)
    pickle.dump({"skgen": skgen.__version__, "every": every}, content)
    pickle.dump(resumption, content)
    content.write(MARK)
    try:
        with replacing(path, path + EARLIER) as file:
            file.write(content.getbuffer())
            file.write(hashlib.sha256(content.getbuffer()).digest())
    except OSError as error:
        raise type(error)(
            error.errno or errno.EIO,
            f"path={path!r} could not be written ({error.strerror or error}); what was saved "
            "before is whole. Make room, and go on with Checkpoint.resume",
        ) from error


def read_checkpoint(path):
    """The estimator of a file, ready to go on, and the epochs between two files."""
    content = _whole(path)
    estimator = pickle.load(content)
    about = pickle.load(content)
    if about["skgen"] != skgen.__version__:
        raise ValueError(
            f"{path!r} was saved by skgen {about['skgen']}, but this is skgen "
            f"{skgen.__version__}, whose fits may differ. Install that version to go on, or open "
            "the estimator alone by pickle.load."
        )
    resumption = pickle.load(content)
    if resumption is None:
        raise ValueError(
            f"{path!r} holds a {type(estimator).__name__} in the course of a call that cannot go "
            "on exactly; open the estimator as it was then by pickle.load, or call again."
        )
    resumption.params = estimator.get_params()
    estimator._resumption = resumption
    return estimator, about["every"]


def _whole(path):
    """Content of the file, or of the earlier one where that is damaged."""
    known = [name for name in (path, path + EARLIER) if os.path.exists(name)]
    if not known:
        raise FileNotFoundError(
            errno.ENOENT, "There is no checkpoint; the fit may have ended before the first", path
        )
    for name in known:
        with open(name, "rb") as file:
            content = file.read()
        if _is_whole(content):
            if name != path:
                warn(
                    f"{path!r} is damaged or missing; {name!r} stands in, which is some epochs "
                    "older.",
                    CheckpointWarning,
                )
            return io.BytesIO(content)
    raise ValueError(
        f"{' and '.join(map(repr, known))}: damaged, or no checkpoint of this version of skgen; "
        "fit anew."
    )


def _is_whole(content):
    """Whether the digest at the end of a file is that of the rest."""
    rest = content[:-N_DIGEST]
    return rest.endswith(MARK) and hashlib.sha256(rest).digest() == content[-N_DIGEST:]
