"""The gradient of training, against that of the likelihood summed over all states."""

import math

import numpy as np
import pytest
import torch

from skgen.boltzmann.sequential.learning import LONGEST_GRADIENT, SequenceGradient
from skgen.boltzmann.sequential.rows import sequence_starts, sequences, states_before
from skgen.boltzmann.sequential.windows import Windows
from skgen.nets.boltzmann.sequential import ConditionalNet, RecurrentNet
from skgen.training import GradientPhase, adam
from tests.boltzmann.sequential.sequence_machines import GROUPS, X, randomize

NETS = {
    "conditional": (lambda: ConditionalNet(3, 4, 2), (1, 2)),
    "gated": (lambda: ConditionalNet(3, 4, 2, 3), (1, 2)),
    "recurrent": (lambda: RecurrentNet(3, 4, 5), (40, 40)),
}
STARTS = sequence_starts(X, GROUPS)
each = pytest.mark.parametrize("name", NETS)


def parts_of(net):
    """Parameters but those of no factors."""
    return [parameter for parameter in net.parameters() if len(parameter)]


def log_likelihood(net):
    """Mean log p(row | rows before it) of all rows, exactly."""
    parts = []
    for rows in sequences(STARTS):
        x = torch.from_numpy(X[rows]).to(net.weight)
        states = net.states(x.unsqueeze(0), torch.ones(1, len(x), dtype=torch.bool))[0]
        machines = net.machines(states)
        parts.append(-machines.free_energy(x) - machines.log_partition())
    return torch.cat(parts).mean()


@each
def test_the_exact_gradient_is_that_of_finite_differences(name):
    net = randomize(NETS[name][0]().double())
    log_likelihood(net).backward()
    for parameter in parts_of(net):
        flat, gradient = parameter.data.view(-1), parameter.grad.view(-1)
        for j in range(0, len(flat), 3):
            differences = []
            for step in (1e-5, -1e-5):
                flat[j] += step
                differences.append(log_likelihood(net).item())
                flat[j] -= step
            expected = (differences[0] - differences[1]) / 2e-5
            np.testing.assert_allclose(float(gradient[j]), expected, atol=1e-8)


@each
def test_the_gradient_of_chains_has_the_exact_one_for_its_mean(name):
    build, spans = NETS[name]
    net = randomize(build(), scale=0.5)
    exact = randomize(build(), scale=0.5).double()
    log_likelihood(exact).backward()
    windows = Windows(X, STARTS, *spans)
    targets = windows.targets()
    batch = torch.from_numpy(targets[~np.isnan(targets).any(1)])
    gradient = SequenceGradient(net, windows.on(torch.device("cpu")), 8, persistent=True)
    generator, found = torch.Generator().manual_seed(0), []
    for number in range(320):
        gradient(batch, generator)
        if number >= 20:
            found.append(torch.cat([p.grad.flatten() for p in parts_of(net)]))
    found = torch.stack(found).double()
    expected = -torch.cat([p.grad.flatten() for p in parts_of(exact)])
    error = found.std(0) / math.sqrt(len(found))
    assert ((found.mean(0) - expected).abs() < 5 * error + 1e-6).all()
    # It tells a wrong gradient from the right one: most entries are far larger than the error.
    assert (expected.abs() > 5 * error).double().mean() > 0.5


def test_long_gradients_are_cut():
    net = randomize(RecurrentNet(3, 4, 5), scale=5.0)
    windows = Windows(X, STARTS, 40, 40)
    gradient = SequenceGradient(net, windows.on(torch.device("cpu")), 1, persistent=False)
    optimizer = adam(net.parameters(), 0.01)
    phase = GradientPhase("likelihood", gradient, optimizer, longest=LONGEST_GRADIENT)
    rows, generator = torch.tensor([[0.0, 0.0], [0.0, 1.0]]), torch.Generator().manual_seed(0)
    phase.differentiate(rows, generator, "float32")
    phase.step()
    norm = torch.cat([p.grad.flatten() for p in parts_of(net)]).norm()
    assert float(norm) <= 1 + 1e-5


@pytest.mark.parametrize(("length", "lead"), [(1, 0), (1, 2), (4, 4), (7, 3), (64, 64)])
def test_windows_hold_every_row_once_and_what_was_before_it(length, lead):
    windows = Windows(X, STARTS, length, lead)
    targets = windows.targets()
    batch = torch.from_numpy(targets[~np.isnan(targets).any(1)])
    own = windows.on(torch.device("cpu"))
    place, known = own.take(batch)
    inside = place[:, lead:][known[:, lead:]]
    assert sorted(inside.tolist()) == list(range(len(X)))
    first = np.array([0, 25])
    for row, here, which in zip(batch, place, known):
        start = windows.first[int(row[0] * 4096 + row[1])]
        begin = max(start - lead, first[GROUPS[start]])
        end = min(start + length, [25, 40][GROUPS[start]])
        assert here[which].tolist() == list(range(begin, end))
        assert (own.rows[here[~which]] == 0).all()


def test_windows_are_known_by_number_however_many_there_are():
    # More than float32 can count.
    n = 2**24 + 4
    windows = Windows(np.zeros((n, 1), np.float32), np.arange(n) == 0, 1, 0)
    few = torch.from_numpy(windows.targets()[-4:])
    place, _ = windows.on(torch.device("cpu")).take(few)
    assert place[:, 0].tolist() == list(range(n - 4, n))


@each
def test_sequences_side_by_side_have_the_states_that_they_have_alone(name):
    net = randomize(NETS[name][0]().double()).requires_grad_(False)
    together = states_before(net, X, STARTS)
    for rows in sequences(STARTS):
        state = net.start(1)
        for t in range(rows.start, rows.stop):
            np.testing.assert_allclose(together[t], state[0].numpy(), atol=1e-12)
            state = net.advance(state, torch.from_numpy(X[t : t + 1]))
