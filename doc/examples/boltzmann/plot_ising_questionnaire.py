"""
The network of a questionnaire
==============================

2800 people said how well 25 sentences describe them. Factor analysis explains the answers by traits
behind them (:ref:`sphx_glr_gallery_linear_plot_factor_analysis_bfi.py`). Psychometric networks do
without: sentences that hang together are joined directly, and two sentences without an edge
are independent given all others.

Each answer is cut at the median of its sentence, which makes a bit.
:class:`skgen.BoltzmannMachine` without hidden units is then an Ising model. With 25 columns it is
fitted by pseudo-likelihood.
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import skgen
from skgen import BoltzmannMachine

TRAITS = {
    "A": "Agreeableness",
    "C": "Conscientiousness",
    "E": "Extraversion",
    "N": "Neuroticism",
    "O": "Openness",
}

# %%
# The fit
# -------
#
# An edge is the log odds ratio of two answers given all others. Its standard error says which edges
# are more than chance: with 300 pairs, one whose ratio to its error exceeds 3.8 in size would arise
# from nothing in 4 of 100 such tables.


def fit_network(bits):
    """Machine of maximum pseudo-likelihood, and the ratio of each edge to its error."""
    model = BoltzmannMachine(alpha=0.0).fit(bits)
    with np.errstate(invalid="ignore"):
        z = model.interactions_ / model.interactions_std_
    return model, np.nan_to_num(z)


# %%
# The picture
# -----------
#
# Sentences stand on a circle, ordered by the trait that they were written to measure, and edges
# that are more than chance are drawn, the wider the stronger.


def draw_network(ax, weights, names):
    """Draw the edges with a weight among names on a circle: blue above zero, red below."""
    angles = np.linspace(0, 2 * np.pi, len(names), endpoint=False)
    places = np.column_stack([np.cos(angles), np.sin(angles)])
    largest = np.abs(weights).max()
    for i, j in zip(*np.nonzero(np.triu(weights))):
        color = "tab:blue" if weights[i, j] > 0 else "tab:red"
        strength = abs(weights[i, j]) / largest
        # Pairs on opposite sides are joined straight, neighbors by arcs that bend inward.
        middle = 0.45 * (places[i] + places[j]) / 2
        t = np.linspace(0, 1, 30)[:, None]
        arc = (
            (1 - t) ** 2 * places[i]
            + 2 * t * (1 - t) * middle
            + t**2 * places[j]
        )
        ax.plot(
            *arc.T,
            color=color,
            lw=5 * strength,
            alpha=0.25 + 0.7 * strength,
        )
    traits = [name[0] for name in names]
    for k, letter in enumerate(sorted(set(traits))):
        own = [i for i, trait in enumerate(traits) if trait == letter]
        ax.scatter(
            *places[own].T,
            s=420,
            color=f"C{k}",
            edgecolor="white",
            zorder=3,
            label=TRAITS[letter],
        )
    for (x, y), name in zip(places, names):
        ax.text(
            x,
            y,
            name,
            ha="center",
            va="center",
            color="white",
            zorder=4,
        )
    ax.set_aspect("equal")
    ax.axis("off")
    ax.figure.legend(loc="outside right center", frameon=False)


# %%
# The table
# ---------
#
# bfi.csv comes with the R package psych. Without it, answers are made up that have five traits.

DATA = Path(
    os.environ.get(
        "SKGEN_DATA", Path(skgen.__file__).parents[1] / "../shared/data"
    )
)


def made_up_answers(n=2000):
    """Answers from 1 to 6 of which five sentences each speak of a trait."""
    rng = np.random.default_rng(0)
    names = [f"{letter}{k}" for letter in TRAITS for k in range(1, 6)]
    traits = np.repeat(rng.standard_normal((n, 5)), 5, axis=1)
    answers = 3.5 + traits + rng.standard_normal((n, 25))
    return pd.DataFrame(answers.round().clip(1, 6), columns=names)


if (DATA / "bfi.csv").exists():
    answers = pd.read_csv(DATA / "bfi.csv")
else:
    print(
        "These answers are made up, since bfi.csv is not there. Write it with R, "
        "write.csv(psych::bfi, 'bfi.csv'), and set SKGEN_DATA to its folder."
    )
    answers = made_up_answers()
items = [f"{letter}{k}" for letter in TRAITS for k in range(1, 6)]
answers = answers[items].dropna()
bits = (answers > answers.median()).astype(float)

# %%
# Most strong edges join sentences of one trait, which the machine was not told, and sentences that
# are worded the other way round are joined in red.
model, z = fit_network(bits)
edges = np.where(np.abs(z) > 3.8, model.interactions_, 0.0)
same = np.equal.outer(*[np.array([name[0] for name in items])] * 2)
upper = np.triu(np.ones_like(same), 1)
within, between = (edges[upper & pairs] for pairs in (same, ~same))
print(
    f"{np.count_nonzero(within)} of {within.size} pairs of one trait are joined, "
    f"{np.count_nonzero(between)} of {between.size} of two"
)
_, ax = plt.subplots(figsize=(7.5, 5.5), layout="constrained")
draw_network(ax, edges, items)

# %%
# A lasso sets weights to exactly zero instead. With the penalty that predicts rows held out best it
# is the more generous one.
sparse = BoltzmannMachine(penalty="l1").fit(bits)
kept = sparse.interactions_ != 0
print(
    f"the lasso joins {np.count_nonzero(kept & upper)} pairs, "
    f"{kept[edges != 0].mean():.0%} of those above among them"
)
plt.show()
