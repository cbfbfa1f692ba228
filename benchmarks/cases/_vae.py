"""Contenders that train the same variational autoencoder 784-400-20 on the same rows.

All draw the initial weights of ``torch.nn.Linear`` or better, and make the same number of updates
of Adam at a constant step; the objective is the mean loss of the last epoch.
"""

import tempfile

from benchmarks.cases._graph import captured, repeat
from benchmarks.core import Contender

HIDDEN, LATENT, STEP = 400, 20, 1e-3


def fit_skgen(task, seed):
    from skgen import VAE

    model = VAE(
        LATENT,
        hidden_layer_sizes=(HIDDEN,),
        likelihood="bernoulli",
        batch_size=task.batch_size,
        learning_rate=STEP,
        learning_rate_schedule="constant",
        weight_decay=0.0,
        max_iter=task.epochs,
        device=task.device,
        random_state=seed,
    )
    return model.fit(task.X).loss_curve_[-1]


def network(seed):
    """Plain modules, as a tutorial writes them."""
    import torch
    from torch import nn

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden, self.mean = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, LATENT)
            self.log_variance = nn.Linear(HIDDEN, LATENT)
            self.decoder = nn.Sequential(
                nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 784)
            )

        def forward(self, x):
            hidden = torch.relu(self.hidden(x))
            mean, log_variance = self.mean(hidden), self.log_variance(hidden)
            z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
            return torch.sigmoid(self.decoder(z)), mean, log_variance

    torch.manual_seed(seed)
    return Plain()


def negative_elbo(outputs, x):
    """Mean over rows."""
    import torch

    rebuilt, mean, log_variance = outputs
    error = torch.nn.functional.binary_cross_entropy(rebuilt, x, reduction="sum")
    kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
    return (error + kl) / len(x)


def fit_torch(task, seed):
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    net = network(seed).to(task.device)
    optimizer = torch.optim.Adam(net.parameters(), lr=STEP)
    data = TensorDataset(torch.from_numpy(task.X))
    loader = DataLoader(data, batch_size=task.batch_size, shuffle=True)
    for _ in range(task.epochs):
        total = 0.0
        for (x,) in loader:
            x = x.to(task.device)
            optimizer.zero_grad()
            loss = negative_elbo(net(x), x)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
    return total / len(task.X)


def fit_skorch(task, seed):
    import torch
    from skorch import NeuralNet

    class Net(NeuralNet):
        def get_loss(self, y_pred, y_true, *args, **kwargs):
            return negative_elbo(y_pred, y_true.to(self.device))

    net = Net(
        network(seed),
        criterion=torch.nn.MSELoss,
        optimizer=torch.optim.Adam,
        lr=STEP,
        batch_size=task.batch_size,
        max_epochs=task.epochs,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
        device=task.device,
    )
    return net.fit(task.X, task.X).history[-1]["train_loss"]


def fit_pythae(task, seed):
    import torch
    from pythae.data.datasets import BaseDataset
    from pythae.models import VAE, VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    plain = network(seed)

    class Encoder(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.net = plain

        def forward(self, x):
            hidden = self.net.hidden(x.flatten(1)).relu()
            return ModelOutput(
                embedding=self.net.mean(hidden), log_covariance=self.net.log_variance(hidden)
            )

    class Decoder(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.net = plain.decoder

        def forward(self, z):
            return ModelOutput(reconstruction=self.net(z).sigmoid())

    config = VAEConfig(input_dim=(784,), latent_dim=LATENT, reconstruction_loss="bce")
    with tempfile.TemporaryDirectory() as folder:
        trainer = BaseTrainer(
            VAE(config, Encoder(), Decoder()),
            BaseDataset(torch.from_numpy(task.X), torch.zeros(len(task.X))),
            training_config=BaseTrainerConfig(
                output_dir=folder,
                per_device_train_batch_size=task.batch_size,
                num_epochs=task.epochs,
                learning_rate=STEP,
                no_cuda=task.device == "cpu",
            ),
        )
        trainer.prepare_training()
        return [float(trainer.train_step(epoch)) for epoch in range(1, task.epochs + 1)][-1]


def matrix_products(task, seed):
    """The eleven products of an update and nothing else: the floor under every contender."""
    repeat(_products(task), task)


def captured_matrix_products(task, seed):
    """The same without a launch of their own for each."""
    repeat(captured(_products(task)), task)


def _products(task):
    import torch

    def matrix(*shape):
        return torch.randn(shape, device=task.device)

    x, hidden = matrix(task.batch_size, 784), matrix(task.batch_size, HIDDEN)
    code, pair = matrix(task.batch_size, LATENT), matrix(task.batch_size, 2 * LATENT)
    widths = [(HIDDEN, 784), (2 * LATENT, HIDDEN), (HIDDEN, LATENT), (784, HIDDEN)]
    weights = [matrix(*width) for width in widths]
    inputs, outputs = [x, hidden, code, hidden], [hidden, pair, hidden, x]

    def products():
        for i, (weight, left, right) in enumerate(zip(weights, inputs, outputs)):
            left @ weight.T
            right.T @ left
            if i:
                right @ weight

    return products


def loss(value, task):
    return {"loss": value}


CONTENDERS = [
    Contender("skgen", fit_skgen),
    Contender("torch + DataLoader", fit_torch, package="torch"),
    Contender("skorch", fit_skorch, package="skorch"),
    Contender("pythae", fit_pythae, package="pythae"),
    Contender(
        "matrix products",
        matrix_products,
        package="torch",
        evaluate=lambda value, task: {},
        note="the products of the updates alone",
    ),
    Contender(
        "matrix products, captured",
        captured_matrix_products,
        package="torch",
        evaluate=lambda value, task: {},
        devices=("cuda",),
        note="the same as one CUDA graph",
    ),
]
