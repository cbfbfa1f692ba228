"""
Machines that keep time
=======================

Four chords follow each other, each held for four beats, over a bass that
jumps. Two machines learn to go on with such songs. One sees the last
three beats and nothing else; the other carries a recurrent state along,
in which it can count.
"""

# %%
# Songs
# -----
# A row is a beat, a column a key: an octave of bass, and one of chords. A
# song has a key of its own and begins anywhere in the progression. On each
# beat the bass plays the first or the last note of the chord, by the toss of
# a coin.

import matplotlib.pyplot as plt
import numpy as np

from skgen import RNNRBM, ConditionalRBM

TRIADS = np.array([[0, 4, 7], [9, 0, 4], [5, 9, 0], [7, 11, 2]])
N_BEATS = 32


def song(rng, n_beats=N_BEATS):
    """Beats (n_beats, 24) of one song."""
    rows = np.zeros((n_beats, 24))
    key, first = rng.choice([0, 5, 7]), rng.integers(4)
    for t in range(n_beats):
        notes = (TRIADS[(first + t // 4) % 4] + key) % 12
        rows[t, 12 + notes] = 1
        rows[t, notes[rng.choice([0, 2])]] = 1
    return rows


rng = np.random.default_rng(0)
songs = np.array([song(rng) for _ in range(150)])
X, groups = (
    songs[:120].reshape(-1, 24),
    np.repeat(np.arange(120), N_BEATS),
)
X_test = songs[120:].reshape(-1, 24)
groups_test = np.repeat(np.arange(30), N_BEATS)

# %%
# Fit
# ---
# The score is the mean log-probability of a beat given those before it in
# its song, in nats; the coin alone costs log 2 = 0.69. With 12 hidden units
# each beat's log Z is a sum over all of their states.

how = {"learning_rate": 0.01, "random_state": 0}
models = {
    "three beats": ConditionalRBM(12, lag=3, max_iter=25, **how),
    "recurrent": RNNRBM(
        12, n_recurrent=64, batch_size=12, max_iter=60, **how
    ),
}
for name, model in models.items():
    model.fit(X, groups=groups)
    score = model.score(X_test, groups=groups_test)
    print(f"{name}: {score:.2f} nats a beat ({model.likelihood_kind_})")

# %%
# To be continued
# ---------------
# Both hear the first 16 beats of a new song and go on. Who sees three beats
# cannot tell the third beat of a chord from the fourth, and changes when it
# likes; who counts changes with the measure, as the dotted lines do.

heard, truth = np.split(song(rng, 48), [16])
rolls = {"the song": truth}
for name, model in models.items():
    rolls[name] = model.sample(32, start=heard, random_state=0)
fig, axes = plt.subplots(
    1, 3, figsize=(9, 3.2), sharey=True, layout="constrained"
)
for ax, (name, roll) in zip(axes, rolls.items()):
    ax.imshow(
        np.vstack([0.5 * heard, roll]).T,
        aspect="auto",
        cmap="Greys",
        origin="lower",
        interpolation="nearest",
    )
    for beat in range(4, 48, 4):
        ax.axvline(beat - 0.5, color="C0", lw=0.6, ls=":")
    ax.axvline(15.5, color="C3", lw=1.5)
    ax.axhline(11.5, color="0.7", lw=0.6)
    ax.set(title=name, xlabel="beat")
axes[0].set_ylabel("bass below, chords above")
plt.show()

# %%
# Long draws show it in numbers: how many changes of a chord fall on the
# first beat of a measure, and how many would by chance.

for name, model in models.items():
    rows = model.sample(200, start=heard, random_state=1)[:, 12:]
    changes = (
        np.flatnonzero((rows[1:] != rows[:-1]).sum(axis=1) > 1) + 1
    )
    on_time = np.mean(changes % 4 == 0)
    print(f"{name}: {on_time:.0%} of {len(changes)} changes on time")
