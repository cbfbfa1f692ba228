"""A call with something odd in it is answered right, or refused by an error that names it.

Whatever is odd, no other exception comes, no hang, no number that is not finite, no warning that
is not announced; what was given is not changed, nor is an earlier fit.
"""

import pytest

from tests.bad_input.rows import Rows
from tests.bad_input.strategy import KINDS, tried
from tests.bad_input.trial import Trial
from tests.bad_input.verbs import originals
from tests.instances import label

# Of each kind; a fit takes longer than a refusal.
N_TRIALS = 100
N_MANY = 2000
# NumPy would rather that nobody made a matrix.
pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")


def test_five_hundred_odd_calls_are_answered_or_refused():
    seen = {}
    for kind in KINDS:
        outcomes, violations = tried(kind, N_TRIALS)
        assert violations == []
        assert outcomes.total() == N_TRIALS
        seen[kind] = outcomes
    assert all(outcomes["refused"] > 10 for outcomes in seen.values())


# What no call may do, and these did: of the first instance whose name begins so.
FOUND = [
    ("SparseCoder(algorithm='fista'", "fit_transform", "X", Rows(values="a column of 1e100")),
    (
        "MixtureOfFactorAnalyzers(n_clusters=2,n_components=2,shared_noise",
        "partial_fit",
        "X",
        Rows(values="times 1e200"),
    ),
    (
        "TranslationGAN(averaging=0.9,critic_layer_sizes=(4,),hidden_layer_sizes=(8,),max_iter=2",
        "inverse_transform",
        "X",
        Rows(values="a column of 1e100", type="float32"),
    ),
    (
        "TranslationGAN(averaging=0.9,critic_layer_sizes=(4,),hidden_layer_sizes=(8,),max_iter=2",
        "score",
        "y",
        "huge numbers",
    ),
    ("TranslationGAN", "score", "y", "two columns"),
    ("FineTunedRegressor", "predict", "X", Rows(values="1e308 in one")),
    ("SlowFeatureAnalysis", "fit", "times", "complex"),
    ("ProbabilisticPCA", "interpolate", "n_steps", "10**30"),
    ("ConvolutionalRBM", "gibbs", "n_steps", "10**30"),
]


@pytest.mark.parametrize(("name", "verb", "argument", "odd"), FOUND)
def test_what_was_found_stays_mended(name, verb, argument, odd):
    number = next(n for n, e in enumerate(originals()) if label(e).startswith(name))
    assert Trial(number, verb, argument, odd).run() in ("answered", "refused")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_odd_calls_are_answered_or_refused(kind):
    outcomes, violations = tried(kind, N_MANY)
    print(kind, dict(outcomes), f"violations: {len(violations)}")
    assert violations == []
    assert outcomes.total() == N_MANY
