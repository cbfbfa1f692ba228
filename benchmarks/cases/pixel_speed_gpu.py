"""The captured step of a PixelCNN against plain torch on a GPU."""

from benchmarks import datasets
from benchmarks.cases import _pixel_speed, _pixels
from benchmarks.core import Case, Compare, Speedup


def load(setup):
    train, test = datasets.binarized_mnist()
    n, n_test, epochs = (200, 50, 1) if setup.quick else (10_000, 1000, 2)
    return _pixel_speed.Task(
        train[:n],
        test[:n_test],
        epochs,
        sides=(28, 28),
        width=32,
        batch_size=64,
        learning_rate=2e-3,
        device=setup.device,
    )


CASE = Case(
    title="PixelCNN of 32 filters and 5 layers, 10000 binary MNIST images, batch 64, on a GPU",
    family="ICA, SFA, autoregressive",
    description="Time of two epochs of equal updates of one gated network; nats a test image.",
    load=load,
    evaluate=_pixels.nats,
    contenders=[*_pixel_speed.CONTENDERS, *_pixel_speed.FLOORS],
    objective="nats",
    digits=2,
    repeats=3,
    devices=("cuda",),
    assertions=[
        Speedup("skgen", over="torch + DataLoader", at_least=2.0),
        Compare("skgen", "torch + DataLoader", on="nats", slack=5.0),
    ],
)
