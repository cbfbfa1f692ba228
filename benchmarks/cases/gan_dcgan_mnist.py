"""A DCGAN on MNIST: ``python -m benchmarks.run --device cuda --only gan_dcgan_mnist``."""

import numpy as np

from benchmarks import datasets
from benchmarks.cases._judge import recognized, trained_judge
from benchmarks.core import Bound, Case, Contender


def load(setup):
    (X, y), (test, y_test) = datasets.mnist("train"), datasets.mnist("test")
    n, n_test, epochs = (500, 300, 1) if setup.quick else (len(X), len(test), 20)
    test, y_test = test[:n_test], y_test[:n_test]
    judge = trained_judge(X[:n], y[:n], setup.device, 1 if setup.quick else 6)
    right = (judge(test).argmax(1) == y_test).mean()
    print(f"  the judge is right in {100 * right:.2f} % of the test images,", flush=True)
    print(f"  and sure of one class in {recognized(judge(test)):.2f} %", flush=True)
    return X[:n], test, judge, epochs, setup.device


def fit_gan(data, seed):
    from skgen import GAN

    X, _, _, epochs, device = data
    model = GAN(
        64,
        image_shape=(28, 28),
        hidden_layer_sizes=(128, 64),
        critic_layer_sizes=(64, 128),
        normalization="batch",
        learning_rate=1e-3,
        batch_size=128,
        max_iter=epochs,
        device=device,
        random_state=seed,
    )
    return model.fit(X)


def evaluate(model, data):
    """What the draws show, coverage and MMD."""
    from skgen.kernels.two_sample.coverage import coverage

    _, test, judge, _, _ = data
    draws = model.sample(len(test))
    probabilities = judge(draws)
    share = np.bincount(probabilities.argmax(1), minlength=10) / len(draws)
    present = share > 0
    return {
        "recognized %": recognized(probabilities),
        "recognized % of test images": recognized(judge(test)),
        "KL of the classes": float((share[present] * np.log(10 * share[present])).sum()),
        "classes": int((share > 0.02).sum()),
        "coverage": coverage(test[:2000], draws[:2000]),
        "MMD^2": -model.score(test[:4096]),
    }


CASE = Case(
    title="DCGAN, MNIST, twenty epochs on a GPU",
    family="GAN",
    description="Two stride-2 layers, batch 128. A convolutional classifier names the draws: a "
    "draw is recognized where it gives one class a probability of .9 or more.",
    load=load,
    evaluate=evaluate,
    contenders=[Contender("skgen", fit_gan, warm_up=False)],
    objective="recognized %",
    digits=4,
    repeats=1,
    devices=("cuda",),
    assertions=[
        Bound("skgen", "recognized %", at_least=95),
        Bound("skgen", "classes", at_least=10),
        Bound("skgen", "KL of the classes", at_most=0.1),
    ],
)
