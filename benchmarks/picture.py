"""Draw the times of the README's cases: skgen and the contender of each headline."""

import textwrap

import matplotlib.pyplot as plt

from benchmarks.report import headlines, load_results

WIDTH_OF_LABEL = 44


def draw(records=None):
    """Return a figure: per case two points on a scale of seconds, with what both reached."""
    shown = headlines(load_results() if records is None else records)
    shown.sort(key=lambda line: line[0].headline.group == "faster")
    figure, ax = plt.subplots(figsize=(8, 0.5 * len(shown) + 1), layout="constrained")
    labels = [_label(*line) for line in shown]
    ours = [row["seconds"]["median"] for _, _, row, _ in shown]
    others = [row["seconds"]["median"] for _, _, _, row in shown]
    ax.hlines(range(len(shown)), ours, others, color="0.75", linewidth=2, zorder=1)
    ax.scatter(others, range(len(shown)), color="tab:orange", label="contender", zorder=2)
    ax.scatter(ours, range(len(shown)), color="tab:blue", label="skgen", zorder=2)
    ax.axhline(sum(case.headline.group == "better" for case, *_ in shown) - 0.5, color="0.9")
    ax.set(xscale="log", xlabel="median seconds", yticks=range(len(shown)), yticklabels=labels)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return figure


def _label(case, record, ours, other):
    return textwrap.fill(f"{record['title']}; {other['contender']}", WIDTH_OF_LABEL)
