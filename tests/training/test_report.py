import logging

import numpy as np

from skgen import DeepBeliefNetwork
from skgen.training.loop import History
from skgen.training.report import epoch_line


def test_a_line_says_how_long_the_rest_takes():
    history = History({"error": [3.0, 2.0]}, validation=[2.5, 2.25])
    line = epoch_line(history, 10, seconds=1.5, elapsed=4.0)
    assert line == "epoch 2/10  error 2  validation 2.25  1.50 s, 16 s left"


def test_stages_are_counted_where_there_are_several(caplog):
    X = np.random.default_rng(0).integers(0, 2, (40, 6)).astype(float)
    model = DeepBeliefNetwork((4, 3), visible="binary", max_iter=1, verbose=True, random_state=0)
    with caplog.at_level(logging.INFO, "skgen"):
        model.fit(X)
    starts = [record.getMessage().split("  ")[0] for record in caplog.records]
    assert starts == ["stage 1 of 2", "stage 2 of 2"]
    assert "minus_pseudo_likelihood" in caplog.text
