"""A DCGAN on MNIST, with classes and without: on a CPU half as wide, for fewer epochs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import datasets
from benchmarks.cases._judge import recognized, trained_judge
from benchmarks.core import Bound, Case, Contender

WITH_CLASSES = "skgen, conditional"
WIDTHS, EPOCHS = {"cpu": (32, 64), "cuda": (64, 128)}, {"cpu": 12, "cuda": 20}


@dataclass(frozen=True)
class Task:
    """Images and their classes, a judge, and how long to train where."""

    X: np.ndarray
    y: np.ndarray
    test: np.ndarray
    judge: Callable
    epochs: int
    device: str


def load(setup):
    (X, y), (test, y_test) = datasets.mnist("train"), datasets.mnist("test")
    n, n_test, epochs = (500, 300, 1) if setup.quick else (len(X), len(test), EPOCHS[setup.device])
    test, y_test = test[:n_test], y_test[:n_test]
    judge = trained_judge(X[:n], y[:n], setup.device, 1 if setup.quick else 6)
    right = (judge(test).argmax(1) == y_test).mean()
    print(f"  the judge is right in {100 * right:.2f} % of the test images,", flush=True)
    print(f"  and sure of one class in {recognized(judge(test)):.2f} %", flush=True)
    return Task(X[:n], y[:n], test, judge, epochs, setup.device)


def network(task, seed, **parameters):
    from skgen import GAN

    widths = WIDTHS[task.device]
    return GAN(
        64,
        image_shape=(28, 28),
        hidden_layer_sizes=widths[::-1],
        critic_layer_sizes=widths,
        normalization="batch",
        learning_rate=1e-3,
        batch_size=128,
        max_iter=task.epochs,
        device=task.device,
        random_state=seed,
        **parameters,
    )


def fit_alone(task, seed):
    return network(task, seed).fit(task.X)


def fit_with_classes(task, seed):
    return network(task, seed, conditional=True).fit(task.X, task.y)


def evaluate(model, task):
    """What draws without a class show, coverage and MMD."""
    draws = model.sample(len(task.test))
    share = np.bincount(task.judge(draws).argmax(1), minlength=10) / len(draws)
    present = share > 0
    kl = float((share[present] * np.log(10 * share[present])).sum())
    return {
        **_shown(draws, task),
        "KL of the classes": kl,
        "classes": int((share > 0.02).sum()),
        "MMD^2": -model.score(task.test[:4096]),
    }


def evaluate_asked(model, task):
    """What draws of classes that are asked for show."""
    asked = np.resize(np.arange(10), len(task.test))
    draws = model.sample(len(asked), y=asked)
    as_asked = 100 * float((task.judge(draws).argmax(1) == asked).mean())
    return {**_shown(draws, task), "as asked %": as_asked}


def _shown(draws, task):
    from skgen.kernels.two_sample.coverage import coverage

    return {
        "recognized %": recognized(task.judge(draws)),
        "recognized % of test images": recognized(task.judge(task.test)),
        "coverage": coverage(task.test[:2000], draws[:2000]),
    }


CASE = Case(
    title="DCGAN, MNIST",
    family="GAN",
    description="Two stride-2 layers of 128 and 64 filters and twenty epochs on a GPU, of half as "
    "many and twelve on a CPU; batch 128. A convolutional classifier names the draws: a "
    "draw is recognized where it gives one class a probability of .9 or more; of draws under a "
    "class, the share that it takes for that class.",
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender("skgen", fit_alone, warm_up=False),
        Contender(WITH_CLASSES, fit_with_classes, warm_up=False, evaluate=evaluate_asked),
    ],
    objective="recognized %",
    digits=4,
    repeats=1,
    threads=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound(WITH_CLASSES, "as asked %", at_least=95),
        Bound("skgen", "classes", at_least=10),
        Bound("skgen", "KL of the classes", at_most=0.1),
    ],
)
