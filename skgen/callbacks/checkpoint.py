"""A callback for scikit-learn >= 1.9 that saves an estimator in the course of its fit."""

import os
import pickle
from contextlib import contextmanager, suppress
from numbers import Integral
from uuid import uuid4

from sklearn.utils import check_scalar

from skgen.base.sklearn_compat import without_callbacks


class Checkpoint:
    """Save the estimator to a file every few epochs, so that a killed fit can go on.

    The file is a pickle of the estimator as if training had stopped there, without its
    callbacks. To load a pickle runs the code that it names: load none that others could have
    written. The file is replaced in one step: a process that dies while writing leaves the
    earlier one whole, and fits that save at the same time each write all of it. It tells the
    version of skgen; another one warns when it loads the file.

    Set the callback with ``estimator.set_callbacks(checkpoint)``; to go on, load the file and fit
    for the epochs that are left with ``warm_start=True``.

    Parameters
    ----------
    path : str or path-like
        File to write.
    every : int, default=1
        Epochs between two files.

    Raises
    ------
    OSError
        At the start of a fit: the folder does not exist, or no file can be written there.
    ValueError
        At the start of a fit: ``every`` is less than one.

    See Also
    --------
    LikelihoodMonitor : Follows the score of held-out rows.

    Examples
    --------
    >>> import os, pickle, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skgen import VAE, Checkpoint
    >>> X, path = load_iris().data, os.path.join(tempfile.mkdtemp(), "vae.pkl")
    >>> model = VAE(n_components=2, max_iter=10, random_state=0)
    >>> _ = model.set_callbacks(Checkpoint(path, every=4)).fit(X)
    >>> with open(path, "rb") as file:
    ...     rescued = pickle.load(file)
    >>> rescued.n_iter_
    8
    >>> left = rescued.max_iter - rescued.n_iter_
    >>> rescued.set_params(warm_start=True, max_iter=left).fit(X).n_iter_
    10
    """

    def __init__(self, path, every=1):
        self.path = path
        self.every = every

    def setup(self, estimator, context):
        """Count the epochs of this fit; refuse what could not be saved after them."""
        check_scalar(self.every, "every", Integral, min_val=1)
        path = os.fspath(self.path)
        if os.path.isdir(path):
            raise IsADirectoryError(f"path={path!r} is a folder; name a file in it.")
        if not os.path.isdir(os.path.dirname(path) or os.curdir):
            raise FileNotFoundError(f"path={path!r} lies in no folder; make that first.")
        try:
            with self._partial():
                pass
        except OSError as error:
            raise type(error)(
                f"path={path!r} cannot be written ({error.strerror}); take another."
            ) from error
        self._epoch = 0

    def on_fit_task_begin(self, estimator, context):
        """Nothing is saved before an epoch."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        """Save the estimator as if training had stopped here."""
        if fitted_estimator is None:
            return False
        self._epoch += 1
        if self._epoch % self.every == 0:
            self._save(fitted_estimator)
        return False

    def teardown(self, estimator, context):
        """Keep the file."""

    def _save(self, estimator):
        """Write beside the file, then take its place."""
        bare = without_callbacks(estimator)
        with self._partial() as partial:
            with open(partial, "wb") as file:
                pickle.dump(bare, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, self.path)

    @contextmanager
    def _partial(self):
        """Name of a new file beside ``path``, which is gone after the block."""
        # A name of its own: the fits of a search may save at the same time.
        partial = f"{os.fspath(self.path)}.{uuid4().hex}.partial"
        with open(partial, "xb"):
            pass
        try:
            yield partial
        finally:
            with suppress(FileNotFoundError):
                os.unlink(partial)
