"""What the cases of sigmoid belief networks share: the three trainings side by side."""

from functools import partial

from benchmarks.core import Contender

DESCRIPTION = (
    "Importance-weighted bound by 1000 draws, in nats a test row in the usual split, of networks "
    "fitted to training and validation rows; sizes, decay and length were chosen on the latter. "
    "Bornschein & Bengio (2015) report {published} for reweighted wake-sleep."
)
TRAININGS = "reweighted_wake_sleep", "wake_sleep", "reinforce"


def fit(data, seed, *, training, n_updates, batch_size, **settings):
    from skgen import SigmoidBeliefNetwork

    X = data[0]
    if training != "reweighted_wake_sleep":
        settings.pop("recognition_update", None)
    max_iter = max(1, round(n_updates * batch_size / len(X)))
    how = {"max_iter": max_iter, "batch_size": batch_size, "n_score_samples": 1000}
    network = SigmoidBeliefNetwork(training=training, random_state=seed, **how, **settings)
    return network.fit(X)


def contenders(note, **settings):
    """Each training with the same settings."""
    return [
        Contender(
            training,
            partial(fit, training=training, **settings),
            note=note,
            repeats=1,
            warm_up=False,
        )
        for training in TRAININGS
    ]
