"""Files that are whole or not there, and paths that one writer has for itself."""

import errno
import os
from contextlib import contextmanager, suppress
from uuid import uuid4

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

PARTIAL = ".partial"


@contextmanager
def replacing(path, earlier=None):
    """Yield an open file that takes the place of ``path`` after the block, or vanishes.

    What stood at ``path`` stays under the name ``earlier``, where one is given; ``path`` itself
    is whole at every moment.
    """
    partial = f"{os.fspath(path)}.{uuid4().hex}{PARTIAL}"
    try:
        with open(partial, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if earlier is not None and os.path.exists(path):
            _keep(path, earlier)
        os.replace(partial, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(partial)


def _keep(path, earlier):
    """Let a file be known by a second name, which it keeps when another takes its place."""
    link = f"{os.fspath(path)}.{uuid4().hex}{PARTIAL}"
    try:
        os.link(path, link)
    except OSError:  # a file system without links
        os.replace(path, earlier)
    else:
        os.replace(link, earlier)


def remove_partial(path):
    """Remove what killed writers of ``path`` left; for who has the path for itself."""
    folder, name = os.path.split(os.path.abspath(path))
    for other in os.listdir(folder):
        if other.startswith(f"{name}.") and other.endswith(PARTIAL):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, other))


class Claim:
    """A path that one writer has for itself, from its start to ``release``.

    The operating system ends the claim of a process that dies. Where it knows no locks, as on
    Windows and on some network drives, everybody has the path.

    Raises
    ------
    BlockingIOError
        Another writer has the path.
    """

    def __init__(self, path):
        self.name = f"{os.fspath(path)}.lock"
        self.file = None
        while self.file is None:
            # "x" would tell apart who came first, but not whether that one lives.
            file = os.open(self.name, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                self._lock(file)
                if self._is_current(file):
                    self.file = file
            finally:
                if self.file is None:
                    os.close(file)

    def _lock(self, file):
        if fcntl is None:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK)) from error

    def _is_current(self, file):
        """Whether the file still has its name, which an earlier writer may just have removed."""
        try:
            return os.path.samestat(os.fstat(file), os.stat(self.name))
        except FileNotFoundError:
            return False

    def release(self):
        """Give the path up."""
        with suppress(OSError):
            os.unlink(self.name)
        os.close(self.file)
