"""Workers that share the batches of a fit: the processes that torchrun has started.

Every worker holds all rows and the same generators, takes its part of each batch, and averages
gradients with the others, so that all have the same weights after each update.
"""

import atexit
import multiprocessing
import os
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import torch
from torch import distributed, nn

from skgen.interrupts import innermost
from skgen.training.rng import exchange_states
from skgen.training.workers.draws import SharedDraws
from skgen.workers import ALONE, Share, alone, inside_a_fit, launched, workers, working_with

# After so long a worker gives up waiting for others: worker 0 may be writing a file, or scoring.
TIMEOUT = timedelta(minutes=30)
# Set to the process that is a worker, so that those which it starts know that they are none.
MARK = "SKGEN_WORKER"
RUNNING_MEANS = "running_mean", "running_var"

_groups = {}


class Failure(NamedTuple):
    """What a worker says that cannot begin a fit."""

    message: str


class Group:
    """The workers of a fit in as many processes; see ``Alone`` for what they do.

    Parameters
    ----------
    group : torch.distributed.ProcessGroup
        Carries what they tell each other.
    """

    def __init__(self, group):
        self.group = group
        self.rank, self.size = distributed.get_rank(group), distributed.get_world_size(group)
        self.rows, self.draws, self.chains = None, None, []
        self.asked, self.agreed = False, False

    def first(self, make):
        """What ``make()`` returns in worker 0; an error there is one everywhere."""
        told, error = [None, None], None
        if self.rank == 0:
            try:
                with alone():
                    told[0] = make()
            except BaseException as one:
                told[1], error = f"{type(one).__name__}: {one}", one
        self._broadcast_object(told)
        if error is not None:
            raise error
        if told[1] is not None:
            raise RuntimeError(f"Worker 0 failed, on which the others wait: {told[1]}")
        return told[0]

    def every(self, flag):
        """Whether a flag is set in all workers."""
        number = torch.tensor(float(flag))
        distributed.all_reduce(number, distributed.ReduceOp.MIN, group=self.group)
        return bool(number)

    @contextmanager
    def until_agreed(self):
        """Context of what each worker does by itself before ``agree``: an error is one in all."""
        before, self.agreed = self.agreed, False
        try:
            yield
        except Exception as error:
            if not self.agreed:
                self._of_all(Failure(f"{type(error).__name__}: {error}"))
            raise
        finally:
            self.agreed = before

    def agree(self, facts):
        """Refuse facts, a dict by name, that are not the same in all workers."""
        self.agreed = True
        known = self._of_all(facts)
        for rank, one in enumerate(known):
            if isinstance(one, Failure):
                raise RuntimeError(f"Worker {rank} failed before the fit began: {one.message}")
        for name, fact in known[0].items():
            others = [str(rank) for rank, one in enumerate(known) if one.get(name) != fact]
            if others:
                raise ValueError(
                    f"{name} of worker {', '.join(others)} is not that of worker 0; give every "
                    "process the same data and parameters: each batch is shared out among them."
                )

    def split(self, chains, axis):
        """A view of the chains of this worker; where they are too few all have all."""
        share = Share.of(chains.shape[axis], self.rank, self.size)
        if chains.shape[axis] < self.size:
            return chains
        own = chains.narrow(axis, share.start, share.n)
        self.chains.append((share, chains, own))
        return own

    def share_of(self, n):
        """The ``Share`` of rows or of chains that has n here, or None."""
        return next((share for share in self.shares() if share.n == n), None)

    def n_of_all(self, n):
        """How many rows all workers have of a batch of which this one has n."""
        share = self.share_of(n)
        return n if share is None else share.n_all

    def shares(self):
        """Those of the rows of the current batch, if there is one, and of the chains."""
        chains = [share for share, *_ in self.chains]
        return chains if self.rows is None else [self.rows, *chains]

    @contextmanager
    def sharing(self, n_rows):
        """Context of an update on so many rows: yields the ``Share`` that is to be worked on.

        Draws for these rows are a part of those that one worker would make for all.
        """
        self.rows = Share.of(n_rows, self.rank, self.size)
        self.draws = SharedDraws(self.shares())
        try:
            with self.draws:
                yield self.rows
        finally:
            self.rows = self.draws = None

    def means(self, *batches):
        """Mean rows of several batches, over the rows of all workers."""
        n = [torch.tensor([len(rows)], dtype=torch.float64, device=rows.device) for rows in batches]
        sums = [torch.cat([rows.sum(0, dtype=torch.float64), k]) for rows, k in zip(batches, n)]
        flat = self._summed(torch.cat(sums))
        parts = flat.split([len(part) for part in sums])
        return [(one[:-1] / one[-1]).to(rows) for one, rows in zip(parts, batches)]

    def relative_weight(self, n_chains, n_rows):
        """What a mean over chains here counts next to one over rows, in the mean over workers."""
        chains, rows = self.share_of(n_chains), self.share_of(n_rows)
        return 1.0 if None in (chains, rows) else chains.fraction / rows.fraction

    def mean_of(self, means, n):
        """Mean over all workers of what are means over n rows or chains here; a tensor."""
        share, own = self.share_of(n), means.detach()
        of_all = self._summed(own * (1 / self.size if share is None else share.fraction))
        return means + (of_all - own) if means.requires_grad else of_all

    def all_rows(self, rows):
        """The rows of all workers, of a batch of which these are a part."""
        whole = rows.new_zeros(self.rows.n_all, *rows.shape[1:])
        whole.narrow(0, self.rows.start, self.rows.n).copy_(rows)
        return self._summed(whole)

    def own_part(self, total):
        """What to divide sums of this worker by for a mean over the rows of all."""
        return self._summed(total.clone()) * (1.0 if self.rows is None else self.rows.fraction)

    def put_rows(self, rows, place, values):
        """``rows[place] = values``, with the places and values of all workers."""
        for where, own in self._of_all((place.cpu(), values.cpu())):
            rows[where.to(rows.device)] = own.to(rows.device)

    @contextmanager
    def counting(self, n):
        """Context of draws for n rows here, whose number only the workers together know."""
        counts = self._of_all(n)
        share = Share(sum(counts[: self.rank]), n, sum(counts))
        before = self.draws.shares
        self.draws.shares = [share, *before]
        yield
        self.draws.shares = before

    def average(self, optimizer, loss):
        """Average the gradients of an optimizer's parameters; return the mean loss.

        One message holds all of it, and whether Ctrl-C was pressed somewhere.
        """
        found = [p.grad for group in optimizer.param_groups for p in group["params"]]
        found = [gradient for gradient in found if gradient is not None]
        parts = [*found, loss.detach().to(found[0].dtype if found else loss.dtype)]
        flat = torch.cat([part.reshape(-1) for part in parts]).mul_(self.rows.fraction)
        flat = self._summed(torch.cat([flat, flat.new_tensor([innermost().ask()])]))
        self.asked |= bool(flat[-1])
        *means, loss, _ = flat.split([*(part.numel() for part in parts), 1])
        for gradient, mean in zip(found, means):
            gradient.copy_(mean.view_as(gradient))
        return loss.view(parts[-1].shape)

    def sum_of(self, number):
        """Sum of a number over the workers."""
        return self._summed(number.clone())

    @torch.no_grad()
    def align(self, module, others, generator):
        """Make equal what the updates of an epoch left different: chains, moments of batches."""
        self._gather_chains()
        moments = [moment for layer in module.modules() for moment in _running(layer)]
        self._exchange(moments, lambda flat: self._summed(flat).div_(self.size))
        self._exchange(list(module.buffers()), self._broadcast)
        for other in others:
            self._exchange(list(other.state_dict().values()), self._broadcast)
        exchange_states(generator, self._broadcast)

    @torch.no_grad()
    def settle(self, module):
        """End with the weights of worker 0."""
        self._exchange(list(module.parameters()), self._broadcast)

    def _gather_chains(self):
        """Give every worker the chains of all."""
        for _, chains, own in self.chains:
            kept = own.clone()
            chains.zero_()
            own.copy_(kept)
        self._exchange([chains for _, chains, _ in self.chains], self._summed)

    def _exchange(self, tensors, function):
        """``function(flat)`` on the values of all tensors of a type, which it changes in place."""
        kinds = {}
        for tensor in tensors:
            kinds.setdefault((tensor.dtype, tensor.device), []).append(tensor)
        for some in kinds.values():
            flat = function(torch.cat([one.reshape(-1) for one in some]))
            for one, value in zip(some, flat.split([one.numel() for one in some])):
                one.copy_(value.view_as(one))

    def _of_all(self, value):
        """What each worker has, in their order."""
        known = [None] * self.size
        distributed.all_gather_object(known, value, group=self.group)
        return known

    def _summed(self, flat):
        distributed.all_reduce(flat, group=self.group)
        return flat

    def _broadcast(self, flat):
        distributed.broadcast(flat, src=0, group=self.group)
        return flat

    def _broadcast_object(self, values):
        """Replace what a list holds by what that of worker 0 does."""
        device = torch.device("cpu")
        distributed.broadcast_object_list(values, src=0, group=self.group, device=device)


def _running(layer):
    """Moments that a layer keeps of its batches."""
    if not isinstance(layer, nn.modules.batchnorm._BatchNorm):
        return []
    return [one for name in RUNNING_MEANS if (one := getattr(layer, name)) is not None]


@contextmanager
def joined():
    """Context of a fit: yields its workers, those of ``torch.distributed`` or one alone."""
    if inside_a_fit() and workers().size == 1:
        # Of what worker 0 does by itself the others know nothing.
        yield workers()
        return
    group = _process_group()
    with working_with(ALONE if group is None else Group(group)) as team:
        yield team


def _process_group():
    """The group of this process for the fits of the main thread; None where it is alone."""
    if not (_may_join() and distributed.is_available()):
        return None
    if not distributed.is_initialized():
        if not launched():
            return None
        distributed.init_process_group(_backend(), timeout=TIMEOUT)
        atexit.register(_leave)
    if distributed.get_world_size() == 1:
        return None
    world = distributed.group.WORLD
    if world not in _groups:
        # What fits say must not mix with what the user's code says.
        _groups.clear()
        _groups[world] = distributed.new_group(backend=_backend(), timeout=TIMEOUT)
    return _groups[world]


def _may_join():
    """Whether this is the main thread of a process that is no child of a worker."""
    if threading.current_thread() is not threading.main_thread():
        return False
    initialized = distributed.is_available() and distributed.is_initialized()
    # What is forked after the user's code has joined a group seems to be in it.
    names = ("MainProcess", "Spawn", "ForkServer") if initialized else "MainProcess"
    if not ((launched() or initialized) and _process_name().startswith(names)):
        return False
    return os.environ.setdefault(MARK, str(os.getpid())) == str(os.getpid())


def _process_name():
    return multiprocessing.current_process().name


def _backend():
    """Gloo for tensors in the memory of the host, NCCL for those on GPUs."""
    on_gpus = torch.cuda.is_available() and distributed.is_nccl_available()
    return "cpu:gloo,cuda:nccl" if on_gpus else "gloo"


def _leave():
    if distributed.is_initialized():
        distributed.destroy_process_group()
