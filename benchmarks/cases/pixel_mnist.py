"""Binary MNIST pixel by pixel: 10000 images on a CPU, all of them on a GPU."""

from benchmarks import datasets
from benchmarks.cases import _pixels
from benchmarks.core import Bound, Case, Contender

# Of the size of the paper's networks on a GPU, and of what a CPU can do in 20 minutes.
ON_GPU = {
    "PixelCNN": {"n_filters": 64, "n_layers": 15, "batch_size": 64, "max_iter": 60},
    "PixelRNN": {"n_units": 32, "n_layers": 7, "batch_size": 64, "max_iter": 40},
}
ON_CPU = {"PixelCNN": {}, "PixelRNN": {}}


def load(setup):
    train, test = datasets.binarized_mnist()
    on_gpu = setup.device != "cpu"
    n, n_test = (100, 20) if setup.quick else (len(train) if on_gpu else 10_000, len(test))
    how = {
        name: {**of, "device": setup.device} for name, of in (ON_GPU if on_gpu else ON_CPU).items()
    }
    if setup.quick:
        how = {name: {**of, "max_iter": 1} for name, of in how.items()}
        train, test = (x.reshape(-1, 28, 28)[:, 7:21, 7:21].reshape(-1, 196) for x in (train, test))
    return train[:n], test[:n_test], how


def fitted(name):
    return _pixels.cpu_timed(lambda data, seed: _pixels.fit(data, seed, name=name, **data[2][name]))


ONCE = {"warm_up": False}
CASE = Case(
    title="Binary MNIST pixel by pixel",
    family="ICA, SFA, autoregressive",
    description="Nats a test image of static binary MNIST, and how much faster images are drawn "
    "than by a pass of the network for each pixel; 10000 training images with the defaults on a "
    "CPU, all 60000 and larger networks on a GPU. Van den Oord et al. (2016) report -81.30 for the "
    "PixelCNN and -79.20 for the Diagonal BiLSTM of seven layers.",
    load=load,
    evaluate=_pixels.drawing_speed,
    contenders=[
        Contender("skgen PixelCNN", fitted("PixelCNN"), **ONCE),
        Contender("skgen PixelRNN", fitted("PixelRNN"), **ONCE),
    ],
    objective="nats",
    digits=2,
    repeats=1,
    devices=("cpu", "cuda"),
    assertions=[
        Bound("skgen PixelCNN", "100 draws, times naive", at_least=5.0),
        Bound("skgen PixelRNN", "100 draws, times naive", at_least=5.0),
    ],
)
