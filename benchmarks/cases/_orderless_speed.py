"""Contenders that train the same network of any column given any others, on rows of bits."""

from benchmarks.cases._floor import Dense, floors
from benchmarks.core import Contender

HIDDEN, STEP = (500, 500), 1e-3


def fit_skgen(task, seed):
    from skgen import FullyVisibleBeliefNetwork

    model = FullyVisibleBeliefNetwork(
        hidden_layer_sizes=HIDDEN,
        activation="relu",
        weight_decay=0.0,
        batch_size=task.batch_size,
        learning_rate=STEP,
        learning_rate_schedule="constant",
        max_iter=task.epochs,
        early_stopping=False,
        device=task.device,
        random_state=seed,
    )
    return model.fit(task.X).loss_curve_[-1]


def fit_torch(task, seed):
    """A perceptron that sees some bits and their mask, as a tutorial writes it."""
    import torch
    from torch import nn
    from torch.nn.functional import binary_cross_entropy_with_logits
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(seed)
    d = task.X.shape[1]
    net = nn.Sequential(
        nn.Linear(2 * d, HIDDEN[0]),
        nn.ReLU(),
        nn.Linear(HIDDEN[0], HIDDEN[1]),
        nn.ReLU(),
        nn.Linear(HIDDEN[1], d),
    ).to(task.device)
    optimizer = torch.optim.Adam(net.parameters(), lr=STEP)
    data = TensorDataset(torch.from_numpy(task.X))
    for _ in range(task.epochs):
        total = 0.0
        for (x,) in DataLoader(data, batch_size=task.batch_size, shuffle=True):
            x = x.to(task.device)
            given = torch.rand_like(x) < torch.rand(len(x), 1, device=x.device)
            log_odds = net(torch.cat([x * given, given], 1))
            loss = binary_cross_entropy_with_logits(log_odds, x, reduction="none")
            asked = ~given
            weight = d / asked.sum(1).clamp(min=1)
            loss = ((loss * asked).sum(1) * weight).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
    return total / len(task.X)


def loss(value, task):
    """Mean loss of the last epoch, nats."""
    return {"loss": value}


def layers(task):
    """The products of the plain network."""
    d = task.X.shape[1]
    network = [Dense(2 * d, HIDDEN[0]), Dense(HIDDEN[0], HIDDEN[1]), Dense(HIDDEN[1], d)]
    return [(network, task.batch_size)]


CONTENDERS = [
    Contender("skgen", fit_skgen, note="with a term that is linear in the bits"),
    Contender("torch + DataLoader", fit_torch, package="torch"),
]
FLOORS = floors(layers)
