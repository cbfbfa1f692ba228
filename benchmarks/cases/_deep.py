"""What the cases of deep Boltzmann models share: digits, bounds and error rates."""

from benchmarks import datasets
from benchmarks.core import Contender

# Of pre-training; few labels are content with fewer.
EPOCHS, EPOCHS_FEW = 25, 12
# How a classifier with few labels learns, from either start.
FEW = {"dropout": 0.5, "input_dropout": 0.3, "batch_size": 64}


def binary_digits(setup):
    """Digits at 8 or more, training and test rows."""
    from sklearn.model_selection import train_test_split

    X = (datasets.digits() >= 8).astype("float32")
    return train_test_split(X, test_size=360, random_state=0)


def fit_rbm(data, seed):
    """One layer of as many units as the deep models have in the lowest."""
    from skgen import BernoulliRBM

    return BernoulliRBM(64, random_state=seed).fit(data[0])


def nats(model, data):
    """Mean score of the test rows: a bound, or the likelihood by the same annealing."""
    return {"log-likelihood": model.score(data[1])}


def mnist(setup, n_epochs):
    """Gray MNIST, (X, test, y, y_test, device, epochs)."""
    n, n_test, epochs = (1000, 500, 1) if setup.quick else (60_000, 10_000, n_epochs)
    (X, y), (test, y_test) = datasets.mnist("train"), datasets.mnist("test")
    return X[:n], test[:n_test], y[:n], y_test[:n_test], setup.device, epochs


def with_few_labels(y, n_labels, seed):
    """The labels of ``n_labels`` rows, as many of each class, and -1 for the rest."""
    import numpy as np

    rng = np.random.RandomState(100 + seed)
    known = np.full_like(y, -1, dtype=np.int64)
    for label in np.unique(y):
        rows = rng.choice(np.flatnonzero(y == label), n_labels // 10, replace=False)
        known[rows] = label
    return known


def error(model, data):
    """Error on the test images, in per cent."""
    return {"error %": 100 * (1 - model.score(data[1], data[3]))}


def error_of_labels(model, data):
    """The same of a network whose own score is a likelihood."""
    return {"error %": 100 * float((model.predict(data[1]) != data[3]).mean())}


def tuned(model, data, seed, labels, **parameters):
    """A classifier that is fine-tuned from a model, on the device of the data."""
    from skgen import FineTunedClassifier

    model.set_params(device=data[4])
    classifier = FineTunedClassifier(model, device=data[4], random_state=seed, **parameters)
    return classifier.fit(data[0], labels)


def machine(epochs):
    """RBM(1024) for features; the setting was chosen by 1000 labels on training images alone."""
    from skgen import BernoulliRBM

    return BernoulliRBM(
        1024,
        negative_phase="cd",
        n_gibbs_steps=1,
        batch_size=50,
        learning_rate=0.1,
        learning_rate_schedule="cosine",
        init_scale=0.05,
        centered=False,
        data_bias=False,
        sparsity_target=0.1,
        sparsity_cost=0.1,
        max_iter=epochs,
    )


def few_labels(n_labels):
    """Contenders that know as many labels, all but the last ones beside all images without.

    Each seed draws labels of its own.
    """

    def known(data, seed):
        # At most half of all rows, of which a quick run has few.
        return with_few_labels(data[2], min(n_labels, len(data[2]) // 2), seed)

    def alone(data, seed):
        labels = known(data, seed)
        return data[0][labels >= 0], labels[labels >= 0]

    def fit_skgen(data, seed):
        from skgen import FineTunedClassifier

        how = {"max_iter": 1} if data[5] == 1 else {}
        model = FineTunedClassifier(device=data[4], random_state=seed, **how)
        return model.fit(data[0], known(data, seed))

    def fit_machine(data, seed, **parameters):
        if data[5] == 1:
            parameters["max_iter"] = 1
        how = {**FEW, "adversarial_radius": 2.0, **parameters}
        return tuned(machine(data[5]), data, seed, known(data, seed), **how)

    def fit_at_random(data, seed):
        return fit_machine(data, seed, pretrain=False)

    def fit_labels(data, seed):
        return fit_machine(data, seed, pretrain=False, adversarial_radius=0.0)

    def fit_spreading(data, seed):
        from sklearn.semi_supervised import LabelSpreading

        return LabelSpreading(kernel="knn").fit(data[0], known(data, seed))

    def fit_self_training(data, seed):
        from sklearn.linear_model import LogisticRegression
        from sklearn.semi_supervised import SelfTrainingClassifier

        return SelfTrainingClassifier(LogisticRegression()).fit(data[0], known(data, seed))

    def fit_svc(data, seed):
        from sklearn.svm import SVC

        return SVC(C=10).fit(*alone(data, seed))

    once = {"repeats": 1, "warm_up": False, "devices": ("cpu",)}
    sklearn = {"package": "scikit-learn", "module": "sklearn", **once}
    return [
        Contender("skgen", fit_skgen, warm_up=False, note="defaults"),
        Contender("skgen, machine", fit_machine, **once, note="RBM(1024), tuned"),
        Contender("random start", fit_at_random, **once, note="tuned, all images"),
        Contender("labels alone", fit_labels, **once, note="tuned, random start"),
        Contender("LabelSpreading", fit_spreading, **sklearn, note="kernel='knn'"),
        Contender("SelfTraining", fit_self_training, **sklearn, note="of LogisticRegression"),
        Contender("SVC", fit_svc, **sklearn, note="C=10, labels alone"),
    ]
