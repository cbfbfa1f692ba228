"""What a fit with the defaults costs, for the API pages: from the record of the benchmark."""

import json
from pathlib import Path

RECORD = Path(__file__).parents[2] / "benchmarks" / "results" / "default_costs.json"
SENTENCE = (
    "A fit with the defaults to four fifths of scikit-learn's digits takes {seconds} s on one core "
    "({processor}); see :doc:`/benchmarks` for wine, and for the scores."
)


def sentences(record):
    """Return the sentence for each estimator of a record, by name."""
    out = {}
    for row in record["rows"]:
        name, table = row["contender"].split(", ")
        if table == "digits" and row["status"] == "measured":
            (seconds,) = row["objectives"]["CPU seconds"]
            text = f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"
            out[name] = SENTENCE.format(seconds=text, processor=record["machine"]["processor"])
    return out


def _give(app, config):
    config.autosummary_context = {"costs": sentences(json.loads(RECORD.read_text()))}


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", _give)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
