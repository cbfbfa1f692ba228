"""What scores are relative to, and a warning where scores of two kinds are compared."""

from uuid import uuid4
from weakref import WeakKeyDictionary

from skgen.base.warn import warn
from skgen.exceptions import MeasureWarning

# Of models that take either binary or real-valued features.
MEASURE_OF_UNITS = {
    "bernoulli": "counting",
    "binary": "counting",
    "gaussian": "lebesgue",
}

# Tokens of estimators that were cloned. They are not kept in the estimator: a search must not
# change the one it is given.
_TOKENS = WeakKeyDictionary()
# Measures that the clones of an estimator scored in, by its token. One dict a process: a search
# pickles its clones to its workers, and only the token comes along.
_SEEN = {}


class ComparedMixin:
    """Clones that know their siblings: those of one search, or of one cross-validation."""

    _siblings = None

    def __sklearn_clone__(self):
        twin = super().__sklearn_clone__()
        # A private attribute, since a clone has no other state than its parameters.
        twin._siblings = _TOKENS.setdefault(self, uuid4().hex)
        return twin

    def _note_measure(self):
        """Warn once where this clone scores in another measure than a sibling did."""
        if self._siblings is None or self.measure_ is None:
            return
        seen = _SEEN.setdefault(self._siblings, set())
        if seen and self.measure_ not in seen:
            before = ", ".join(sorted(seen))
            warn(
                f"{type(self).__name__} scores in the measure {self.measure_!r}, while another "
                f"clone of the same estimator did in {before!r}: log-probabilities of states and "
                "log-densities cannot be compared. Search over steps of one measure, and state "
                'the likelihood of the model instead of "auto".',
                MeasureWarning,
            )
        seen.add(self.measure_)
