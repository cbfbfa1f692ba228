"""A gated PixelCNN of images of bits, and its training, as a tutorial on torch writes them."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


class MaskedConv(nn.Conv2d):
    """A convolution that multiplies its weights by a mask; 'above' or 'left' of the pixel."""

    def __init__(self, n_in, n_out, size, sees, own):
        super().__init__(n_in, n_out, size, padding="same")
        height, columns = self.weight.shape[2:]
        mask = torch.zeros_like(self.weight)
        if sees == "above":
            mask[:, :, : height // 2 + own] = 1
        else:
            mask[:, :, :, : columns // 2 + own] = 1
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding="same")


def gate(x):
    a, b = x.chunk(2, 1)
    return torch.tanh(a) * torch.sigmoid(b)


class Layer(nn.Module):
    """Vertical and horizontal stack."""

    def __init__(self, n_in, width, size, first, dropout):
        super().__init__()
        self.first = first
        self.vertical = MaskedConv(n_in, 2 * width, size, "above", not first)
        self.horizontal = MaskedConv(n_in, 2 * width, (1, size), "left", not first)
        self.across = nn.Conv2d(2 * width, 2 * width, 1)
        self.out = nn.Conv2d(width, width, 1)
        self.skip = nn.Conv2d(width, width, 1)
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, v, h, shift=0.0):
        above = self.vertical(v) + shift
        inner = self.dropout(gate(self.horizontal(h) + self.across(above)))
        added = self.out(inner)
        return self.dropout(gate(above)), added if self.first else h + added, self.skip(inner)


class PlainPixelCNN(nn.Module):
    """Log-odds of each pixel (n, 1, H, W) of images (n, 1, H, W)."""

    def __init__(self, sides, width, n_layers, dropout):
        super().__init__()
        self.layers = nn.ModuleList(
            Layer(width if i else 1, width, 3 if i else 5, not i, dropout) for i in range(n_layers)
        )
        self.lies = nn.Parameter(torch.zeros(2 * width, *sides))
        self.between = nn.Conv2d(width, width, 1)
        self.last = nn.Conv2d(width, 1, 1)
        self.place = nn.Parameter(torch.zeros(1, *sides))

    def forward(self, x):
        v = h = 2 * x - 1
        total = 0.0
        for i, layer in enumerate(self.layers):
            v, h, told = layer(v, h, 0.0 if i else self.lies)
            total = total + told
        return self.last(F.relu(self.between(F.relu(total)))) + self.place

    def score_samples(self, X):
        """Log-probability of rows of bits."""
        x = torch.as_tensor(X).view(len(X), 1, *self.lies.shape[1:])
        self.eval()
        with torch.no_grad():
            loss = F.binary_cross_entropy_with_logits(self(x), x, reduction="none")
        return -loss.sum((1, 2, 3)).numpy()


def fit(task, seed):
    """The network after so many epochs of Adam, on the CPU."""
    torch.manual_seed(seed)
    images = torch.from_numpy(np.float32(task.train)).view(-1, 1, *task.sides)
    net = PlainPixelCNN(task.sides, task.width, task.n_layers, task.dropout)
    with torch.no_grad():
        net.place.copy_(torch.logit(images.mean(0), 1e-3))
    net.to(task.device)
    optimizer = torch.optim.Adam(net.parameters(), lr=task.learning_rate)
    for _ in range(task.epochs):
        for (x,) in DataLoader(TensorDataset(images), batch_size=task.batch_size, shuffle=True):
            x = x.to(task.device)
            optimizer.zero_grad()
            log_odds = net(x)
            loss = F.binary_cross_entropy_with_logits(log_odds, x, reduction="none")
            loss.sum((1, 2, 3)).mean().backward()
            optimizer.step()
    return net.cpu()
