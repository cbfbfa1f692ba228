"""Networks for orders of the columns, with random weights."""

import numpy as np
import pytest
import torch

from skgen.nets.autoregressive.layout import Layout


@pytest.fixture
def make_chain():
    """``make_chain(Net, real=..., ...)`` in float64, with columns of the kinds interleaved."""

    def make(Net, real=1, grid=1, bits=1, sizes=(3,), hidden=(9, 8), spread=0.3):
        rng = np.random.default_rng(0)
        d = real + grid + bits + len(sizes)
        ends = np.cumsum([real, grid, bits])
        kinds = [np.sort(columns) for columns in np.split(rng.permutation(d), ends)]
        layout = Layout(
            d,
            *kinds,
            half_cell=np.full(grid, 0.25),
            low=np.full(grid, -1.0),
            high=np.full(grid, np.inf),
            heap_step=np.full(grid, 1.5),
            heap_start=np.full(grid, 0.5),
            spread=np.full(grid, 0.4),
            sizes=np.array(sizes, dtype=int),
            least=np.full(real + grid, -50.0),
            greatest=np.full(real + grid, 50.0),
        )
        n = real + grid
        linear = 0.1 * rng.standard_normal(n), rng.standard_normal((2, n)), rng.uniform(0.3, 1, n)
        first = [0.2] * bits, [np.log(rng.dirichlet(np.ones(size))) for size in sizes]
        torch.manual_seed(0)
        net = Net(layout, hidden, "tanh", 3, linear, *first).double()
        with torch.no_grad():
            for p in net.parameters():
                p.add_(spread * torch.randn_like(p))
        return net.requires_grad_(False)

    return make


@pytest.fixture
def rows_of():
    """``rows_of(net, n)``: rows of values that the kinds of the columns take."""

    def rows(net, n):
        generator, layout = torch.Generator().manual_seed(1), net.layout
        x = torch.randn(n, layout.n_columns, generator=generator, dtype=torch.float64)
        x[:, layout.grid] = torch.round(2 * x[:, layout.grid]).clamp(min=-2) / 2
        x[:, layout.bits] = (x[:, layout.bits] > 0).double()
        for column, size in zip(layout.categories, layout.sizes):
            x[:, column] = torch.randint(int(size), (n,), generator=generator).double()
        return x

    return rows
