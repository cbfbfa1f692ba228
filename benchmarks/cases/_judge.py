"""A classifier of MNIST images that says what a draw shows, and how sure it is."""

import numpy as np

SURE = 0.9


def trained_judge(X, y, device, epochs):
    """``judge(X)`` gives probabilities (n, 10); about 1 % of the test images go wrong."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(64 * 49, 10),
    ).to(device)
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)
    images, labels = (torch.from_numpy(a).to(device) for a in (X, y.astype(np.int64)))
    for _ in range(epochs):
        for index in torch.randperm(len(X), device=device).split(128):
            adam.zero_grad()
            nn.functional.cross_entropy(net(images[index]), labels[index]).backward()
            adam.step()
    net.eval()

    @torch.no_grad()
    def judge(rows):
        blocks = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float32)).split(1000)
        return torch.cat([net(block.to(device)).softmax(1).cpu() for block in blocks]).numpy()

    return judge


def recognized(probabilities):
    """Per cent of rows in which the judge is sure of one class."""
    return 100 * float((probabilities.max(axis=1) >= SURE).mean())
