"""A step of training never asks the device for a number, so that CUDA can hold it in a graph."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch.utils._python_dispatch import TorchDispatchMode

from skgen import ConvolutionalDBN, FineTunedClassifier, FullyVisibleBeliefNetwork
from skgen.boltzmann.base import BoltzmannMixin
from skgen.boltzmann.sequential.base import SequenceRBM
from skgen.boltzmann.sequential.learning import SequenceGradient
from skgen.training.step import PlainStep
from tests.instances import instances, label

# Operators whose result, or its shape, depends on values: CUDA has to wait for them.
WAITING = {
    "_local_scalar_dense",
    "_linalg_check_errors",
    "nonzero",
    "masked_select",
    "is_nonzero",
    "equal",
    "_unique2",
    "unique_consecutive",
}
MADE = FullyVisibleBeliefNetwork(
    architecture="made", hidden_layer_sizes=(8,), n_mixture_components=3, n_orders=2, max_iter=3
)


def has_steps_of_its_own(estimator):
    """Whether a machine takes other steps on the CPU than on CUDA."""
    machine = estimator.estimator if isinstance(estimator, FineTunedClassifier) else estimator
    return isinstance(machine, BoltzmannMixin | ConvolutionalDBN | SequenceRBM)


ON_THE_LOOP = [
    *(e for e in instances() if "device" in e.get_params() and not has_steps_of_its_own(e)),
    MADE,
]


class Watch(TorchDispatchMode):
    """Names of the waiting operators that were called."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        by_mask = name in ("index", "index_put", "index_put_") and any(
            index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        )
        if name in WAITING or by_mask:
            self.seen.add(name)
        return func(*args, **(kwargs or {}))


@pytest.fixture
def watch(monkeypatch):
    """What was called within steps of training."""
    watch = Watch()
    update = PlainStep.update

    def watched(step, index):
        with watch:
            update(step, index)

    monkeypatch.setattr(PlainStep, "update", watched)
    return watch


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", ON_THE_LOOP, ids=label)
def test_steps_wait_for_no_number(estimator, watch):
    rng = np.random.default_rng(0)
    X = rng.random((60, 6)).astype(np.float32)
    X[:, 3] = X[:, 3] < 0.5
    y = (X[:, 0] > 0.5).astype(int)
    if isinstance(estimator, FineTunedClassifier):
        y[20:] = -1
    clone(estimator).set_params(random_state=0).fit(X, y)
    assert not watch.seen


@pytest.mark.parametrize(
    "estimator", [e for e in instances() if isinstance(e, SequenceRBM)], ids=label
)
def test_steps_of_sequences_wait_for_no_number_on_a_gpu(estimator, watch, monkeypatch):
    monkeypatch.setattr(SequenceGradient, "trims", lambda self, batch: False)
    X = (np.random.default_rng(0).random((60, 6)) < 0.5).astype(np.float32)
    clone(estimator).set_params(random_state=0).fit(X, groups=np.arange(60) // 17)
    assert not watch.seen


def test_the_watch_sees(watch):
    with watch:
        x = torch.arange(3.0)
        x[x > 1], float(x.sum()), torch.linalg.cholesky(torch.eye(2)), x[torch.tensor(1)]
    assert {"index", "_local_scalar_dense", "_linalg_check_errors"} <= watch.seen
