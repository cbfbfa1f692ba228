"""Which odd calls are made, by hypothesis, and how many of them were answered or refused."""

from collections import Counter

import pytest

pytest.importorskip("hypothesis", reason="hypothesis makes up the calls")

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.bad_input.arguments import BESIDE_ROWS, SCALARS, constraints_of, values_out_of_range
from tests.bad_input.rows import TABLES, Rows
from tests.bad_input.trial import Trial, Violation
from tests.bad_input.verbs import BESIDE, FITS, ROWS, originals, verbs

ROWS_OF_A_FIT, ROWS_OF_A_VERB = "rows of a fit", "rows of another verb"
BESIDE_THEM, OTHER, PARAMETER = "labels, weights, groups", "other arguments", "parameters"
KINDS = (ROWS_OF_A_FIT, ROWS_OF_A_VERB, BESIDE_THEM, OTHER, PARAMETER)


def tried(kind, n_trials):
    """How often calls with something odd of a kind ended how, and what no call may do.

    The calls are the same each time.
    """
    outcomes, violations = Counter(), []

    @settings(
        max_examples=n_trials,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(trials(kind))
    def run(trial):
        try:
            outcomes[trial.run()] += 1
        except Violation as violation:
            violations.append(str(violation))

    run()
    return outcomes, violations


@st.composite
def trials(draw, kind):
    """A call of any estimator with something odd of a kind."""
    number = draw(st.sampled_from(having(kind)))
    if kind == PARAMETER:
        odd = draw(bad_parameters(originals()[number]))
        return Trial(number, "fit", odd[0], odd)
    verb, argument = draw(st.sampled_from(arguments_of(number, kind)))
    if argument in ROWS:
        odd = draw(odd_rows())
    else:
        odd = draw(st.sampled_from(list(BESIDE_ROWS if argument in BESIDE else SCALARS)))
    return Trial(number, verb, argument, odd)


@st.composite
def odd_rows(draw):
    """Rows with one odd thing about them, now and then two."""
    n_odd = draw(st.sampled_from([1, 1, 1, 2]))
    odd = draw(st.permutations(list(TABLES)))[:n_odd]
    return Rows(**{name: draw(st.sampled_from(list(TABLES[name])[1:])) for name in odd})


@st.composite
def bad_parameters(draw, estimator):
    """A parameter of an estimator and a value that it does not take, with the value's name."""
    known = constraints_of(estimator)
    bad = {name: values_out_of_range(each) for name, each in known.items()}
    name = draw(st.sampled_from([name for name, values in bad.items() if values]))
    value = draw(st.sampled_from(list(bad[name])))
    return name, value, bad[name][value]


def having(kind):
    """Numbers of the instances that take something of a kind."""
    numbers = range(len(originals()))
    return [n for n in numbers if kind == PARAMETER or arguments_of(n, kind)]


def arguments_of(number, kind):
    """Verbs of an instance, and their arguments, in which something of a kind can be odd."""
    return [
        (verb, name)
        for verb, parameters in verbs(number).items()
        for name, parameter in parameters.items()
        if parameter.kind != parameter.VAR_KEYWORD and kind_of(verb, name) == kind
    ]


def kind_of(verb, argument):
    """The kind to which an argument of a verb belongs."""
    if argument in ROWS:
        return ROWS_OF_A_FIT if verb in FITS else ROWS_OF_A_VERB
    return BESIDE_THEM if argument in BESIDE else OTHER
