"""
A table as it is
================

Wines with thirteen measurements, some of them missing, and the name of their grape: one density
for all of it. It draws wines, tells how sure it is of what is missing, and names grapes that
nobody wrote down.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

from skgen import FullyVisibleBeliefNetwork

data = load_wine(as_frame=True)
table = data.data.assign(
    grape=np.array(["Barolo", "Grignolino", "Barbera"])[data.target]
)
rng = np.random.default_rng(0)
test = rng.permutation(len(table)) < 50
train = table[~test]

# %%
# A tenth of the measurements are lost, and eight grapes in ten were not written down.

holes = train.mask(rng.random(train.shape) < 0.1)
holes.loc[rng.random(len(holes)) < 0.8, "grape"] = None
print(
    f"{holes['grape'].notna().sum()} of {len(holes)} wines have a name"
)
model = FullyVisibleBeliefNetwork(random_state=0).fit(holes)
print(pd.Series(model.column_kinds_, table.columns).to_string())

# %%
# New wines
# ---------
# Draws come in the types of the table, and integers are integers. Each is beside all wines:

draws = model.sample(len(table), random_state=0)
fig, axes = plt.subplots(
    1,
    2,
    figsize=(8, 3.8),
    layout="constrained",
    sharex=True,
    sharey=True,
)
colors = {
    "Barolo": "tab:red",
    "Grignolino": "tab:blue",
    "Barbera": "tab:green",
}
for ax, rows, title in zip(axes, (table, draws), ("wines", "draws")):
    for grape, color in colors.items():
        own = rows[rows["grape"] == grape]
        ax.scatter(
            own["flavanoids"],
            own["proline"],
            s=10,
            c=color,
            label=grape,
        )
    ax.set(title=title, xlabel="flavanoids", ylabel="proline")
axes[0].legend()

# %%
# What is missing, and how surely
# -------------------------------
# The distribution of one column given all others of its row is a
# :class:`~skgen.autoregressive.column_conditional.ColumnConditional`. Half of the unseen wines should
# lie in the band from its 25 % to its 75 % quantile.

proline = model.conditional(table[test], "proline")
low, high = proline.quantile([0.25, 0.75]).T
truth = table.loc[test, "proline"].to_numpy()
order = np.argsort(proline.mean)
fig, ax = plt.subplots(figsize=(8, 3), layout="constrained")
ax.fill_between(
    np.arange(50),
    low[order],
    high[order],
    alpha=0.3,
    label="25 % to 75 %",
)
ax.plot(proline.mean[order], label="mean")
ax.plot(truth[order], "k.", label="truth")
ax.set(xlabel="unseen wines by their means", ylabel="proline")
ax.legend()
print(f"{np.mean((low <= truth) & (truth <= high)):.0%} lie within")

# %%
# Holes of several columns at once
# --------------------------------
# Draws given the rest of a row fill its holes together, each time anew. Their spread is how unsure
# the filled values are, and a statistic of many filled tables shows how unsure it is itself.

lost = table[test].copy()
lost.loc[:, ["color_intensity", "proline"]] = np.nan
filled = np.stack(
    [
        rows[["color_intensity", "proline"]].to_numpy()
        for rows in model.sample_conditional(
            lost, n_draws=50, random_state=0
        )
    ]
)
correlations = [np.corrcoef(rows.T)[0, 1] for rows in filled]
true = np.corrcoef(
    table.loc[test, ["color_intensity", "proline"]].to_numpy().T
)[0, 1]
low, high = np.quantile(correlations, [0.05, 0.95])
print(
    f"correlation of color and proline: {low:.2f} to {high:.2f} filled in, {true:.2f} in truth"
)

# %%
# The grape of a wine
# -------------------
# The class is one more column. Rows without it taught the network how measurements go together.

grapes = model.conditional(table[test], "grape")
named = grapes.classes[grapes.probabilities.argmax(axis=1)]
print(
    f"{np.mean(named == table.loc[test, 'grape']):.0%} of the unseen wines are named rightly"
)
plt.show()
