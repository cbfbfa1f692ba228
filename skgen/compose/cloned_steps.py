"""A pipeline that fits clones of its steps and leaves its parameters alone."""

from abc import abstractmethod
from copy import deepcopy

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if

from skgen.base.blocks import by_blocks, source_of
from skgen.base.sklearn_compat import output_container
from skgen.base.warn import held, warn
from skgen.base.wording import naming
from skgen.compose.steps import name_overflow, noise_may_vanish, prepare, refuse_lazy_rows
from skgen.exceptions import HeywoodWarning


def _pipeline_has(verb):
    """Whether scikit-learn's Pipeline offers the verb for these steps."""

    def check(self):
        try:
            getattr(super(ClonedStepsPipeline, self), verb)
        except AttributeError as error:
            # Its cause names the step that lacks the verb.
            raise error.__cause__ or error from None
        return True

    return check


class ClonedStepsPipeline(Pipeline):
    """A scikit-learn Pipeline whose ``fit`` does not change its parameters.

    ``Pipeline`` fits the very estimators it is given. Here they stay as given, ``get_params``
    returns them, and ``fit`` works on clones: ``steps``, ``named_steps`` and indexing give the
    fitted ones once there are any. A fit that fails leaves the earlier one as it was.
    """

    @abstractmethod
    def _facts_of(self, X):
        """Return attributes that later calls need beside the fitted steps."""

    @property
    def steps(self):
        """The fitted steps; before ``fit``, the steps that were given."""
        return vars(self).get("steps_", vars(self)["steps"])

    @steps.setter
    def steps(self, value):
        vars(self)["steps"] = value
        vars(self).pop("steps_", None)

    def get_params(self, deep=True):
        """Get the parameters, with the unfitted steps.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return the parameters of the steps as well.

        Returns
        -------
        params : dict
            Values by parameter name.
        """
        return Pipeline.get_params(self._unfitted(), deep=deep)

    def set_params(self, **params):
        """Set parameters of the pipeline, and of steps as ``step__parameter``.

        A parameter of a step is set on the fitted step as well. Replacing a step discards the fit.

        Parameters
        ----------
        **params : dict
            New values by parameter name.

        Returns
        -------
        self : object
            The pipeline.
        """
        before = vars(self)["steps"]
        unfitted = self._unfitted()
        Pipeline.set_params(unfitted, **params)
        fitted = vars(self).get("steps_")
        vars(self).update(vars(unfitted))
        if fitted is None:
            return self
        if vars(self)["steps"] is not before:
            del vars(self)["steps_"]
            return self
        for key, value in params.items():
            name, _, parameter = key.partition("__")
            if parameter:
                dict(fitted)[name].set_params(**{parameter: value})
        return self

    def set_output(self, *, transform=None):
        """Set the container that ``transform`` and the verbs that give rows of data return.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None, default=None
            Container; None leaves it as it is.

        Returns
        -------
        self : object
            The pipeline.
        """
        super().set_output(transform=transform)
        Pipeline.set_output(self._unfitted(), transform=transform)
        if transform is not None:
            # The attribute that clone takes along; read by the verbs that return rows of data.
            self._sklearn_output_config = {"transform": transform}
        return self

    def fit(self, X, y=None, **params):
        """Fit clones of the steps, each to the output of the one before.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or None, default=None
            Passed to every step.
        **params : dict
            Parameters of the steps' ``fit``, as ``step__parameter`` or by metadata routing.

        Returns
        -------
        self : object
            The fitted pipeline.
        """
        self._fit_clones("fit", X, y, params)
        return self

    @available_if(_pipeline_has("fit_transform"))
    def fit_transform(self, X, y=None, **params):
        """Fit clones of the steps and return the output of the last one.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or None, default=None
            Passed to every step.
        **params : dict
            Parameters of the steps' ``fit``, as ``step__parameter`` or by metadata routing.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_features_out)
            Output of the last step.
        """
        return self._fit_clones("fit_transform", X, y, params)

    @available_if(_pipeline_has("transform"))
    @by_blocks
    def transform(self, X, **params):
        """Output of the last step.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        **params : dict
            Metadata of the steps' ``transform``; needs metadata routing.

        Returns
        -------
        X_new : ndarray of shape (n_samples, n_features_out)
            The transformed rows.
        """
        with np.errstate(all="ignore"), naming("X", *params):
            return super().transform(X, **params)

    @available_if(_pipeline_has("fit_predict"))
    def fit_predict(self, X, y=None, **params):
        """Fit clones of the steps and return the predictions of the last one.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data.
        y : array-like of shape (n_samples,) or None, default=None
            Passed to every step.
        **params : dict
            Parameters of the steps' ``fit``, as ``step__parameter`` or by metadata routing.

        Returns
        -------
        y_pred : ndarray of shape (n_samples,)
            Predictions of the last step.
        """
        return self._fit_clones("fit_predict", X, y, params)

    def _unfitted(self):
        """A twin that shares everything but the fitted steps."""
        twin = object.__new__(type(self))
        vars(twin).update(vars(self))
        vars(twin).pop("steps_", None)
        return twin

    def _fit_clones(self, method, X, y, params):
        """Run a fitting method of Pipeline on a twin and keep the steps it fitted."""
        twin = self._unfitted()
        if not isinstance(twin.steps, list | tuple):
            raise TypeError(
                f"steps is a {type(twin.steps).__name__}; give a list of (name, estimator) pairs."
            )
        if source_of(X) is not None:
            refuse_lazy_rows(self._unfitted(), X)
        # Malformed steps survive cloning, and Pipeline says what is wrong with them.
        twin.steps = clone(twin.steps, safe=False)
        prepare(twin.steps, output_container(self))
        fitted = dict(vars(self).get("steps_", ()))
        if fitted:
            twin.steps = [(name, _warm(step, fitted.get(name))) for name, step in twin.steps]
        with held(HeywoodWarning) as messages:
            try:
                with (
                    np.errstate(all="ignore"),
                    naming("X", "y", "sample_weight", "parameter"),
                ):
                    result = getattr(super(ClonedStepsPipeline, twin), method)(X, y, **params)
            except ValueError:
                name_overflow(twin.steps, X)
                raise
        if messages and not noise_may_vanish(twin, X):
            for message in messages:
                warn(message, HeywoodWarning)
        vars(self).update(twin._facts_of(X), steps_=twin.steps)
        return result


def _warm(step, fitted):
    """A fresh step, or a copy of the fitted one where it is to start from there."""
    if fitted is not None and getattr(step, "warm_start", False):
        return deepcopy(fitted)
    return step
