"""The one training loop: shuffle, step, record, stop."""

import math
import time
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from skgen.exceptions import DivergenceError
from skgen.interrupts import innermost
from skgen.training.course import Course
from skgen.training.rng import begin_states
from skgen.training.rows import representatives
from skgen.training.step import make_step
from skgen.workers import ALONE, workers, working_with

BATCH_NORMS = nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm
# A weighted mean over validation rows is read off so many picks at least.
N_PICKS = 1000


@dataclass
class History:
    """What a stage of training leaves behind."""

    losses: dict  # phase name -> mean loss of each epoch; for stacked rows a list, one a model
    validation: list = field(default_factory=list)  # validation loss of each epoch
    interrupted: bool = False

    @property
    def n_epochs(self):
        """Epochs done, the last one perhaps in part."""
        return len(next(iter(self.losses.values())))


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the loss on ``rows`` has not fallen by ``tol`` for ``n_iter_no_change`` epochs."""

    rows: object
    n_iter_no_change: int
    tol: float


def train(
    module,
    stage,
    rows,
    *,
    batch_size,
    max_iter,
    generator,
    early_stopping=None,
    precision="float32",
    report=None,
    saved=None,
):
    """Run the phases of a stage in turn on each mini-batch.

    Parameters
    ----------
    module : torch.nn.Module
        What learns. With ``early_stopping`` it ends with its best weights.
    stage : Stage
        Phases, schedule and inputs.
    rows : DeviceRows, StackedRows or StreamedRows
        Training rows.
    batch_size, max_iter : int
        Rows an update, of all workers together; epochs.
    generator : torch.Generator
        Source of every draw, on the device of the rows.
    early_stopping : EarlyStopping, optional
        Validation rows and the stopping rule.
    precision : {"float32", "bfloat16"}
        In which losses are computed.
    report : callable, optional
        ``report(history, seconds, save) -> bool`` after each epoch; True stops. ``save()`` returns
        what another call needs to go on from here.
    saved : dict, optional
        What ``save`` returned: the training goes on behind that epoch, which is reported anew, and
        its result is bitwise that of a training without a break.

    Returns
    -------
    history : History
        Losses of every epoch.

    Raises
    ------
    DivergenceError
        A loss or a weight is not finite.
    MemoryError
        A batch does not fit on the device.
    ValueError
        Batch normalization would see a single row.
    """
    if saved is not None:
        # Inputs and preparations may read the networks.
        module.load_state_dict(saved["module"])
    if stage.inputs is not None:
        rows = rows.map(stage.inputs)
    history = History({phase.name: [] for phase in stage.phases})
    keeper = _keeper(module, stage, early_stopping, generator)
    course = Course(module, stage, generator, keeper, history)
    begin_states()
    step, team = make_step(stage.phases, rows, generator, precision), workers()
    least = _least_batch(module, stage, min(batch_size, len(rows)), team.size)
    total = max_iter * math.ceil(len(rows) / batch_size)
    module.train()
    if stage.prepare is not None:
        stage.prepare()
    if saved is not None:
        course.load(saved)
    start = time.perf_counter()

    def ended():
        seconds = time.perf_counter() - start
        told = report is not None and team.first(lambda: report(history, seconds, course.save))
        return keeper.stops or told

    try:
        stop = saved is not None and ended()
        while history.n_epochs < max_iter and not stop:
            start, epoch = time.perf_counter(), history.n_epochs
            batches = split(rows.order(generator), batch_size, least)
            _run_epoch(step, stage, batches, epoch * total // max_iter, total)
            _record(history, step, max_iter)
            team.align(module, stage.changes, generator)
            keeper(history)
            stop = ended()
    except KeyboardInterrupt:
        if not (history.n_epochs or step.n_rows):
            raise
        history.interrupted = innermost().stopped = True
        if step.n_rows:
            _record(history, step, max_iter)
        team.align(module, stage.changes, generator)
    except torch.OutOfMemoryError as error:
        a_worker = -(-batch_size // team.size)
        raise MemoryError(
            f"A batch of {a_worker} rows does not fit on {rows.device}; "
            f"try batch_size={max(1, a_worker // 2)}."
        ) from error
    keeper.restore()
    team.settle(module)
    _check_weights(module, history)
    module.eval()
    return history


def normalizes_batches(module):
    """Whether some layer takes moments of a batch."""
    return any(isinstance(m, BATCH_NORMS) for m in module.modules())


def _least_batch(module, stage, batch_size, n_workers):
    """Rows that a batch must have: two examples where the networks take moments of a batch.

    So many are those of each worker.
    """
    least = n_workers
    if normalizes_batches(module):
        least *= 2 * stage.n_joined
    elif batch_size < least:
        raise ValueError(
            f"A batch has {batch_size} rows with this batch_size and n_samples, for {n_workers} "
            "workers; start fewer processes, or give more rows."
        )
    if batch_size < least:
        raise ValueError(
            f"Batch normalization needs batches of {least} rows, but they have {batch_size} with "
            "this batch_size and n_samples; raise them, or leave the normalization out."
        )
    return least


def split(order, batch_size, least):
    """Batches of an order; the last joins the one before it rather than hold too few."""
    start = 0
    while start < len(order):
        stop = start + batch_size
        if len(order) - stop < least:
            stop = len(order)
        yield order[start:stop]
        start = stop


def _run_epoch(step, stage, batches, done, total):
    """One pass over the batches of an epoch; Ctrl-C waits for the end of a batch."""
    for index in batches:
        if stage.schedule is not None:
            stage.schedule(done / total)
        step(index)
        done += 1
        if step.asks_to_stop():
            raise KeyboardInterrupt


def _record(history, step, max_iter):
    """Read the losses of an epoch from the device, once, and check them."""
    means = step.mean_losses()
    for (name, curve), mean in zip(history.losses.items(), means):
        if not np.isfinite(mean).all():
            raise DivergenceError(
                f"The {name} loss is {mean} in epoch {len(curve) + 1} of {max_iter}. "
                "Lower learning_rate, or scale X."
            )
        curve.append(mean)


def _check_weights(module, history):
    """Refuse weights that the last update made non-finite."""
    for name, weight in module.named_parameters():
        if not torch.isfinite(weight).all():
            raise DivergenceError(
                f"The weights {name} are not finite after epoch {history.n_epochs}. "
                "Lower learning_rate, or scale X."
            )


def _keeper(module, stage, early_stopping, generator):
    """The stopping rule of a call to ``train``."""
    if early_stopping is None:
        return _KeepLast()
    return _KeepBest(module, stage, early_stopping, generator)


class _KeepLast:
    """Never stop; keep the weights of the last epoch."""

    stops = False

    def __call__(self, history):
        pass

    def state(self):
        return {}

    def load(self, state):
        pass

    def restore(self):
        pass


class _KeepBest:
    """Follow the validation loss; remember the weights at its minimum."""

    def __init__(self, module, stage, rule, generator):
        self.module, self.rule = module, rule
        self.rows = rule.rows if stage.inputs is None else rule.rows.map(stage.inputs)
        self.order = torch.arange(len(self.rows))
        if self.rows.weight is not None:
            n_picks = max(len(self.rows), N_PICKS)
            self.order = representatives(self.rows.weight, n_picks)
        self.monitor = stage.monitor or stage.phases[0].loss
        # What is no mean over rows each worker computes by itself.
        shared = stage.monitors_rows and len(self.order) >= workers().size
        self.team = workers() if shared else ALONE
        self.noise = torch.Generator(generator.device)
        self.seed = generator.initial_seed()
        self.weights, self.best, self.reference, self.n_worse = None, math.inf, math.inf, 0

    def __call__(self, history):
        loss = self._validation_loss()
        if not math.isfinite(loss):
            raise DivergenceError(
                f"The validation loss is {loss} in epoch {history.n_epochs}. "
                "Lower learning_rate, or scale X."
            )
        history.validation.append(loss)
        if loss < self.best:
            self.best = loss
            state = self.module.state_dict()
            self.weights = {name: weight.clone() for name, weight in state.items()}
        self.n_worse = 0 if loss < self.reference - self.rule.tol else self.n_worse + 1
        self.reference = min(self.reference, loss)

    @property
    def stops(self):
        return self.n_worse >= self.rule.n_iter_no_change

    def state(self):
        names = "weights", "best", "reference", "n_worse"
        return {name: getattr(self, name) for name in names}

    def load(self, state):
        vars(self).update(state)

    @torch.no_grad()
    def _validation_loss(self):
        # The same noise each time: epochs differ by their weights alone.
        self.noise.manual_seed(self.seed)
        self.module.eval()
        total = torch.zeros((), device=self.rows.device, dtype=torch.float32)
        for index in split(self.order, 1024, self.team.size):
            with working_with(self.team), self.team.sharing(len(index)) as share:
                own = index.narrow(0, share.start, share.n)
                batch = self.rows.take(own.to(self.rows.index_device))
                total += self.monitor(batch, self.noise) * len(batch)
        self.module.train()
        return float(self.team.sum_of(total)) / len(self.order)

    def restore(self):
        if self.weights is not None:
            self.module.load_state_dict(self.weights)
