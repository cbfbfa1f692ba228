"""Fits that SIGKILL ends at random moments, and that go on to the same bits."""

from functools import partial

from benchmarks.core import Bound, Case, Contender

NAMES = "VAE", "GAN", "BernoulliRBM", "DeepBeliefNetwork", "SparseCoder"
N_KILLS = 40
LOST = "resumes that end otherwise"


def load(setup):
    return 3 if setup.quick else N_KILLS


def run(n_kills, seed, *, name):
    from benchmarks.cases._kills import kill_and_resume

    return kill_and_resume(name, n_kills, seed)


def evaluate(counts, n_kills):
    return {
        LOST: counts["kills"] - counts["resumed"],
        "kills": counts["kills"],
        "resumes bitwise equal": counts["resumed"],
    }


CASE = Case(
    title="Fits resumed after SIGKILL",
    family="Package",
    description=(
        f"{N_KILLS} fits of each estimator to digits, each in a process that is killed at a random "
        "moment between its first checkpoint and its end, and goes on in another process; weights, "
        "curves and draws are compared bit by bit with those of a fit that nobody killed."
    ),
    load=load,
    evaluate=evaluate,
    contenders=[
        Contender(name, partial(run, name=name), repeats=1, warm_up=False) for name in NAMES
    ],
    objective=LOST,
    digits=1,
    threads=1,
    assertions=[
        *(Bound(name, LOST, at_most=0) for name in NAMES),
        *(Bound(name, "kills", at_least=N_KILLS) for name in NAMES),
    ],
)
