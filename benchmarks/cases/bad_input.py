"""Calls with something odd in them, and how many were answered or refused."""

from functools import partial

from benchmarks.core import Bound, Case, Contender

KINDS = (
    "rows of a fit",
    "rows of another verb",
    "labels, weights, groups",
    "other arguments",
    "parameters",
)


def load(setup):
    return 20 if setup.quick else 2000


def run(kind, n_trials, seed):
    """The calls are the same whatever the seed."""
    from tests.bad_input.strategy import tried

    return tried(kind, n_trials)


def evaluate(result, n_trials):
    outcomes, violations = result
    for violation in violations:
        print(violation)
    counts = {name: outcomes[name] for name in ("answered", "refused", "not made")}
    return {"tried": n_trials, **counts, "violations": len(violations)}


CASE = Case(
    title="Odd calls of every estimator",
    family="Package",
    description="Calls of every verb of every estimator, made up by hypothesis, with something odd "
    "in the rows (values, shape, type, memory layout, container), beside them, in another "
    "argument, or in a parameter. Answered: finite, of the right shape, for rows that are "
    "numbers the same as for a plain array. Refused: a ValueError, TypeError or MemoryError that "
    "names what is odd. Not made: NumPy knows no such array. All else is a violation, as is a "
    "change of what was given or of the fitted model, a warning that is not announced, and no "
    "answer within a minute. A row's time is that of its calls.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(kind, partial(run, kind), package="hypothesis", repeats=1, warm_up=False)
        for kind in KINDS
    ],
    objective="violations",
    digits=0,
    threads=1,
    assertions=[Bound(kind, "violations", at_most=0) for kind in KINDS],
)
