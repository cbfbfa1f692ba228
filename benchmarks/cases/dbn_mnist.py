"""A deep belief network with labels at its top, trained as a joint density; a GPU case."""

from benchmarks.cases import _deep
from benchmarks.core import Bound, Case, Contender


def load(setup):
    return _deep.mnist(setup, 50)


def fit_skgen(data, seed):
    from skgen import DeepBeliefNetwork

    X, _, y, _, device, epochs = data
    return DeepBeliefNetwork(
        (500, 500, 2000),
        use_labels=True,
        learning_rate=0.1,
        learning_rate_schedule="cosine",
        max_iter=epochs,
        n_finetune_iter=2 * epochs,
        device=device,
        random_state=seed,
    ).fit(X, y)


CASE = Case(
    title="DBN 500-500-2000 with labels, MNIST",
    family="Boltzmann machines",
    description="Error of the generative classifier on the test images; 1.25 % is reported for "
    "the up-down algorithm after 300 epochs.",
    load=load,
    evaluate=_deep.error_of_labels,
    contenders=[Contender("skgen", fit_skgen, warm_up=False)],
    objective="error %",
    digits=2,
    repeats=1,
    devices=("cuda",),
    assertions=[Bound("skgen", "error %", at_most=1.5)],
)
