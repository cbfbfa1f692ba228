"""What a benchmark case declares.

A case is one file in ``benchmarks/cases/`` that binds ``CASE``; the file's name is the case's
name. A whole case reads::

    from benchmarks import datasets
    from benchmarks.core import Bound, Case, Compare, Contender, Speedup


    def load(setup):                       # once per run; not timed
        return datasets.digits(), 20       # anything; small when setup.quick


    def fit_ours(data, seed):              # timed
        from skgen import ProbabilisticPCA

        X, k = data
        return ProbabilisticPCA(k).fit(X)


    def fit_sklearn(data, seed):           # timed
        from sklearn.decomposition import PCA

        X, k = data
        return PCA(k).fit(X)


    def evaluate(model, data):             # not timed: what was reached, name -> number
        return {"log-likelihood": model.score(data[0])}


    CASE = Case(
        title="Probabilistic PCA, digits, k = 20",
        family="Linear-Gaussian",
        load=load,
        evaluate=evaluate,
        contenders=[
            Contender("skgen", fit_ours),
            Contender("scikit-learn", fit_sklearn, package="scikit-learn"),
        ],
        objective="log-likelihood",        # the column shown in the tables
        repeats=7,
        assertions=[
            Speedup("skgen", over="scikit-learn", at_least=1.0),
            Compare("skgen", "scikit-learn", on="log-likelihood", slack=1e-9),
            Bound("skgen", "seconds", at_most=0.1),
        ],
    )

Rules of the measurement:

* The first contender is ours; the tables compare every other one with it.
* Contenders are interleaved (A B A B ...) after one warm-up call each, so that drift hits all.
  A slow contender says ``repeats=1, warm_up=False``. Repeat ``i`` is given ``seed = base + i``.
* A case runs in its own process with the same number of threads for BLAS, OpenMP, numba and
  torch, on every contender (``threads``, 2 unless the case says otherwise).
* On CUDA the clock stops after a synchronization. ``setup.device`` says where to compute: hand
  it on inside the data. A contender that only knows the CPU still runs beside the others.
* A contender whose ``package`` (its pip name; ``module`` when it is imported under another
  name) is not installed is reported as absent, and the assertions about it as not judged.
  Import optional packages inside the contender's function.
* Peak memory is the growth of the peak resident set during the call (on CUDA: of the allocated
  device memory); worker processes are not counted.
* How many cores other processes kept busy meanwhile is printed and stored: with two threads on
  two cores a neighbor can cost a BLAS call twenty times its own time.
* Assertions on objectives and seconds take the median over repeats unless told
  ``statistic="mean" | "min" | "max"``.
* With ``--quick`` everything is timed once on small data and assertions are shown, not enforced.
* ``headline=Headline("faster", over="scikit-learn")`` puts the case into the README's table, beside
  that contender; "better" is the other group. A ``Compare`` of the two on the objective belongs to
  it. All cases and contenders are in the documentation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.assertions import Bound, Compare, Speedup

__all__ = ["Bound", "Case", "Compare", "Contender", "Headline", "Setup", "Speedup"]


@dataclass(frozen=True)
class Setup:
    """How this run was asked for: handed to ``Case.load``."""

    device: str = "cpu"
    quick: bool = False
    seed: int = 0
    threads: int = 2
    # Whether matrix products of the timed calls may round their factors to TF32 (CUDA).
    tf32: bool = False
    # Runs of a contender at most, for those who have less time than the case wants.
    repeats: int | None = None


@dataclass(frozen=True)
class Contender:
    """One way to solve the case: ``run(data, seed) -> result`` is timed."""

    name: str
    run: Callable[[Any, int], Any]
    package: str | None = None
    module: str | None = None
    repeats: int | None = None
    warm_up: bool = True
    # Replaces Case.evaluate where this contender's result is of another kind.
    evaluate: Callable[[Any, Any], dict] | None = None
    # Devices on which it takes part; a CPU-only contender may well race a CUDA one.
    devices: Sequence[str] = ("cpu", "cuda")
    # Expected to take minutes: left out with --quick.
    slow: bool = False
    # One line for the tables, for example the setting that was used.
    note: str = ""


@dataclass(frozen=True)
class Headline:
    """A line of the README: its ``group``, "faster" or "better", and the contender shown."""

    group: str
    over: str


@dataclass(frozen=True)
class Case:
    """An objective on a dataset, its contenders, and what must hold."""

    title: str
    family: str
    load: Callable[[Setup], Any]
    evaluate: Callable[[Any, Any], dict]
    contenders: Sequence[Contender]
    objective: str
    # How the tables print the objective.
    digits: int = 4
    repeats: int = 5
    threads: int = 2
    devices: Sequence[str] = ("cpu",)
    assertions: Sequence[Any] = field(default_factory=list)
    # One sentence for the documentation's table: data, setting, what is measured.
    description: str = ""
    headline: Headline | None = None
