"""Every estimator by its defaults on the same digits: densities, draws, features, gaps, outliers.

The table stands in the user guide.
"""

import time
from functools import partial

import numpy as np

from benchmarks.cases.default_costs import BITS, NAMES
from benchmarks.core import Case, Compare, Contender

SECONDS = "fit, CPU s"
# Digits are no sequence, which three would have, and one table is not two, as the last would have.
LEFT_OUT = ("SlowFeatureAnalysis", "ConditionalRBM", "RNNRBM", "TranslationGAN")
# Minutes in all; the rest is enough for a try.
SLOW = (
    "MixtureOfFactorAnalyzers",
    "BernoulliRBM",
    "GaussianBernoulliRBM",
    "MeanCovarianceRBM",
    "ProductOfStudentT",
    "SpikeSlabRBM",
    "DeepBeliefNetwork",
    "DeepBoltzmannMachine",
    "GAN",
    "FullyVisibleBeliefNetwork",
    "PixelCNN",
    "PixelRNN",
)
ODD = 8
HOLES = 0.3
# Best by cross-validation on the training images.
RIDGE, BANDWIDTH = 0.001, 1.5
# Of scikit-learn, those whose score of a row is a log-density.
DENSITIES = ("PCA", "GaussianMixture", "KernelDensity")


def load(setup):
    """Training and test images, their labels, and the test images with holes."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X, y = load_digits(return_X_y=True)
    if setup.quick:
        X, y = X[:200], y[:200]
    train, test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0, stratify=y)
    holes = np.random.default_rng(0).random(test.shape) < HOLES
    return train, test, y_train, y_test, np.where(holes, np.nan, test)


def ours(name, data, seed):
    """Everything that one estimator of skgen does with the digits."""
    import skgen

    def make():
        model = getattr(skgen, name)()
        return model.set_params(**{"random_state": seed} if "random_state" in vars(model) else {})

    return judged(make, data, 16 if name in BITS else 1)


def judged(make, data, unit=1):
    """Fit all classes, then all but the odd one; what cannot be asked is left out.

    Machines of bits are given probabilities, in units of 16 gray levels.
    """
    from sklearn.metrics import roc_auc_score

    train, test, y_train, y_test, gappy = data
    train, test, gappy = train / unit, test / unit, gappy / unit
    start = time.process_time()
    model = make().fit(train)
    found = {SECONDS: time.process_time() - start}
    has_density = getattr(model, "likelihood_kind_", "error") != "error"
    if (has_density and unit == 1) or type(model).__name__ in DENSITIES:
        found["nats"] = float(np.mean(model.score_samples(test)))
    if hasattr(model, "transform"):
        found["probe"] = probe(model.transform(train), y_train, model.transform(test), y_test)
    if hasattr(model, "sample"):
        draws = model.sample(len(test))
        found["coverage"] = covered(test, draws[0] if isinstance(draws, tuple) else draws)
    if hasattr(model, "impute"):
        found["gaps, RMSE"] = error(unit * model.impute(gappy), data)
    if hasattr(model, "score_samples"):
        scores = make().fit(train[y_train != ODD]).score_samples(test)
        found["outliers, AUC"] = roc_auc_score(y_test == ODD, -scores)
    return found


def probe(Z, y, Z_test, y_test):
    """Accuracy of logistic regression on standardized features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
        .fit(Z, y)
        .score(Z_test, y_test)
    )


def covered(test, draws):
    """Fraction of the test images that have a draw among their nearest five neighbors."""
    from skgen.metrics import density_coverage

    return density_coverage(test, draws).coverage


def error(filled, data):
    """Root mean squared error of the values that were taken out."""
    _, test, _, _, gappy = data
    holes = np.isnan(gappy)
    return float(np.sqrt(np.mean(np.square(filled[holes] - test[holes]))))


def raw_columns(data, seed):
    """What needs no model: the columns for features, training images for draws."""
    train, test, y_train, y_test, _ = data
    rows = np.random.default_rng(seed).permutation(len(train))[: len(test)]
    return {
        "probe": probe(train, y_train, test, y_test),
        "coverage": covered(test, train[rows]),
    }


def neighbors(data, seed):
    """scikit-learn's imputer of the nearest training images."""
    from sklearn.impute import KNNImputer

    start = time.process_time()
    model = KNNImputer().fit(data[0])
    return {
        SECONDS: time.process_time() - start,
        "gaps, RMSE": error(model.transform(data[4]), data),
    }


def theirs(make, data, seed):
    """The same of an estimator of scikit-learn."""
    return judged(partial(make, seed), data)


def principal_components(seed):
    from sklearn.decomposition import PCA

    return PCA(20, random_state=seed)


def gaussian_mixture(seed):
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(10, reg_covar=RIDGE, random_state=seed)


def kernel_density(seed):
    from sklearn.neighbors import KernelDensity

    return KernelDensity(bandwidth=BANDWIDTH)


def forest(seed):
    from sklearn.ensemble import IsolationForest

    return IsolationForest(random_state=seed)


ONCE = {"repeats": 1, "warm_up": False}
PEER = {"package": "scikit-learn", "module": "sklearn", **ONCE}
CASE = Case(
    title="Every estimator on the same digits",
    family="Package",
    description="Seven tenths of 1797 digits for training; defaults, one "
    "thread. Held-out nats a row, where the score is a density or a bound of one, or a "
    "probability of whole gray levels, which is the same over cells of one level; accuracy of "
    "logistic regression on the features; fraction of the test digits that draws cover (density "
    "and coverage of Naeem et al.); RMSE of three tenths of all values, taken out of the test "
    "digits; area under the ROC curve for eights, where training had none.",
    load=load,
    evaluate=lambda found, data: found,
    contenders=[
        *(
            Contender(name, partial(ours, name), **ONCE, slow=name in SLOW, note="defaults")
            for name in NAMES
            if name not in LEFT_OUT
        ),
        Contender("raw columns", raw_columns, **PEER, note="training images for draws"),
        Contender("PCA", partial(theirs, principal_components), **PEER, note="20 components"),
        Contender(
            "GaussianMixture",
            partial(theirs, gaussian_mixture),
            **PEER,
            note="10 full, ridge chosen",
        ),
        Contender(
            "KernelDensity", partial(theirs, kernel_density), **PEER, note="bandwidth chosen"
        ),
        Contender("KNNImputer", neighbors, **PEER, note="defaults"),
        Contender("IsolationForest", partial(theirs, forest), **PEER, note="defaults"),
    ],
    objective="probe",
    digits=3,
    repeats=1,
    threads=1,
    assertions=[
        Compare("FullyVisibleBeliefNetwork", "GaussianMixture", on="nats"),
        Compare("MixtureOfFactorAnalyzers", "GaussianMixture", on="nats"),
        Compare("MixtureOfFactorAnalyzers", "IsolationForest", on="outliers, AUC"),
        Compare("MixtureOfFactorAnalyzers", "GaussianMixture", on="coverage"),
        Compare("MixtureOfFactorAnalyzers", "KNNImputer", on="gaps, RMSE", better="lower"),
        Compare("FullyVisibleBeliefNetwork", "KNNImputer", on="gaps, RMSE", better="lower"),
        Compare("PixelCNN", "GaussianMixture", on="nats"),
        Compare("SparseCoder", "raw columns", on="probe"),
    ],
)
