"""
A cocktail party, unmixed
=========================

Four sounds at once reach four microphones, each at its own loudness: a voice that speaks vowels, a
melody, a hammer, and hiss. Every microphone records a mixture. :class:`skgen.ICA` knows neither the
sounds nor the room. It finds the four because they are independent, and because no more than one of
them is Gaussian.

The sounds are made here, from formulas.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.signal import lfilter, spectrogram

from skgen import ICA, ProbabilisticPCA
from skgen.metrics import amari_distance, mutual_information_gap

RATE, SECONDS = 8000, 4
t = np.arange(RATE * SECONDS) / RATE
rng = np.random.default_rng(0)

# %%
# The sounds
# ----------
#
# A voice is a train of pulses from the throat, here about 120 a second, in a mouth whose resonances
# (formants) make the vowel. Between syllables it is silent.

FORMANTS = {
    "a": (730, 1090),
    "e": (530, 1840),
    "i": (270, 2290),
    "o": (570, 840),
    "u": (300, 870),
}


def resonance(signal, frequency, width=90.0):
    """The signal through one resonance of so many hertz."""
    radius = np.exp(-np.pi * width / RATE)
    angle = 2 * np.pi * frequency / RATE
    return lfilter(
        [1 - radius],
        [1, -2 * radius * np.cos(angle), radius**2],
        signal,
    )


def voice(syllables="aeiouaoieu"):
    """Vowels one after another, the pitch falling and rising a little."""
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * t)
    pulses = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0.0)
    spoken = np.zeros(len(t))
    length = len(t) // len(syllables)
    for number, vowel in enumerate(syllables):
        own = slice(number * length, (number + 1) * length)
        sound = sum(resonance(pulses[own], f) for f in FORMANTS[vowel])
        spoken[own] = sound * np.clip(
            np.sin(np.linspace(-0.3, np.pi + 0.3, length)), 0, None
        )
    return spoken


def melody(notes=(0, 4, 7, 12, 7, 4, 5, 9, 12, 9, 5, 0)):
    """Plucked tones with overtones, by semitones above 220 hertz."""
    length = len(t) // len(notes)
    sound = np.zeros(len(t))
    for number, semitones in enumerate(notes):
        since = t[: len(t) - number * length]
        tone = 220 * 2 ** (semitones / 12)
        overtones = sum(
            np.sin(2 * np.pi * k * tone * since) / k**2
            for k in (1, 2, 3, 4)
        )
        sound[number * length :] += overtones * np.exp(-6 * since)
    return sound


def hammer():
    """Blows at uneven times, each a burst of noise that rings and dies away."""
    blows = np.zeros(len(t))
    for when in np.cumsum(rng.uniform(0.2, 0.5, 8)):
        start = int(when * RATE)
        since = t[: len(t) - start]
        blows[start:] += rng.standard_normal(len(since)) * np.exp(
            -60 * since
        )
    return resonance(blows, 1500, width=300)


names = ["voice", "melody", "hammer", "hiss"]
sounds = np.stack(
    [voice(), melody(), hammer(), rng.standard_normal(len(t))], axis=1
)
sounds /= sounds.std(axis=0)

# %%
# The room
# --------
#
# Rows are moments, columns microphones: what each hears is a weighted sum of the four.

loudness = np.array(
    [
        [1.0, 0.6, 0.5, 0.3],
        [0.5, 1.0, 0.4, 0.3],
        [0.6, 0.5, 1.0, 0.4],
        [0.7, 0.8, 0.6, 0.5],
    ]
)
heard = sounds @ loudness.T

model = ICA(n_components=None, fun="fitted").fit(heard)
found = model.transform(heard)

# %%
# Sources come in an order of their own, and with either sign: which sound is which is read off
# their correlations with what was played.

correlation = np.corrcoef(sounds.T, found.T)[:4, 4:]
match = np.abs(correlation).argmax(axis=1)
signs = np.sign(correlation[np.arange(4), match])
unmixed = found[:, match] * signs
for name, j in zip(names, match):
    agreement = np.abs(correlation[:, j]).max()
    print(
        f"{name:7} correlation {agreement:.4f}, negentropy {model.negentropy_[j]:.2f} nats"
    )

# %%
# In one number: the Amari distance is 0 where each row of the unmixing finds one source, and the
# mutual information gap, which looks at the rows alone, is 1 where each source is in one code and
# no other tells of it. Principal components of the same microphones are mixtures.

gaussian = ProbabilisticPCA(n_components=None).fit(heard)
loud = np.digitize(sounds, [-0.5, 0.5])
for solution in (model, gaussian):
    codes = solution.transform(heard)
    unmixing = np.linalg.lstsq(heard, codes - codes.mean(axis=0))[0].T
    distance = amari_distance(unmixing, loudness)
    gap = mutual_information_gap(codes, loud, n_bins=200).score
    name = type(solution).__name__
    print(f"{name:17} Amari distance {distance:.4f}, gap {gap:.2f}")

# %%
# The picture
# -----------
#
# Waveforms on the left, spectrograms (time by frequency up to 4 kHz) on the right, of what was
# played, heard and found. In a spectrogram the voice is a ladder of harmonics that jumps from vowel
# to vowel, a tone a short ladder of its own, a blow an upright line, hiss an even gray.

SHOWN = slice(int(0.5 * RATE), int(2.5 * RATE))


def draw_wave(ax, signal, color):
    """Draw two seconds of a waveform."""
    ax.plot(t[SHOWN], signal[SHOWN], linewidth=0.3, color=color)
    ax.set(xticks=[], yticks=[], ylim=(-6, 6))


def draw_spectrogram(ax, signal):
    """Draw the same two seconds by frequency."""
    f, when, power = spectrogram(
        signal[SHOWN], RATE, nperseg=256, noverlap=192
    )
    level = 10 * np.log10(power + 1e-12)
    ax.pcolormesh(
        when,
        f,
        level,
        vmin=level.max() - 60,
        cmap="magma",
        rasterized=True,
    )
    ax.set(xticks=[], yticks=[])


figure, axes = plt.subplots(4, 6, figsize=(13, 6), layout="constrained")
stages = {
    "played": sounds,
    "heard": heard / heard.std(axis=0),
    "found": unmixed,
}
for column, (stage, signals) in enumerate(stages.items()):
    for row in range(4):
        draw_wave(axes[row, column], signals[:, row], f"C{column}")
        draw_spectrogram(axes[row, 3 + column], signals[:, row])
    axes[0, column].set_title(stage)
    axes[0, 3 + column].set_title(stage)
for row, name in enumerate(names):
    axes[row, 0].set_ylabel(name)
    axes[row, 1].set_ylabel(f"mic {row + 1}", fontsize=8)

# %%
# The density
# -----------
#
# Each source has a density of its own, here in logarithms against its histogram: the sharp peak and
# the long tails of silence and sound for the voice and the hammer, a parabola for the hiss. With
# them the model says how likely a moment is, which a Gaussian of the same covariance says less
# well.

figure, axes = plt.subplots(
    2,
    2,
    figsize=(8, 5.4),
    layout="constrained",
    sharex=True,
    sharey=True,
)
draws = model.transform(model.sample(200_000, random_state=0))
edges = np.linspace(-6, 6, 121)
for ax, name, j, sign in zip(axes.flat, names, match, signs):
    ax.hist(
        sign * found[:, j],
        edges,
        density=True,
        color="0.8",
        label="found",
    )
    drawn, _ = np.histogram(sign * draws[:, j], edges, density=True)
    ax.plot(
        (edges[1:] + edges[:-1]) / 2,
        drawn,
        label="drawn from the model",
    )
    ax.set(title=name, yscale="log", ylim=(1e-4, 20))
axes[0, 0].legend(fontsize=8)
print(
    f"{model.score(heard):.2f} nats a moment; as a Gaussian {gaussian.score(heard):.2f}"
)
plt.show()
