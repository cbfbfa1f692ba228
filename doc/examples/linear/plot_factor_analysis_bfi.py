"""
Factor analysis of a personality questionnaire
==============================================

2800 people said how well 25 sentences describe them, from 1 (very inaccurate) to 6 (very accurate).
The sentences were written to measure five traits, five sentences each: agreeableness,
conscientiousness, extraversion, neuroticism and openness. Factor analysis does not know which
sentence belongs to which trait. Does it find the five?

One person in eight left something out. :class:`skgen.FactorAnalysis` takes the table as it is, NaN
included: nothing is dropped or filled in before the fit. The rotation is **oblique** (oblimin),
because there is no reason why traits should be uncorrelated.
"""

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import skgen

ITEMS = {
    "A1": "Am indifferent to the feelings of others",
    "A2": "Inquire about others' well-being",
    "A3": "Know how to comfort others",
    "A4": "Love children",
    "A5": "Make people feel at ease",
    "C1": "Am exacting in my work",
    "C2": "Continue until everything is perfect",
    "C3": "Do things according to a plan",
    "C4": "Do things in a half-way manner",
    "C5": "Waste my time",
    "E1": "Don't talk a lot",
    "E2": "Find it difficult to approach others",
    "E3": "Know how to captivate people",
    "E4": "Make friends easily",
    "E5": "Take charge",
    "N1": "Get angry easily",
    "N2": "Get irritated easily",
    "N3": "Have frequent mood swings",
    "N4": "Often feel blue",
    "N5": "Panic easily",
    "O1": "Am full of ideas",
    "O2": "Avoid difficult reading material",
    "O3": "Carry the conversation to a higher level",
    "O4": "Spend time reflecting on things",
    "O5": "Will not probe deeply into a subject",
}
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
# Five factors, from whatever each person answered. Divided by the standard deviations, a loading is
# the change of the answer, in standard deviations, when the factor goes up by one.


def fit_factors(answers):
    """Fitted model, and standardized loadings as a table of sentences by factors."""
    model = skgen.FactorAnalysis(
        n_components=5, rotation="oblimin", tol=1e-4
    ).fit(answers)
    loadings = model.components_ / np.sqrt(
        np.diag(model.get_covariance())
    )
    return model, pd.DataFrame(loadings.T, index=answers.columns)


# %%
# The order and the sign of factors are free. Each is given to the trait whose sentences it loads
# most, and turned so that the sum of those loadings is positive.


def name_factors(loadings):
    """Trait of each factor, and the sign that points it in the trait's direction."""
    of_trait = loadings.groupby(loadings.index.str[0])
    traits = of_trait.agg(lambda column: column.abs().sum()).idxmax()
    signs = [
        np.sign(loadings.loc[loadings.index.str[0] == t, j].sum())
        for j, t in traits.items()
    ]
    return traits.to_numpy(), np.array(signs)


# %%
# The picture
# -----------


def label_cells(ax, values, least=0.0):
    """Write the numbers whose size is at least so large into the cells of a heat map."""
    for (i, j), value in np.ndenumerate(values):
        if abs(value) >= least:
            ink = "white" if abs(value) > 0.55 else "black"
            ax.text(
                j,
                i,
                f"{value:.2f}",
                ha="center",
                va="center",
                fontsize=8,
                color=ink,
            )


def draw(loadings, correlation, names):
    """Heat maps of the loadings, sentences by factors, and of the factors' correlations."""
    figure, (left, right) = plt.subplots(
        1,
        2,
        figsize=(12, 7.5),
        width_ratios=[1.25, 1],
        layout="constrained",
    )
    colors = {"cmap": "RdBu_r", "vmin": -0.85, "vmax": 0.85}
    image = left.imshow(loadings, aspect="auto", **colors)
    label_cells(left, loadings, least=0.3)
    left.set_xticks(range(5), names, rotation=20, fontsize=9)
    left.set_yticks(
        range(25),
        [f"{text}  {code}" for code, text in ITEMS.items()],
        fontsize=9,
    )
    for edge in (4.5, 9.5, 14.5, 19.5):
        left.axhline(edge, color="black", linewidth=1)
    left.set_title(
        "Loadings: what each factor does to each answer\n(numbers from 0.3 on)"
    )
    right.imshow(correlation, **colors)
    label_cells(right, correlation)
    right.set_xticks(range(5), names, rotation=20, fontsize=9)
    right.set_yticks(range(5), names, fontsize=9)
    right.set_title("Correlations of the factors")
    right.set_anchor("N")
    figure.colorbar(
        image, ax=right, orientation="horizontal", shrink=0.8
    )


# %%
# Each block of five sentences lights up one column: the questionnaire measures what it was written
# for. Where the block's cells are blue, the sentence is worded against its trait ("Waste my time").
# N4, "Often feel blue", is shared between neuroticism and the lack of extraversion. The factors do
# correlate, which an orthogonal rotation would have to hide in the loadings.

DATA = Path(
    os.environ.get(
        "SKGEN_DATA", Path(skgen.__file__).parents[1] / "../shared/data"
    )
)


def made_up_answers():
    """Answers of 2800 people with correlated traits, five sentences each, and some gaps."""
    rng = np.random.default_rng(0)
    traits = rng.multivariate_normal(
        np.zeros(5), 0.8 * np.eye(5) + 0.2, 2800
    )
    against = np.isin(
        list(ITEMS), ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
    )
    loadings = rng.uniform(0.4, 0.8, 25) * np.where(against, -1, 1)
    noise = rng.normal(size=(2800, 25)) * np.sqrt(1 - loadings**2)
    answers = (
        (3.5 + 1.3 * (np.repeat(traits, 5, axis=1) * loadings + noise))
        .round()
        .clip(1, 6)
    )
    return pd.DataFrame(answers, columns=list(ITEMS)).mask(
        rng.random(answers.shape) < 0.007
    )


if (DATA / "bfi.csv").exists():
    answers = pd.read_csv(DATA / "bfi.csv")[list(ITEMS)]
else:
    print(
        "These answers are made up, since bfi.csv is not there. Write it with R, "
        "write.csv(psych::bfi, 'bfi.csv'), and set SKGEN_DATA to its folder."
    )
    answers = made_up_answers()
model, loadings = fit_factors(answers)
traits, signs = name_factors(loadings)
order = np.argsort(traits)
correlation = model.factor_correlation_ * np.outer(signs, signs)
names = [TRAITS[t] for t in traits[order]]
draw(
    (loadings * signs).to_numpy()[:, order],
    correlation[np.ix_(order, order)],
    names,
)
print(
    f"{answers.shape[0]} people, {int(answers.isna().any(axis=1).sum())} of them with gaps; "
    f"{model.score(answers):.2f} nats a person."
)
plt.show()
