"""``partial_fit`` of models that learn classes, all of which the first call may announce."""

from skgen.base.sklearn_compat import validate_params, with_callbacks


class AnnouncedClassesMixin:
    """``partial_fit`` with ``classes``, which ``_targets`` takes."""

    @with_callbacks
    def partial_fit(self, X, y=None, classes=None, sample_weight=None):
        """Run one epoch over X, going on from where the last call stopped.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data of this call.
        y : array-like of shape (n_samples,) or (n_samples, n_columns), default=None
            Their labels with ``use_labels``, their conditions with ``conditional``; otherwise
            ignored.
        classes : array-like of shape (n_classes,), default=None
            All labels that the calls will hold: needed by the first call with ``use_labels``,
            and not by those after it or after ``fit``. With ``conditional`` the first call may
            name the classes that later ones hold, where y is one column of them.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the rows within this call; their scale is immaterial.

        Returns
        -------
        self : object
            The estimator.
        """
        validate_params(self)
        how = {"resume": True, "max_iter": 1, "partial": True}
        return self._fit(X, y, sample_weight, **how, classes=classes)

    def _targets(self, X, y, weight, resume, **about_targets):
        """None: of a model that learns no classes."""
        vars(self).pop("classes_", None)
        if about_targets.get("classes") is not None:
            raise ValueError(
                "classes are given, but the model learns none: use use_labels=True or "
                "conditional=True where it has them, or pass weights of the rows by name, as "
                "sample_weight."
            )
        return None
