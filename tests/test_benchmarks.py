"""The benchmark harness measures in turn, reports what is absent, and judges what it asserts."""

import json

import pytest

from benchmarks import run
from benchmarks.core import Bound, Case, Compare, Contender, Setup, Speedup
from benchmarks.measure import measure


def _row(seconds, **objectives):
    return {
        "status": "measured",
        "seconds": {"all": seconds},
        "peak_memory_mb": 1.0,
        "objectives": objectives,
    }


ROWS = {
    "ours": _row([1.0, 2.0, 9.0], nats=[-3.0]),
    "theirs": _row([10.0], nats=[-3.5]),
    "gone": {"status": "absent"},
}


def test_contenders_take_turns():
    calls = []

    def contender(name, **options):
        return Contender(name, lambda data, seed: calls.append((name, seed)) or seed, **options)

    case = Case(
        title="turns",
        family="Package",
        load=lambda setup: setup.device,
        evaluate=lambda result, data: {"seed": result},
        contenders=[
            contender("a"),
            contender("b", repeats=1, warm_up=False),
            contender("c", package="no-such-package"),
        ],
        objective="seed",
        repeats=3,
    )
    rows = measure(case, Setup(seed=5, threads=1), say=lambda text: None)
    assert calls == [("a", 0), ("a", 5), ("b", 5), ("a", 6), ("a", 7)]
    assert [row["status"] for row in rows] == ["measured", "measured", "absent"]
    assert rows[0]["objectives"] == {"seed": [5.0, 6.0, 7.0]}
    assert rows[0]["seconds"]["median"] == sorted(rows[0]["seconds"]["all"])[1]


@pytest.mark.parametrize(
    ("assertion", "measured", "passed"),
    [
        (Speedup("ours", over="theirs", at_least=5.0), 5.0, True),
        (Speedup("ours", over="theirs", at_least=5.1), 5.0, False),
        (Speedup("ours", over="theirs", at_least=9.0, statistic="min"), 10.0, True),
        (Speedup("ours", over="gone", at_least=1.0), None, None),
        (Compare("ours", "theirs", on="nats"), 0.5, True),
        (Compare("theirs", "ours", on="nats"), -0.5, False),
        (Compare("theirs", "ours", on="nats", slack=0.5), -0.5, True),
        (Compare("ours", "theirs", on="nats", better="lower"), -0.5, False),
        (Compare("ours", "theirs", on="nats", better="equal", relative=0.1), 0.5, False),
        (Compare("ours", "gone", on="nats"), None, None),
        (Bound("ours", "nats", at_least=-3.0, at_most=0.0), -3.0, True),
        (Bound("ours", "seconds", at_most=1.9), 2.0, False),
    ],
)
def test_assertions_are_judged(assertion, measured, passed):
    outcome = assertion.check(ROWS)
    assert outcome.measured == measured
    assert outcome.passed is passed


def test_unknown_objective_names_the_known_ones():
    with pytest.raises(KeyError, match="nats"):
        Bound("ours", "log-likelihood", at_least=0.0).check(ROWS)


@pytest.mark.parametrize("name", run.case_names())
def test_every_case_can_be_loaded(name):
    case = run.load_case(name)
    names = [contender.name for contender in case.contenders]
    assert len(set(names)) == len(names)
    for assertion in case.assertions:
        assert assertion.contender in names


def test_results_describe_the_machine_without_its_name():
    for path in run.RESULTS.glob("*.json"):
        record = json.loads(path.read_text())
        assert set(record["machine"]) <= {
            "processor",
            "cores",
            "memory_gb",
            "system",
            "python",
            "gpu",
        }
