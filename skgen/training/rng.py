"""Torch random generators made from scikit-learn's ``random_state``."""

from contextlib import contextmanager

import torch


def torch_generator(rng, device="cpu"):
    """Seed a torch generator on ``device`` from a NumPy RandomState."""
    return torch.Generator(device).manual_seed(int(rng.randint(2**31 - 1)))


@contextmanager
def seeded(generator):
    """Run a block with torch's global generators seeded, and put them back after it.

    Layers such as dropout, and the initialization of modules, draw from the global
    generators and cannot be given another.
    """
    cuda = [generator.device] if generator.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        # torch.manual_seed would reseed devices that are not restored here.
        torch.default_generator.manual_seed(generator.initial_seed())
        for device in cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(generator.initial_seed())
        yield
