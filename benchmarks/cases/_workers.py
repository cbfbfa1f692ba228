"""A fit that the processes of torchrun share, beside the same one in a single process.

Processes are started once and wait between calls, so that what is timed is the fit. Two workers
have half of each batch each, so that both fits have the same updates and end with the same weights.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.connection import Client, Listener
from typing import Any

from benchmarks.core import Case, Compare, Contender, Speedup
from benchmarks.environment import thread_environment

# Environment variable with the address at which workers ask what to fit.
ADDRESS = "BENCHMARK_ADDRESS"
NORM = "norm of the weights"
TWO, ONE, THREADS = "2 workers", "1 worker", "1 worker, 2 threads"


@dataclass(frozen=True)
class Task:
    """A model by its class and parameters, and its rows; ``batch_size`` is that of one process."""

    kind: str
    parameters: dict
    batch_size: int
    X: Any

    def fit(self, seed):
        """Norm of the weights of a fit in this process, as a worker or alone."""
        import skgen

        batch_size = self.batch_size // int(os.environ["WORLD_SIZE"])
        model = getattr(skgen, self.kind)(
            batch_size=batch_size, random_state=seed, **self.parameters
        )
        weights = list(model.fit(self.X).module_.parameters())
        return float(sum(weight.square().sum() for weight in weights)) ** 0.5


@cache
def processes(n_workers, n_threads):
    """Connections to so many processes that torchrun has started."""
    listener = Listener()
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(n_workers), "-m", __name__]
    subprocess.Popen(command, env={**thread_environment(n_threads), ADDRESS: listener.address})
    return [listener.accept() for _ in range(n_workers)]


def fit(task, seed, *, n_workers, n_threads):
    """Norm of the weights of a fit by so many processes."""
    connections = processes(n_workers, n_threads)
    for connection in connections:
        connection.send((task, seed))
    norms = [connection.recv() for connection in connections]
    return norms[0]


def serve():
    """Fit what is asked for, until nobody asks any more."""
    with Client(os.environ[ADDRESS]) as connection:
        while True:
            try:
                task, seed = connection.recv()
            except EOFError:
                return
            connection.send(task.fit(seed))


def workers_case(title, family, load):
    """Case of the ``Task`` that ``load(setup)`` gives."""
    by_name = {TWO: (2, 1), ONE: (1, 1), THREADS: (1, 2)}
    return Case(
        title=title,
        family=family,
        description=(
            "Seconds of the same fit by two processes of torchrun that share each batch, by one, "
            "and by one that has the two cores for its products, which tells what a second core "
            "is worth here. The efficiency of two workers is half of the ratio of one to them. "
            "Processes have started."
        ),
        load=load,
        evaluate=lambda norm, task: {NORM: norm},
        contenders=[
            Contender(name, partial(fit, n_workers=n_workers, n_threads=n_threads))
            for name, (n_workers, n_threads) in by_name.items()
        ],
        objective=NORM,
        digits=3,
        repeats=5,
        threads=2,
        assertions=[
            Speedup(TWO, over=THREADS, at_least=0.9),
            Compare(TWO, ONE, on=NORM, better="equal", relative=1e-3),
        ],
    )


if __name__ == "__main__":
    serve()
