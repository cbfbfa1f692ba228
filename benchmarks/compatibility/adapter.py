"""What every adapter shares: scikit-learn's signature in front of one of skgen's estimators."""

import inspect

from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted


class NotOfferedError(NotImplementedError):
    """A test asks for what skgen does not have."""


class Usage:
    """How often adapters were made: a test that makes none is not about skgen."""

    count = 0


def counted(function):
    """Let the calls of a function that stands for one of scikit-learn's count as usage."""

    def call(*args, **kwargs):
        Usage.count += 1
        return function(*args, **kwargs)

    return call


def constructor_of(theirs):
    """An ``__init__`` with the signature of scikit-learn's class, which only stores."""
    signature = inspect.signature(theirs.__init__)

    def __init__(self, *args, **kwargs):
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        for name in list(bound.arguments)[1:]:
            setattr(self, name, bound.arguments[name])

    __init__.__signature__ = signature
    return __init__


def refuse(estimator, *names):
    """Refuse parameters that are not at scikit-learn's defaults, where skgen has none such."""
    parameters = inspect.signature(type(estimator)).parameters
    for name in names:
        value, default = getattr(estimator, name), parameters[name].default
        if value is not default and repr(value) != repr(default):
            raise NotOfferedError(f"{type(estimator).__name__}({name}={value!r})")


def given(model, **keywords):
    """Those keywords that are not None; refuses one that skgen's model does not have."""
    keywords = {name: value for name, value in keywords.items() if value is not None}
    for name in keywords.keys() - inspect.signature(model).parameters.keys():
        raise NotOfferedError(f"{model.__name__}({name}=...)")
    return keywords


class Adapter(BaseEstimator):
    """A subclass says which model its parameters stand for, and what is named otherwise.

    ``class PCA(Adapter, of=sklearn.decomposition.PCA)`` has the constructor of scikit-learn's.
    """

    def __init_subclass__(cls, of=None, **kwargs):
        super().__init_subclass__(**kwargs)
        if of is not None:
            cls.__init__ = constructor_of(of)

    def __new__(cls, *args, **kwargs):
        Usage.count += 1
        return super().__new__(cls)

    def __getattr__(self, name):
        """Attributes and verbs of the model under names that both sides share."""
        model = vars(self).get("model_")
        if model is None or name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(model, name)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        ours = get_tags(vars(self).get("model_") or self._stand_in())
        tags.input_tags, tags.transformer_tags = ours.input_tags, ours.transformer_tags
        return tags

    def _stand_in(self):
        """The model that the parameters stand for."""
        raise NotImplementedError

    def fit(self, X, y=None):
        self.model_ = self._stand_in().fit(X, y)
        return self

    def fit_transform(self, X, y=None):
        return self.fit(X, y).transform(X)


class TransformerAdapter(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Adapter):
    """An adapter of a transformer; the names of its outputs begin with its own name."""

    @property
    def _n_features_out(self):
        return self.model_._n_features_out

    def partial_fit(self, X, y=None):
        model = vars(self).get("model_") or self._stand_in()
        self.model_ = model.partial_fit(X, y)
        return self

    def transform(self, X):
        check_is_fitted(self)
        return self.model_.transform(X)

    def inverse_transform(self, X):
        check_is_fitted(self)
        return self.model_.inverse_transform(X)
