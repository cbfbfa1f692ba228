"""One update of every phase: plainly, shared by workers, or replayed from a CUDA graph."""

import threading

import torch

from skgen.interrupts import innermost
from skgen.workers import workers

N_WARM_UP = 3
# The side stream of each thread: cuBLAS keeps a workspace of 32 MiB for every one it has seen.
_streams = threading.local()


def make_step(phases, rows, generator, precision):
    """``step(index)`` that updates every phase on the rows of an index."""
    plain = PlainStep(phases, rows, generator, precision)
    if workers().size > 1:
        return SharedStep(plain, workers())
    if rows.device.type == "cuda" and rows.resident:
        return GraphStep(plain)
    return plain


class PlainStep:
    """Gather, and for each phase: loss, gradient, update."""

    def __init__(self, phases, rows, generator, precision):
        self.phases, self.rows, self.generator = phases, rows, generator
        self.precision = precision
        # Losses add up on the device; reading one each step would wait for it.
        self.totals = torch.zeros(len(phases), *rows.lead, device=rows.device, dtype=torch.float32)
        self.views = self.totals.unbind()
        self.n_rows = 0

    def __call__(self, index):
        """Update on the rows of an index tensor."""
        self.update(index)
        self.n_rows += len(index)

    def update(self, index, n_rows=None, average=None):
        """Run every phase on the rows of an index and add its losses to the totals.

        ``average(optimizer, loss)`` makes gradients, before they are followed, and the loss those
        of ``n_rows`` rows.
        """
        n_rows = n_rows or len(index)
        batch = self.rows.take(index)
        for total, phase in zip(self.views, self.phases):
            loss = phase.differentiate(batch, self.generator, self.precision)
            if average is not None:
                loss = average(phase.optimizer, loss)
            phase.step()
            total.add_(loss.detach(), alpha=n_rows)
            if phase.after is not None:
                phase.after()

    def asks_to_stop(self):
        """Whether Ctrl-C was pressed."""
        return innermost().ask()

    def mean_losses(self):
        """Mean loss of each phase since the last call."""
        means = (self.totals / self.n_rows).tolist()
        self.totals.zero_()
        self.n_rows = 0
        return means


class _StepAround:
    """What steps have in common that are made of a plain one."""

    def __init__(self, plain):
        self.plain = plain

    @property
    def n_rows(self):
        """Rows seen since the losses were last read."""
        return self.plain.n_rows

    def mean_losses(self):
        """Mean loss of each phase since the last call."""
        return self.plain.mean_losses()

    def asks_to_stop(self):
        """Whether Ctrl-C was pressed."""
        return self.plain.asks_to_stop()


class SharedStep(_StepAround):
    """Each worker takes its part of the rows; gradients and losses are those of all."""

    def __init__(self, plain, team):
        super().__init__(plain)
        self.team = team

    def __call__(self, index):
        """Update on the rows of an index tensor, which is the same in all workers."""
        if self.plain.rows.sorts:
            index = index.sort().values
        with self.team.sharing(len(index)) as share:
            own = index.narrow(0, share.start, share.n)
            self.plain.update(own, len(index), self.team.average)
        self.plain.n_rows += len(index)

    def asks_to_stop(self):
        """Whether Ctrl-C was pressed anywhere before the last update."""
        return self.team.asked


class GraphStep(_StepAround):
    """Plain steps first, then one captured step replayed; the same numbers either way.

    A short last batch, and a phase that refuses capture, run plainly.
    """

    def __init__(self, plain):
        super().__init__(plain)
        self.stream = _side_stream(plain.rows.device)
        self.graph, self.index = None, None
        self.n_plain, self.refusal = 0, None

    def __call__(self, index):
        """Update on the rows of an index tensor."""
        if self.index is None:
            self.index = index.clone()
        if self.refusal is not None:
            self.plain(index)
        elif self.n_plain < N_WARM_UP or len(index) != len(self.index):
            self._on_side_stream(index)
        else:
            self._replay(index)

    def _on_side_stream(self, index):
        """A plain step where capture wants its warm-up; autograd stays on one stream."""
        current = torch.cuda.current_stream()
        self.stream.wait_stream(current)
        with torch.cuda.stream(self.stream):
            self.plain(index)
        current.wait_stream(self.stream)
        self.n_plain += 1

    def _replay(self, index):
        self.index.copy_(index)
        if self.graph is None and not self._capture():
            self.plain(index)
            return
        self.graph.replay()
        self.plain.n_rows += len(index)

    def _capture(self):
        """Record the step; False if a phase does what a graph cannot hold."""
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self.plain.generator)
        state = self.plain.generator.get_state()
        for phase in self.plain.phases:
            phase.forget()
        try:
            with torch.cuda.graph(graph, stream=self.stream):
                self.plain.update(self.index)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            self.plain.generator.set_state(state)
            self.refusal = str(error)
            return False
        # The capture resets the generator's offset on its own stream; a replay sets it on this one.
        torch.cuda.current_stream().wait_stream(self.stream)
        self.graph = graph
        return True


def _side_stream(device):
    """The stream on which this thread warms up and captures steps of a device."""
    known = vars(_streams)
    if device not in known:
        known[device] = torch.cuda.Stream(device)
    return known[device]
