"""Where a model trains, and in which precision."""

import os
from contextlib import contextmanager, nullcontext

import torch

from skgen.workers import launched


def resolve_device(device):
    """``torch.device`` of a name; ``"auto"`` prefers CUDA, then the CPU.

    Of the processes that torchrun has started on a machine each has a GPU of its own.

    Raises
    ------
    ValueError
        The device is not present on this machine.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and launched():
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
    try:
        chosen = torch.device(device)
    except RuntimeError:
        chosen = None
    if chosen is None or not is_present(chosen):
        raise ValueError(
            f'device={device!r} is not available on this machine; use device="auto", or "cpu".'
        )
    return chosen


def current_device(device):
    """Context in which a device is the one whose streams and graphs CUDA means."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


@contextmanager
def plain_autograd():
    """Context in which gradients are known, whatever the caller has switched off."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


@contextmanager
def memory_errors():
    """Make a MemoryError of what torch raises where the memory of the host is full."""
    try:
        yield
    except RuntimeError as error:
        if "DefaultCPUAllocator" not in str(error):
            raise
        raise MemoryError(
            "Networks or rows do not fit in memory; use smaller layers, or fewer rows at a time."
        ) from error


def inference_device(device):
    """Like ``resolve_device``, but a device that is not present becomes the CPU."""
    if device == "auto" or is_present(torch.device(device)):
        return resolve_device(device)
    return torch.device("cpu")


def is_present(device):
    """Whether this machine has the device."""
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    if device.type == "mps":
        return torch.backends.mps.is_available()
    return device.type == "cpu"


def autocast(device, precision):
    """Context in which a loss is computed: plain, or in bfloat16 where it is safe."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)
