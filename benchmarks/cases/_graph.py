"""What an update does again and again, launch by launch or as one CUDA graph."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Task:
    """Rows, and how to go through them."""

    X: np.ndarray
    batch_size: int
    epochs: int
    device: str = "cpu"


def captured(function):
    """A replay of ``function``, which must read and write the same memory at each call."""
    import torch

    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            function()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay


def repeat(function, task):
    """Call ``function`` once for each update of a task."""
    for _ in range(task.epochs * -(-len(task.X) // task.batch_size)):
        function()
