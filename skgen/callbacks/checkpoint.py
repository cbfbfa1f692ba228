"""A callback for scikit-learn >= 1.9 that saves a fit, which another process can go on with."""

import os
from numbers import Integral

from sklearn.utils import check_scalar

from skgen.base.sklearn_compat import without_callbacks
from skgen.callbacks.checkpoint_file import read_checkpoint, write_checkpoint
from skgen.files import Claim, remove_partial
from skgen.workers import reports


class Checkpoint:
    """Save a fit to a file every few epochs, so that a killed one goes on as if it never stopped.

    ``Checkpoint.resume(path)`` returns the estimator, whose ``fit`` with the same data goes on
    behind the last epoch that was saved. It ends bitwise equal to the fit without a break on the
    same device with as many threads: weights, curves, draws. What came since the last file, and
    what precedes the first epoch, is computed again.

    The file holds the optimizers' moments, the generators, chains, averages of weights, the best
    weights of early stopping, the stage and the curves, and in front the estimator as if training
    had stopped there, so that ``pickle.load`` opens it, too. It is replaced in one step and ends
    with a digest. The file before it stays beside it, as ``path + ".earlier"``: where the newer
    one is damaged, ``resume`` warns and takes that. While a fit has the path, ``path + ".lock"``
    tells others.

    All estimators with networks, the Boltzmann machines among them, ``SparseCoder`` and
    ``MixtureOfFactorAnalyzers`` go on. Of the other models of EM and of gradients on all rows the
    file holds the estimator alone, and ``resume`` refuses it; so it does after ``partial_fit``.

    To load a pickle runs the code that it names: resume no file that others could have written.

    Parameters
    ----------
    path : str or path-like
        File to write.
    every : int, default=1
        Epochs between two files.

    Raises
    ------
    BlockingIOError
        At the start of a fit: another fit writes to ``path``.
    OSError
        At the start of a fit: the folder does not exist, or no file can be written there. Later:
        the disk is full. What stood at ``path`` is whole.
    ValueError
        At the start of a fit: ``every`` is less than one.

    See Also
    --------
    LikelihoodMonitor : Follows the score of held-out rows.
    skgen.save_model : A file of a fitted model that is safe to open.

    Notes
    -----
    A ``LikelihoodMonitor`` goes on, too: set the same callbacks again.

    Examples
    --------
    >>> import os, pickle, tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skgen import VAE, Checkpoint
    >>> X, path = load_iris().data, os.path.join(tempfile.mkdtemp(), "vae.pkl")
    >>> model = VAE(n_components=2, max_iter=10, random_state=0)
    >>> _ = model.set_callbacks(Checkpoint(path, every=4)).fit(X)
    >>> resumed = Checkpoint.resume(path)
    >>> resumed.n_iter_
    8
    >>> resumed.fit(X).loss_curve_ == model.loss_curve_
    True
    """

    saves_fits = True

    def __init__(self, path, every=1):
        self.path = path
        self.every = every

    @classmethod
    def resume(cls, path):
        """The estimator of a file, as if training had stopped there; its ``fit`` goes on.

        Parameters
        ----------
        path : str or path-like
            File that a fit has written.

        Returns
        -------
        estimator : estimator
            It has a ``Checkpoint`` of the same path and ``every``. Its ``fit`` takes the rows,
            labels and weights of the fit that was left. Parameters but ``verbose`` are not to be
            changed.

        Raises
        ------
        FileNotFoundError
            Neither the file nor an earlier one exists.
        ValueError
            Both are damaged, the file is of another version of skgen, or of an estimator that
            cannot go on. Later, by ``fit``: rows, parameters or callbacks are others.

        Warns
        -----
        CheckpointWarning
            The file is damaged, and the one before it stands in.
        """
        estimator, every = read_checkpoint(os.fspath(path))
        if hasattr(estimator, "set_callbacks"):
            estimator.set_callbacks(cls(path, every))
        return estimator

    def setup(self, estimator, context):
        """Claim the path; refuse what could not be saved later."""
        check_scalar(self.every, "every", Integral, min_val=1)
        if not reports():
            return
        path = os.fspath(self.path)
        if os.path.isdir(path):
            raise IsADirectoryError(f"path={path!r} is a folder; name a file in it.")
        if not os.path.isdir(os.path.dirname(path) or os.curdir):
            raise FileNotFoundError(f"path={path!r} lies in no folder; make that first.")
        try:
            claim = Claim(path)
        except BlockingIOError as error:
            raise BlockingIOError(
                error.errno, f"path={path!r} is that of another fit at this moment; take another."
            ) from error
        except OSError as error:
            raise type(error)(
                f"path={path!r} cannot be written ({error.strerror}); take another."
            ) from error
        self._claim, self._owner = claim, context.root_uuid
        remove_partial(path)

    def on_fit_task_begin(self, estimator, context):
        """Nothing is saved before an epoch."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None, metadata=None):
        """Save the fit, and the estimator as if training had stopped here."""
        if fitted_estimator is None or metadata is None or not reports():
            return False
        if metadata["iteration"] % self.every == 0:
            resumption = metadata.get("resumption", lambda: None)()
            bare = without_callbacks(fitted_estimator)
            write_checkpoint(os.fspath(self.path), bare, resumption, self.every)
        return False

    def teardown(self, estimator, context):
        """Keep the file, and give up its path."""
        if vars(self).get("_owner") == context.root_uuid:
            self._claim.release()
            del self._claim, self._owner
