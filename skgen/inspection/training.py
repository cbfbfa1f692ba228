"""Display of the course of a fit: losses, validation, likelihood."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skgen.inspection.drawing import axes_grid


class TrainingDisplay:
    """Course of a fit: losses by epoch, likelihood by iteration, and what a monitor saw.

    It is best made by :meth:`from_estimator` or :meth:`from_predictions`. Losses share one axes, so
    that over-fitting shows as a gap that grows; the epoch of the lowest validation loss is marked.
    The log-likelihood of the training rows and the scores of a monitor, higher is better, have axes
    of their own; the best score is marked.

    Parameters
    ----------
    losses : dict of str to ndarray of shape (n_epochs,)
        Losses by name; a line each, with a gap where one is NaN.
    validation : ndarray of shape (n_validated,) or None, default=None
        Loss of held-out rows in the last ``n_validated`` epochs.
    log_likelihood : ndarray of shape (n_iterations,) or None, default=None
        Log-likelihood of the training rows after each iteration, in nats.
    monitored : ndarray of shape (n_scores, 2) or None, default=None
        Iteration and score, a row for each time that a monitor looked.

    Attributes
    ----------
    lines_ : dict of str to matplotlib Line2D
        The lines by name: those of ``losses``, "validation", "log-likelihood" and "monitored".
    axes_ : ndarray of matplotlib Axes
        One row: losses, log-likelihood, monitored scores, where there are any.
    figure_ : matplotlib Figure
        The figure of the axes.

    See Also
    --------
    LikelihoodDisplay : Held-out likelihood of several models.
    skgen.LikelihoodMonitor : Scores rows in the course of a fit.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skgen import Autoencoder
    >>> from skgen.inspection import TrainingDisplay
    >>> X = load_digits().data[:300] / 16
    >>> model = Autoencoder(2, max_iter=5, early_stopping=True, random_state=0).fit(X)
    >>> display = TrainingDisplay.from_estimator(model)
    >>> sorted(display.lines_)
    ['training', 'validation']
    """

    def __init__(self, losses, *, validation=None, log_likelihood=None, monitored=None):
        self.losses = losses
        self.validation = validation
        self.log_likelihood = log_likelihood
        self.monitored = monitored

    @classmethod
    def from_estimator(cls, estimator, *, monitor=None, ax=None, **kwargs):
        """Draw ``loss_curves_``, ``validation_scores_`` and ``loglike_`` of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``loss_curve_`` (networks, Boltzmann machines, SparseCoder) or ``loglike_``
            (ProbabilisticPCA, FactorAnalysis, MixtureOfFactorAnalyzers), or followed by
            ``monitor``. Where training had several phases each has a line: the critic and the
            generator of a GAN, the layers of a stack.
        monitor : LikelihoodMonitor or None, default=None
            A callback that followed the fit; its ``scores_`` are drawn.
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : TrainingDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            The estimator keeps neither, and there is no monitor.
        ValueError
            The monitor has followed no fit.
        """
        check_is_fitted(estimator)
        curve = getattr(estimator, "loss_curve_", None)
        log_likelihood = getattr(estimator, "loglike_", None)
        if curve is None and log_likelihood is None and monitor is None:
            raise TypeError(
                f"{type(estimator).__name__} has neither loss_curve_ nor loglike_, so the course "
                "of its fit is not known; give the monitor that followed it, or curves from "
                "elsewhere to from_predictions."
            )
        losses = getattr(estimator, "loss_curves_", {})
        if curve is not None and len(losses) < 2:
            losses = {"training": curve}
        scores = getattr(estimator, "validation_scores_", None)
        return cls.from_predictions(
            losses,
            validation=[-score for score in scores] if scores else None,
            log_likelihood=log_likelihood,
            monitored=None if monitor is None else monitor.scores_,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls, losses, *, validation=None, log_likelihood=None, monitored=None, ax=None, **kwargs
    ):
        """Draw curves that were collected before.

        Parameters
        ----------
        losses : dict of str to array-like of shape (n_epochs,)
            Losses by name, such as those of a critic and a generator; NaN leaves a gap.
        validation : array-like of shape (n_validated,) or None, default=None
            Loss of held-out rows; it ends at the last epoch.
        log_likelihood : array-like of shape (n_iterations,) or None, default=None
            Log-likelihood of the training rows after each iteration, in nats.
        monitored : array-like of shape (n_scores, 2) or None, default=None
            Iteration and score, a row for each time that a monitor looked.
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : TrainingDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            A curve is empty, or there is none.
        """
        curves = {name: _curve(values, name) for name, values in losses.items()}
        if not curves and log_likelihood is None and monitored is None:
            raise ValueError(
                "There is neither a loss nor a log-likelihood nor a score, so nothing to draw."
            )
        if validation is not None:
            validation = _curve(validation, "validation")
            if not curves:
                raise ValueError("validation needs the losses that it stands beside.")
        if log_likelihood is not None:
            log_likelihood = _curve(log_likelihood, "log_likelihood")
        if monitored is not None:
            monitored = _scores(monitored)
        display = cls(
            curves, validation=validation, log_likelihood=log_likelihood, monitored=monitored
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes of ``plt.subplots`` that are divided; None makes a new figure.
        **kwargs : dict
            Passed to matplotlib's ``plot``.

        Returns
        -------
        display : TrainingDisplay
            The display itself.
        """
        others = self.log_likelihood is not None, self.monitored is not None
        n_parts = bool(self.losses) + sum(others)
        axes = axes_grid(self, (1, n_parts), ax, figsize=(6 * n_parts, 3.6))
        self.figure_ = axes[0, 0].figure
        self.axes_ = axes[0]
        self.lines_, left = {}, list(self.axes_)
        if self.losses:
            self._draw_losses(left.pop(0), kwargs)
        if self.log_likelihood is not None:
            ax = left.pop(0)
            self._draw_line(ax, "log-likelihood", self.log_likelihood, 1, kwargs)
            ax.set(xlabel="iteration", ylabel="log-likelihood of all rows, nats")
        if self.monitored is not None:
            self._draw_monitored(left.pop(0), kwargs)
        return self

    def _draw_monitored(self, ax, kwargs):
        """Draw the scores of a monitor, and mark the best."""
        iterations, scores = self.monitored.T
        look = {"marker": "." if len(scores) == 1 else None, **kwargs}
        (line,) = ax.plot(iterations, scores, label="monitored", **look)
        self.lines_["monitored"] = line
        best = int(np.argmax(scores))
        ax.plot(iterations[best], scores[best], "o", color=line.get_color())
        counted = "epoch" if self.losses else "iteration"
        ax.set(xlabel=counted, ylabel="score of the monitored rows")

    def _draw_losses(self, ax, kwargs):
        """Draw losses in one axes, and mark the best epoch."""
        for name, values in self.losses.items():
            self._draw_line(ax, name, values, 1, kwargs)
        if self.validation is not None:
            first = 1 + max(map(len, self.losses.values())) - len(self.validation)
            line = self._draw_line(ax, "validation", self.validation, first, kwargs)
            best = int(np.argmin(self.validation))
            ax.plot(first + best, self.validation[best], "o", color=line.get_color())
        ax.set(xlabel="epoch", ylabel="loss")
        ax.legend()

    def _draw_line(self, ax, name, values, first, kwargs):
        """Draw one curve; a single epoch is a dot, which a line does not show."""
        look = {"marker": "." if len(values) == 1 else None, **kwargs}
        epochs = np.arange(first, first + len(values))
        self.lines_[name] = ax.plot(epochs, values, label=name, **look)[0]
        return self.lines_[name]


def _curve(values, name):
    """A curve as an array, or an error where it is none."""
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"The curve {name!r} has the shape {values.shape}; give one value an epoch."
        )
    return values


def _scores(monitored):
    """Iterations and scores as an array, or an error where there are none."""
    monitored = np.asarray(monitored, dtype=np.float64)
    if monitored.ndim != 2 or monitored.shape[1] != 2 or not len(monitored):
        raise ValueError(
            f"The monitored scores have the shape {monitored.shape}; give a row (iteration, score) "
            "for each, of a monitor that has followed a fit."
        )
    return monitored
