"""Synthetic rows of two tables: can a classifier tell them, does one learn from them, are they new.

The mixed table follows a law that is written down here, so that its true rows are a contender.
"""

import numpy as np

from benchmarks import datasets
from benchmarks.core import Bound, Case, Contender

N_TRAIN, N_TEST = 2000, 1000
# Standard deviations over all columns within which a row copies another.
COPY = 0.1
CITIES, PLANS = ("north", "south", "east", "west"), ("basic", "family", "pro")


def law(n, rng):
    """``n`` rows of a mixed table: two categories, two counts, one bit and two real numbers."""
    import pandas as pd

    city = rng.choice(4, n, p=[0.45, 0.3, 0.2, 0.05])
    age = np.clip(np.round(rng.normal(45, 13, n)), 18, 90)
    income = np.exp(2 + 0.02 * age + np.array([0.0, 0.3, -0.3, 0.8])[city] + rng.normal(0, 0.4, n))
    owner = rng.random(n) < 1 / (1 + np.exp(3 - 0.04 * age - 0.05 * income))
    visits = rng.poisson(np.exp(0.4 + 0.7 * owner + 0.2 * (city == 1)))
    # Two clusters, whose width grows with the income.
    area = 40 + 60 * owner + rng.normal(0, 1, n) * np.sqrt(4 + income)
    scores = np.stack([1.5 - 0.3 * visits, 0.03 * area - 2, 0.06 * income - 1.5], axis=1)
    plan = (2 * scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
    return pd.DataFrame(
        {
            "city": pd.Categorical.from_codes(city, CITIES),
            "age": age,
            "income": income,
            "owner": owner.astype(float),
            "visits": visits.astype(float),
            "area": area,
            "plan": pd.Categorical.from_codes(plan, PLANS),
        }
    )


def load(setup):
    """For each table its training and test rows, more true rows, and the column of the class."""
    import pandas as pd

    X = datasets.red_wine().round(5)  # the file has single precision
    wine = pd.DataFrame(X, columns=[f"x{j}" for j in range(X.shape[1])])
    wine["quality"] = pd.Categorical(datasets.red_wine_quality())
    wine = wine.iloc[np.random.default_rng(0).permutation(len(wine))].reset_index(drop=True)
    n_wine = 200 if setup.quick else len(wine) * 4 // 5
    n = 200 if setup.quick else N_TRAIN
    mixed = law(2 * n + N_TEST, np.random.default_rng(0))
    return {
        "wine": (wine[:n_wine], wine[n_wine:], wine[n_wine:], "quality"),
        "mixed": (mixed[:n], mixed[n : n + N_TEST], mixed[n + N_TEST :], "plan"),
    }


def true_rows(data, seed):
    """Real rows that no model saw; a classifier learns from the training rows."""
    return {name: (more, train) for name, (train, _, more, _) in data.items()}


def network_rows(data, seed):
    """Draws of the network, fitted to the table as it is."""
    from skgen import FullyVisibleBeliefNetwork

    found = {}
    for name, (train, *_) in data.items():
        model = FullyVisibleBeliefNetwork(random_state=seed).fit(train)
        draws = model.sample(len(train), random_state=seed).astype(train.dtypes)
        found[name] = draws, draws
    return found


def drawn_as_numbers(make_model, data, seed, *, snapped):
    """Draws of a model of standardized numbers, a category being one column for each value."""
    import pandas as pd

    found = {}
    for name, (train, *_) in data.items():
        codes = pd.get_dummies(train, dtype=float)
        center, scale = codes.mean(), codes.std(ddof=0)
        draws = make_model(seed, ((codes - center) / scale).to_numpy(), len(train))
        draws = pd.DataFrame(draws * scale.to_numpy() + center.to_numpy(), columns=codes.columns)
        rows = decoded(draws, train, snapped)
        found[name] = rows, rows
    return found


def decoded(draws, train, snapped):
    """The table of draws: the likeliest category, and if asked the nearest value that occurs."""
    import pandas as pd

    rows = {}
    for column in train:
        if isinstance(train[column].dtype, pd.CategoricalDtype):
            names = train[column].cat.categories
            best = draws[[f"{column}_{name}" for name in names]].to_numpy().argmax(axis=1)
            rows[column] = pd.Categorical.from_codes(best, names)
        else:
            values = np.unique(train[column])
            # Real numbers, all of which differ, have no grid.
            on_grid = snapped and len(values) < 0.9 * len(train)
            rows[column] = nearest(values, draws[column]) if on_grid else draws[column].to_numpy()
    return pd.DataFrame(rows)


def nearest(values, x):
    """Of sorted values the one nearest to each x."""
    return values[np.searchsorted((values[1:] + values[:-1]) / 2, x)]


def mixture(seed, X, n):
    """Draws of scikit-learn's mixture of Gaussians."""
    from sklearn.mixture import GaussianMixture
    from sklearn.model_selection import GridSearchCV

    model = GaussianMixture(reg_covar=1e-4, random_state=seed)
    search = GridSearchCV(model, {"n_components": [1, 2, 5, 10, 20]}, error_score=-1e9).fit(X)
    return np.random.default_rng(seed).permutation(search.best_estimator_.sample(n)[0])


def vae(seed, X, n):
    """Draws of the variational autoencoder."""
    from skgen import VAE

    return VAE(random_state=seed).fit(X).sample(n, random_state=seed)


def mixture_rows(data, seed):
    return drawn_as_numbers(mixture, data, seed, snapped=False)


def mixture_on_the_grid(data, seed):
    return drawn_as_numbers(mixture, data, seed, snapped=True)


def vae_rows(data, seed):
    return drawn_as_numbers(vae, data, seed, snapped=False)


def vae_on_the_grid(data, seed):
    return drawn_as_numbers(vae, data, seed, snapped=True)


def evaluate(found, data):
    reached = {}
    for name, (train, test, _, target) in data.items():
        rows, learned_from = found[name]
        reached[f"AUC {name}"] = auc(train, rows)
        real = accuracy(train, test, target)
        reached[f"accuracy {name}"] = accuracy(learned_from, test, target) / real
        reached[f"copies {name}"] = copies(rows, train) - copies(test, train)
    return reached


def booster():
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)


def auc(train, rows):
    """How well a classifier tells rows from the training rows; equal rows are in one fold."""
    import pandas as pd
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    both = pd.concat([train, rows], ignore_index=True).astype(train.dtypes)
    y = np.repeat([0, 1], [len(train), len(rows)])
    groups = both.groupby(list(both), observed=True).ngroup()
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    p = cross_val_predict(booster(), both, y, groups=groups, cv=folds, method="predict_proba")
    return roc_auc_score(y, p[:, 1])


def accuracy(train, test, target):
    """Accuracy on real test rows of a classifier of the target that learned from ``train``."""
    model = booster().fit(train.drop(columns=target), train[target].astype(str))
    return model.score(test.drop(columns=target), test[target].astype(str))


def copies(rows, train):
    """Fraction of rows that lie next to a training row, all categories being equal."""
    import pandas as pd
    from sklearn.neighbors import NearestNeighbors

    parts = train, rows.astype(train.dtypes)
    codes, others = (pd.get_dummies(part, dtype=float) for part in parts)
    scale = np.where([c in train for c in codes], codes.std(ddof=0), 1.0)
    neighbors = NearestNeighbors(n_neighbors=1).fit(codes / scale)
    return float(np.mean(neighbors.kneighbors(others / scale)[0] < COPY))


BESIDE = {
    "GaussianMixture": mixture_rows,
    "GaussianMixture on the grid": mixture_on_the_grid,
}
CASE = Case(
    title="Synthetic rows of red wine with its grade, and of a mixed table",
    family="Tables",
    description="AUC: of scikit-learn's HistGradientBoostingClassifier that tells drawn rows from "
    "the training rows, five folds, columns as they are. Accuracy: on real test rows of one that "
    "learned from drawn rows, as a fraction of that of one that learned from real rows. Copies: "
    "fraction of drawn rows within 0.1 standard deviations of a training row, less that of real "
    "test rows. The mixed table has a law, whose true rows are a contender; the real rows beside "
    "the wines are the test rows. On the grid: numbers at the nearest value that occurs.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen", network_rows, note="defaults", repeats=1, warm_up=False),
        Contender("real rows", true_rows, repeats=1, warm_up=False),
        Contender("VAE", vae_rows, note="defaults", repeats=1, warm_up=False),
        Contender("VAE on the grid", vae_on_the_grid, repeats=1, warm_up=False),
        *(
            Contender(
                name,
                run,
                package="scikit-learn",
                module="sklearn",
                note="components by cross-validation",
                repeats=1,
                warm_up=False,
            )
            for name, run in BESIDE.items()
        ),
    ],
    objective="AUC mixed",
    digits=3,
    threads=1,
    assertions=[
        *(Bound("skgen", f"AUC {name}", at_most=0.6) for name in ("wine", "mixed")),
        *(Bound("skgen", f"accuracy {name}", at_least=0.95) for name in ("wine", "mixed")),
        *(Bound("skgen", f"copies {name}", at_most=0.02) for name in ("wine", "mixed")),
    ],
)
