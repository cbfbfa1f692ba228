"""
A Boltzmann machine, its likelihood along training, and what it draws
======================================================================

A restricted Boltzmann machine is trained on binary digits. With 16 hidden units the normalizing
constant is a sum of 65 536 terms, so that the likelihood of held-out digits is known exactly after
every epoch, for scikit-learn's machine as well. With 100 hidden units it is estimated, from both
sides.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import BernoulliRBM as SklearnRBM
from sklearn.utils import gen_batches

from skgen import BernoulliRBM, LikelihoodMonitor
from skgen.inspection import ComponentsDisplay, SamplesDisplay
from skgen.kernels.boltzmann.boltzmann_enumeration import log_partition

X = (load_digits().data >= 8).astype("float32")
train, test = train_test_split(X, test_size=360, random_state=0)

# %%
# The likelihood along training
# -----------------------------
#
# ``LikelihoodMonitor`` scores held-out rows as the machine learns. scikit-learn's machine has no
# likelihood; its weights give one by the same formula.
monitor = LikelihoodMonitor(test, every=20)
model = (
    BernoulliRBM(16, random_state=0).set_callbacks(monitor).fit(train)
)


def exact_score(rbm, rows):
    """Mean log-likelihood of rows under a machine with scikit-learn's attributes."""
    W, b, c = (
        rbm.components_,
        rbm.intercept_visible_,
        rbm.intercept_hidden_,
    )
    minus_free_energy = rows @ b + np.logaddexp(0, rows @ W.T + c).sum(
        axis=1
    )
    return minus_free_energy.mean() - log_partition(W, b, c)


fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(*zip(*monitor.scores_), label="skgen, defaults")
for step in (0.01, 0.1):
    other = SklearnRBM(
        16, learning_rate=step, batch_size=10, random_state=0
    )
    scores = []
    for epoch in range(1, 161):
        for batch in gen_batches(len(train), 10):
            other.partial_fit(train[batch])
        if epoch % 20 == 0:
            scores.append((epoch, exact_score(other, test)))
    print(
        f"scikit-learn, step {step}: {max(s for _, s in scores):.2f} at its best"
    )
    ax.plot(
        *zip(*scores), "--", label=f"scikit-learn, learning_rate={step}"
    )
ax.set(xlabel="epoch", ylabel="nats a held-out digit", ylim=(-30, -17))
ax.legend(loc="lower right")
print(f"skgen {model.score(test):.2f}")

# %%
# A hundred hidden units
# ----------------------
#
# Now :math:`2^{64}` states of the smaller layer are out of reach. Annealing forward gives a
# log-likelihood that errs on the high side, annealing backward one that errs on the low side.
wide = BernoulliRBM(100, max_iter=200, random_state=0).fit(train)
forward, reverse = wide.log_partition_bracket(n_steps=2000)
free_energy = wide.free_energy(test).mean()
print(
    f"between {-free_energy - reverse:.2f} and {-free_energy - forward:.2f} nats a digit"
)


# %%
# Filters and draws
# -----------------
#
# On the left what each hidden unit adds to the log-odds of the pixels; on the right digits of the
# data and digits of the machine, each the end of a chain of its own.

fig, axes = plt.subplots(
    1, 2, figsize=(9, 3.3), width_ratios=(1, 2), layout="constrained"
)
limit = np.quantile(np.abs(wide.components_), 0.99)
ComponentsDisplay.from_estimator(
    wide,
    image_shape=(8, 8),
    ax=axes[0],
    cmap="RdBu_r",
    vmin=-limit,
    vmax=limit,
)
axes[0].set_title("weights")
SamplesDisplay.from_estimator(
    wide,
    test,
    image_shape=(8, 8),
    random_state=0,
    ax=axes[1],
    cmap="gray_r",
)
plt.show()
