"""What the Boltzmann cases share: exact likelihoods of any machine, and epochs to time."""

from dataclasses import dataclass

import numpy as np

from benchmarks.cases._graph import captured, repeat
from benchmarks.core import Contender


def skgen_machine(n_hidden, **parameters):
    """``run(data, seed)`` that fits skgen's machine with these parameters to ``data[0]``."""

    def run(data, seed):
        from skgen import BernoulliRBM

        return BernoulliRBM(n_hidden, random_state=seed, **parameters).fit(data[0])

    return run


def sklearn_machine(n_hidden, **parameters):
    """``run(data, seed)`` of scikit-learn's machine."""

    def run(data, seed):
        from sklearn.neural_network import BernoulliRBM

        return BernoulliRBM(n_hidden, random_state=seed, **parameters).fit(data[0])

    return run


def exact_nats(model, data):
    """Exact mean log-likelihood of the test rows ``data[1]``, whoever fitted the machine."""
    from skgen.kernels.boltzmann.boltzmann_enumeration import log_partition

    W = np.asarray(model.components_, dtype=np.float64)
    b = np.asarray(model.intercept_visible_, dtype=np.float64)
    c = np.asarray(model.intercept_hidden_, dtype=np.float64)
    rows = np.asarray(data[1], dtype=np.float64)
    minus_free_energy = rows @ b + np.logaddexp(0, rows @ W.T + c).sum(1)
    return {"log-likelihood": float(minus_free_energy.mean() - log_partition(W, b, c))}


@dataclass(frozen=True)
class Epochs:
    """Rows, and how they are passed over."""

    X: np.ndarray
    n_hidden: int
    batch_size: int
    epochs: int
    device: str


def epochs_of_skgen(task, seed):
    from skgen import BernoulliRBM

    return BernoulliRBM(
        task.n_hidden,
        n_gibbs_steps=1,
        n_chains=task.batch_size,
        batch_size=task.batch_size,
        learning_rate=0.01,
        max_iter=task.epochs,
        device=task.device,
        random_state=seed,
    ).fit(task.X)


def epochs_of_sklearn(task, seed):
    from sklearn.neural_network import BernoulliRBM

    return BernoulliRBM(
        task.n_hidden,
        batch_size=task.batch_size,
        learning_rate=0.01,
        n_iter=task.epochs,
        random_state=seed,
    ).fit(task.X)


def epochs_of_torch(task, seed):
    """The loop that one would write in an afternoon."""
    import torch

    torch.manual_seed(seed)
    X = torch.from_numpy(task.X).to(task.device)
    W = 0.01 * torch.randn(task.n_hidden, X.shape[1], device=task.device)
    b, c = (
        torch.zeros(X.shape[1], device=task.device),
        torch.zeros(task.n_hidden, device=task.device),
    )
    h = torch.bernoulli(torch.full((task.batch_size, task.n_hidden), 0.5, device=task.device))
    for _ in range(task.epochs):
        for index in torch.randperm(len(X), device=task.device).split(task.batch_size):
            v = X[index]
            p = torch.sigmoid(v @ W.T + c)
            v_model = torch.bernoulli(torch.sigmoid(h @ W + b))
            p_model = torch.sigmoid(v_model @ W.T + c)
            h = torch.bernoulli(p_model)
            W += 0.01 * (p.T @ v / len(v) - p_model.T @ v_model / len(h))
            b += 0.01 * (v.mean(0) - v_model.mean(0))
            c += 0.01 * (p.mean(0) - p_model.mean(0))
    return W


def matrix_products(task, seed):
    """The five products of an update and nothing else: the floor under every contender."""
    repeat(_products(task), task)


def captured_matrix_products(task, seed):
    """The same without a launch of their own for each."""
    repeat(captured(_products(task)), task)


def _products(task):
    import torch

    n, d, k = task.batch_size, task.X.shape[1], task.n_hidden
    v, h = torch.rand(n, d, device=task.device), torch.rand(n, k, device=task.device)
    W, to_hidden = torch.rand(k, d, device=task.device), torch.empty(n, k, device=task.device)
    to_visible, outer = torch.empty_like(v), torch.empty_like(W)

    def products():
        torch.mm(v, W.T, out=to_hidden)
        torch.mm(h, W, out=to_visible)
        torch.mm(v, W.T, out=to_hidden)
        torch.mm(h.T, v, out=outer)
        torch.mm(h.T, v, out=outer)

    return products


def nothing(result, task):
    return {}


def mean_weight(result, task):
    """Mean size of the weights: the epochs were real."""
    return {"mean size of a weight": float(np.abs(result.components_).mean())}


SPEED_CONTENDERS = [
    Contender("skgen", epochs_of_skgen, evaluate=mean_weight),
    Contender(
        "scikit-learn",
        epochs_of_sklearn,
        package="scikit-learn",
        module="sklearn",
        evaluate=mean_weight,
    ),
    Contender("torch", epochs_of_torch, package="torch", evaluate=nothing),
    Contender(
        "matrix products",
        matrix_products,
        package="torch",
        evaluate=nothing,
        note="the five products of the updates alone",
    ),
    Contender(
        "matrix products, captured",
        captured_matrix_products,
        package="torch",
        evaluate=nothing,
        devices=("cuda",),
        note="the same as one CUDA graph",
    ),
]
