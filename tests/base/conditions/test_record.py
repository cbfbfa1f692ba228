"""The record of conditions: draws are as frequent as training rows were."""

import numpy as np
import pytest

from skgen.base.conditions import class_frequencies, drawn_conditions, updated_record
from skgen.base.conditions.record import MOST_CONDITIONS

CODE = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
UNKNOWN = np.array([False, False, False, True])


def test_a_record_counts_known_conditions_by_weight_over_all_calls():
    record = updated_record(CODE, UNKNOWN, None)
    np.testing.assert_allclose(class_frequencies(record, 2), [1 / 3, 2 / 3])
    record = updated_record(CODE, UNKNOWN, np.array([3.0, 1, 0, 9]), record)
    np.testing.assert_allclose(class_frequencies(record, 2), [4 / 7, 3 / 7])
    assert len(record["code"]) == 2


def test_where_nothing_is_known_draws_are_unknown():
    record = updated_record(CODE[3:], UNKNOWN[3:], None)
    assert drawn_conditions(record, 2, np.random.RandomState(0)).tolist() == [[0, 0, 1]] * 2


def test_draws_follow_the_weights():
    record = updated_record(CODE, UNKNOWN, np.array([3.0, 0.5, 0.5, 1]))
    draws = drawn_conditions(record, 4000, np.random.RandomState(0))
    # Six standard errors.
    assert draws[:, 0].mean() == pytest.approx(0.75, abs=6 * np.sqrt(0.75 * 0.25 / 4000))


def test_many_conditions_are_thinned_out_without_bias(rng):
    code = np.c_[rng.standard_normal(3 * MOST_CONDITIONS), np.zeros(3 * MOST_CONDITIONS)]
    weight = rng.uniform(0, 1, len(code))
    record = updated_record(code.astype(np.float32), np.zeros(len(code), bool), weight)
    assert len(record["code"]) == MOST_CONDITIONS
    assert record["weight"].sum() == pytest.approx(weight.sum())
    kept = np.average(record["code"][:, 0], weights=record["weight"])
    # One of them stands for 1 / MOST_CONDITIONS of the weight.
    assert kept == pytest.approx(np.average(code[:, 0], weights=weight), abs=10 / MOST_CONDITIONS)
