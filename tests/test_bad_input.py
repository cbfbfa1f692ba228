"""A call with something odd in it is answered right, or refused by an error that names it.

Whatever is odd, no other exception comes, no hang, no number that is not finite, no warning that
is not announced; what was given is not changed, nor is an earlier fit.
"""

import pytest

from tests.bad_input.strategy import KINDS, tried

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


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_odd_calls_are_answered_or_refused(kind):
    outcomes, violations = tried(kind, N_MANY)
    print(kind, dict(outcomes), f"violations: {len(violations)}")
    assert violations == []
    assert outcomes.total() == N_MANY
