"""Which odd call is made next."""

from hypothesis import strategies as st

from tests.bad_input.arguments import BESIDE_ROWS, SCALARS, bad_parameters
from tests.bad_input.rows import odd_rows
from tests.bad_input.trial import Trial
from tests.bad_input.verbs import BESIDE, FITS, ROWS, originals, verbs

KINDS = ("rows of a fit", "rows of a verb", "rows of a verb", "beside rows", "other", "parameter")
# Sizes that are no mistake but take as long as they say.
NO_LIMIT = {"n_steps", "n_chains"}


def arguments_of(number, kind):
    """Verbs of an instance, and their arguments, in which something of a kind can be odd."""
    found = []
    for verb, parameters in verbs(number).items():
        for name, parameter in parameters.items():
            if parameter.kind == parameter.VAR_KEYWORD:
                continue
            if name in ROWS:
                own = "rows of a fit" if verb in FITS else "rows of a verb"
            else:
                own = "beside rows" if name in BESIDE else "other"
            if own == kind:
                found.append((verb, name))
    return found


@st.composite
def trials(draw):
    """A trial of any estimator."""
    number = draw(st.integers(0, len(originals()) - 1))
    kind = draw(st.sampled_from(KINDS))
    if kind == "parameter":
        odd = draw(bad_parameters(originals()[number]))
        return Trial(number, "fit", odd[0], odd, kind)
    verb, argument = draw(st.sampled_from(arguments_of(number, kind) or [("fit", "X")]))
    if argument in ROWS:
        odd = draw(odd_rows())
    elif kind == "beside rows":
        odd = draw(st.sampled_from(list(BESIDE_ROWS)))
    else:
        odd = draw(st.sampled_from([s for s in SCALARS if (argument, s) != ("n_steps", "10**30")]))
    return Trial(number, verb, argument, odd, kind)
