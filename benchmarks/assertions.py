"""What a benchmark case may assert about its measured rows.

Every assertion answers ``check(rows) -> Outcome``, where ``rows`` maps a contender's name to its
measured row. The outcome is None-valued (not judged) where a contender is absent.
"""

import statistics
from dataclasses import dataclass

_STATISTICS = {
    "median": statistics.median,
    "mean": statistics.fmean,
    "min": min,
    "max": max,
}


@dataclass(frozen=True)
class Outcome:
    """An assertion in words, the number that was measured, and the verdict (None: not judged)."""

    text: str
    measured: float | None
    passed: bool | None


def quantity(row, name, statistic="median"):
    """Return ``seconds``, ``peak_memory_mb`` or an objective of a row, over its repeats."""
    if name == "seconds":
        return _STATISTICS[statistic](row["seconds"]["all"])
    if name == "peak_memory_mb":
        return row["peak_memory_mb"]
    if name not in row["objectives"]:
        raise KeyError(f"{name!r} was not evaluated; the case has {sorted(row['objectives'])}.")
    return _STATISTICS[statistic](row["objectives"][name])


def _measured(rows, *names):
    return all(rows.get(name, {}).get("status") == "measured" for name in names)


@dataclass(frozen=True)
class Speedup:
    """The ratio of times ``over / contender`` is at least ``at_least``."""

    contender: str
    over: str
    at_least: float
    statistic: str = "median"

    def check(self, rows):
        text = f"{self.contender} is at least {self.at_least:g} times as fast as {self.over}"
        if not _measured(rows, self.contender, self.over):
            return Outcome(text, None, None)
        ours = quantity(rows[self.contender], "seconds", self.statistic)
        theirs = quantity(rows[self.over], "seconds", self.statistic)
        return Outcome(text, theirs / ours, theirs / ours >= self.at_least)


@dataclass(frozen=True)
class Compare:
    """``contender`` is no worse than ``other`` on a quantity, up to ``slack`` (absolute).

    A negative slack asks for a gain.
    A ``relative`` slack is a fraction of the other's absolute value. ``better="equal"`` bounds
    the difference on both sides. The measured number is how much better ``contender`` is.
    """

    contender: str
    other: str
    on: str
    better: str = "higher"
    slack: float = 0.0
    relative: float = 0.0
    statistic: str = "median"

    def check(self, rows):
        relation = {"higher": ">=", "lower": "<=", "equal": "=="}[self.better]
        text = f"{self.on}: {self.contender} {relation} {self.other}{self._slack_text()}"
        if not _measured(rows, self.contender, self.other):
            return Outcome(text, None, None)
        ours = quantity(rows[self.contender], self.on, self.statistic)
        theirs = quantity(rows[self.other], self.on, self.statistic)
        slack = self.slack + self.relative * abs(theirs)
        gain = theirs - ours if self.better == "lower" else ours - theirs
        passed = abs(gain) <= slack if self.better == "equal" else gain >= -slack
        return Outcome(text, gain, passed)

    def _slack_text(self):
        if self.slack < 0:
            return f" (by {-self.slack:g})"
        parts = []
        if self.slack:
            parts.append(f"{self.slack:g}")
        if self.relative:
            parts.append(f"{self.relative:g} of it")
        return f" (within {' + '.join(parts)})" if parts else ""


@dataclass(frozen=True)
class Bound:
    """A quantity of one contender lies within fixed limits."""

    contender: str
    on: str
    at_least: float | None = None
    at_most: float | None = None
    statistic: str = "median"

    def check(self, rows):
        limits = []
        if self.at_least is not None:
            limits.append(f">= {self.at_least:.10g}")
        if self.at_most is not None:
            limits.append(f"<= {self.at_most:.10g}")
        text = f"{self.on} of {self.contender} {' and '.join(limits)}"
        if not _measured(rows, self.contender):
            return Outcome(text, None, None)
        value = quantity(rows[self.contender], self.on, self.statistic)
        high_enough = self.at_least is None or value >= self.at_least
        low_enough = self.at_most is None or value <= self.at_most
        return Outcome(text, value, high_enough and low_enough)
