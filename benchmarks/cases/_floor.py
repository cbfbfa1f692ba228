"""The products of an update of networks and nothing else: the floor under every contender.

Each layer is multiplied forward, and backward to its inputs and to its weights; activations,
penalties, draws and optimizers are left out.
"""

from dataclasses import dataclass

from benchmarks.cases._graph import captured, repeat
from benchmarks.core import Contender


@dataclass(frozen=True)
class Dense:
    """A matrix of ``n_in`` by ``n_out`` weights."""

    n_in: int
    n_out: int

    def products(self, n, device):
        """The three products of ``n`` rows, as functions without arguments."""
        import torch

        x, y = (torch.rand(n, size, device=device) for size in (self.n_in, self.n_out))
        weight = torch.rand(self.n_out, self.n_in, device=device)
        return [lambda: x @ weight.T, lambda: y @ weight, lambda: y.T @ x]


@dataclass(frozen=True)
class Conv:
    """A convolution of maps of size ``sides``; ``transposed`` ones enlarge by their stride."""

    n_in: int
    n_out: int
    sides: tuple
    kernel: tuple
    stride: int = 1
    padding: tuple = (0, 0)
    transposed: bool = False

    def products(self, n, device):
        """The convolution of ``n`` rows, and its two of the way back in one call."""
        import torch

        x = torch.rand(n, self.n_in, *self.sides, device=device)
        channels = (self.n_in, self.n_out) if self.transposed else (self.n_out, self.n_in)
        weight = torch.rand(*channels, *self.kernel, device=device)
        how = [self.stride] * 2, list(self.padding), [1, 1], self.transposed, [0, 0], 1
        y = torch.convolution(x, weight, None, *how)

        def back():
            every = [True, True, False]
            torch.ops.aten.convolution_backward(y, x, weight, None, *how, every)

        return [lambda: torch.convolution(x, weight, None, *how), back]


def floors(networks):
    """Two contenders: the products launched one by one, and as one CUDA graph.

    ``networks(task)`` gives pairs of layers and of the number of rows that pass them.
    """

    def products(task):
        every = [
            product
            for layers, n in networks(task)
            for layer in layers
            for product in layer.products(n, task.device)
        ]

        def update():
            for product in every:
                product()

        return update

    def launched(task, seed):
        repeat(products(task), task)

    def replayed(task, seed):
        repeat(captured(products(task)), task)

    how = {"package": "torch", "evaluate": lambda result, task: {}}
    note = "the layers of the updates alone"
    return [
        Contender("products", launched, note=note, **how),
        Contender("products, captured", replayed, devices=("cuda",), note="as one graph", **how),
    ]
