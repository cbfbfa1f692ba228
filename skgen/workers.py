"""The workers that share a fit: one alone, unless a launcher has started several processes."""

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass

_of_thread = threading.local()


@dataclass(frozen=True)
class Share:
    """Rows, or chains, from ``start`` on of those that all workers have."""

    start: int
    n: int
    n_all: int

    @classmethod
    def of(cls, n_all, rank, size):
        """Contiguous parts, the first ones longer by one where the number does not divide."""
        least, more = divmod(n_all, size)
        return cls(rank * least + min(rank, more), least + (rank < more), n_all)

    @property
    def fraction(self):
        """Part of all that this is."""
        return self.n / self.n_all


class Alone:
    """The only worker of a fit: what several would do together, it does by itself.

    Attributes
    ----------
    size : int
        How many workers there are.
    rank : int
        Which one this is; worker 0 reports and writes.
    """

    size, rank = 1, 0

    def first(self, make):
        """What ``make()`` returns in worker 0, which alone calls it."""
        return make()

    @contextmanager
    def until_agreed(self):
        """Context of what comes before the first batch, in which an error is one in all workers."""
        yield

    def every(self, flag):
        """Whether a flag is set in all workers."""
        return flag

    def n_of_all(self, n):
        """How many rows all workers have of a batch of which this one has n."""
        return n

    def split(self, chains, axis):
        """A view of the chains of this worker, along an axis."""
        return chains

    def share_of(self, n):
        """The ``Share`` of rows or of chains that has n here, or None."""
        return None

    def means(self, *batches):
        """Mean rows of several batches, over the rows of all workers."""
        return [rows.mean(0) for rows in batches]

    def relative_weight(self, n_chains, n_rows):
        """What a mean over chains here counts next to one over rows, in the mean over workers."""
        return 1.0

    def mean_of(self, means, n):
        """Mean over all workers of what are means over n rows or chains here; a tensor.

        Gradients pass to the own rows; they are those of all once workers average them.
        """
        return means

    def all_rows(self, rows):
        """The rows of all workers, of a batch of which these are a part."""
        return rows

    def own_part(self, total):
        """What to divide sums of this worker by for a mean over the rows of all; a tensor."""
        return total

    def put_rows(self, rows, place, values):
        """``rows[place] = values``, with the places and values of all workers."""
        rows[place] = values

    @contextmanager
    def counting(self, n):
        """Context of draws for n rows here, whose number only the workers together know."""
        yield

    @contextmanager
    def sharing(self, n_rows):
        """Context of work on so many rows: yields the ``Share`` of this worker."""
        yield Share(0, n_rows, n_rows)

    def sum_of(self, number):
        """Sum of a number over the workers."""
        return number

    def align(self, module, others, generator):
        """Make equal what the updates of an epoch left different between workers."""

    def settle(self, module):
        """End with the weights of worker 0."""


ALONE = Alone()


def workers():
    """Those of the fit that this thread is in."""
    return vars(_of_thread).get("workers", ALONE)


@contextmanager
def working_with(team):
    """Context of a fit that these workers share."""
    before = vars(_of_thread).get("workers")
    _of_thread.workers = team
    try:
        yield team
    finally:
        if before is None:
            del _of_thread.workers
        else:
            _of_thread.workers = before


def alone():
    """Context in which the fits of a process are its own, whatever torchrun has started."""
    return working_with(ALONE)


def inside_a_fit():
    """Whether this thread is in one, alone or with others."""
    return "workers" in vars(_of_thread)


def launched():
    """Whether torchrun has started this process as one of several."""
    return "TORCHELASTIC_RUN_ID" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


def reports():
    """Whether this process writes and reports: of those that torchrun has started, one does."""
    return not launched() or os.environ.get("RANK", "0") == "0"
