"""scikit-learn's own tests with skgen behind its names; see ``benchmarks/compatibility``."""

from functools import partial

from benchmarks.compatibility.outcomes import judge, load_differences, run
from benchmarks.compatibility.suites import SUITES
from benchmarks.core import Bound, Case, Contender


def load(setup):
    return load_differences(), setup.quick


def outcomes(suite, data, seed):
    """Run the tests of a suite; they bring their own seeds."""
    return suite, run([suite], quick=data[1])[suite]


def evaluate(result, data):
    return judge(*result, data[0]).counts


CASE = Case(
    title="scikit-learn's own test modules",
    family="Package",
    description="The tests that ship inside scikit-learn, with adapters in the place of its "
    "estimators; tests that touch none are not counted. The list of those that do not pass, "
    "with reasons: :doc:`compatibility`. A row's time is that of its tests.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(name, partial(outcomes, name), repeats=1, warm_up=False) for name in SUITES
    ],
    objective="passed",
    digits=0,
    # Their networks are tiny: two threads would wait for each other.
    threads=1,
    assertions=[Bound(name, "wrong", at_most=0) for name in SUITES],
)
