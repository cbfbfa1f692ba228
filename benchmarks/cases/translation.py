"""Images and tables of one domain translated to another, with pairs of rows and without."""

import numpy as np

from benchmarks.cases import _translation as tasks
from benchmarks.core import Bound, Case, Compare, Contender

# Shapes of images, None of tables.
PAIRED = {"outlines": (8, 8), "turned": None}
UNPAIRED = {"night": (3, 8, 8), "batches": None}


def load(setup):
    """Tasks by name; the batch effects are planted."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression

    X, y = load_breast_cancer(return_X_y=True)
    logistic = LogisticRegression(C=0.1, max_iter=500)
    n_patches = 200 if setup.quick else 1000
    return {
        "outlines": tasks.digits_task(tasks.outlines),
        "turned": tasks.digits_task(tasks.turned),
        "night": tasks.night_task(n_patches),
        "batches": tasks.batch_task(np.log(X + 0.01), y, logistic, strength=2.0),
    }


def translated(data, seed):
    """Test rows of every task as ``TranslationGAN`` translates them."""
    from skgen import TranslationGAN

    rows = {}
    for paired, shapes in ((True, PAIRED), (False, UNPAIRED)):
        for name, shape in shapes.items():
            model = TranslationGAN(paired, image_shape=shape, random_state=seed)
            model.fit(data[name].X, data[name].Y)
            rows[name] = model.transform(data[name].X_test)
    return rows


def predicted(make_regressor):
    """Test rows of the tasks with pairs, by a regressor."""

    def run(data, seed):
        fits = {name: make_regressor().fit(data[name].X, data[name].Y) for name in PAIRED}
        return {name: fit.predict(data[name].X_test) for name, fit in fits.items()}

    return run


def matched(match):
    """Test rows of the tasks without pairs, by what matches moments."""
    return lambda data, seed: {name: match(data[name]) for name in UNPAIRED}


def ridge():
    from sklearn.linear_model import RidgeCV

    return RidgeCV(np.logspace(-2, 3, 8))


def neighbors():
    from sklearn.neighbors import KNeighborsRegressor

    return KNeighborsRegressor(3)


def evaluate(rows, data):
    found = {}
    for name, translations in rows.items():
        found[f"R^2 {name}"] = tasks.r2(data[name], translations)
        if data[name].judge is not None:
            found[f"accuracy {name}"] = tasks.accuracy(data[name], translations)
    return found


ONCE = {"repeats": 1, "warm_up": False}
SKLEARN = {"package": "scikit-learn", "module": "sklearn", **ONCE}
CASE = Case(
    title="Translation of images and tables",
    family="GAN",
    description="With pairs: digits out of their outlines, and digits turned by 30 degrees set "
    "upright; accuracy of a 3-nearest-neighbor classifier of real digits. Without pairs: patches "
    "of two photographs by day to such by night, a known curve of colors, and a second batch of "
    "breast cancer measurements to the first, after each column took a gain, an offset and a curve "
    "of its own and something of all others; accuracy on the second batch of a classifier that "
    "learned from the first. R^2: of all values of the truth for rows that no one has seen. "
    "Untouched rows and true rows bound what there is to gain.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen", translated, note="defaults", **ONCE),
        Contender("RidgeCV", predicted(ridge), **SKLEARN),
        Contender("KNeighborsRegressor", predicted(neighbors), note="3 neighbors", **SKLEARN),
        Contender("moments of columns", matched(tasks.match_moments), **ONCE),
        Contender("quantiles of columns", matched(tasks.match_quantiles), **SKLEARN),
        Contender("covariance", matched(tasks.match_covariance), **ONCE),
        Contender("untouched", matched(lambda task: task.X_test), **ONCE),
        Contender("truth", matched(lambda task: task.Y_test), **ONCE),
    ],
    objective="R^2 batches",
    digits=3,
    threads=1,
    assertions=[
        Compare("skgen", "RidgeCV", on="R^2 outlines", better="higher"),
        Compare("skgen", "KNeighborsRegressor", on="R^2 outlines", better="higher"),
        Compare("skgen", "moments of columns", on="R^2 night", better="higher"),
        Compare("skgen", "moments of columns", on="R^2 batches", better="higher"),
        Compare("skgen", "moments of columns", on="accuracy batches", better="higher"),
        Bound("skgen", "R^2 turned", at_least=0.9),
    ],
)
