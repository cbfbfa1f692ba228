"""
Watching a fit, and stopping it where held-out rows no longer gain
==================================================================

A fit in iterations can be followed while it runs and looked at when it is done, whether it is a
game of two networks, EM or a variational autoencoder.
"""

# %%
# A game of two players
# ---------------------
#
# ``loss_curves_`` of a fitted model holds a curve for each phase of its training, here for both
# players. Neither curve says how good the draws are. Of two equal players the critic, which loses
# two cross-entropies, is at :math:`2 \log 2`, the generator at :math:`\log 2`.

from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from skgen import (
    GAN,
    VAE,
    Checkpoint,
    LikelihoodMonitor,
    MixtureOfFactorAnalyzers,
)
from skgen.inspection import TrainingDisplay

rng = np.random.default_rng(0)
clusters = rng.choice([-2.0, 2.0], (500, 1))
clusters = clusters + 0.5 * rng.standard_normal((500, 2))
gan = GAN(
    hidden_layer_sizes=(32, 32),
    calibration=0,
    max_iter=40,
    random_state=0,
).fit(clusters)

display = TrainingDisplay.from_estimator(gan)
(ax,) = display.axes_
for name, level in (("critic", 2), ("generator", 1)):
    color = display.lines_[name].get_color()
    ax.axhline(level * np.log(2), color=color, ls=":")

# %%
# EM that learns its rows by heart
# --------------------------------
#
# The log-likelihood of the training rows rises to the end, as EM promises. A monitor scores rows
# that were held out after every iteration.
X = load_breast_cancer().data
train, test = train_test_split(X, random_state=0)
mixture = MixtureOfFactorAnalyzers(
    8,
    2,
    prior_weight=0,
    n_init=1,
    random_state=0,
)
monitor = LikelihoodMonitor(test)
mixture.set_callbacks(monitor).fit(train)

# %%
# With ``n_iter_no_change`` the monitor ends the fit where these have not gained for so many
# iterations, at the dotted line. With ``verbose=True`` every iteration has a line.
stopper = LikelihoodMonitor(test, n_iter_no_change=10)
stopped = clone(mixture).set_callbacks(stopper)
stopped.set_params(verbose=True).fit(train)
best = stopper.best_estimator_
print(f"after {mixture.n_iter_} iterations {mixture.score(test):.2f}")
print(f"stopped after {stopped.n_iter_} {stopped.score(test):.2f}")
print(f"at its best, {best.n_iter_}, {best.score(test):.2f}")

display = TrainingDisplay.from_estimator(mixture, monitor=monitor)
display.axes_[1].axvline(stopped.n_iter_, color="gray", ls=":")

# %%
# A variational autoencoder
# -------------------------
#
# The same monitor follows a network, every fifth epoch. The loss of the training rows still falls
# when it ends the fit.
follower = LikelihoodMonitor(test, every=5, n_iter_no_change=60)
vae = VAE(
    batch_size=64,
    learning_rate_schedule="constant",
    max_iter=500,
    random_state=0,
)
vae.set_callbacks(follower).fit(train)
best = follower.best_estimator_
print(f"stopped after {vae.n_iter_} epochs {vae.score(test):.2f}")
print(f"at its best, {best.n_iter_}, {best.score(test):.2f}")
TrainingDisplay.from_estimator(vae, monitor=follower)

# %%
# A fit that was killed
# ---------------------
#
# :class:`skgen.Checkpoint` saves the model every so many epochs. Where the machine goes down, the
# file is as if training had stopped there, and ``fit`` of what ``resume`` returns goes on to the same
# bits. After Ctrl-C no file is needed: :class:`skgen.exceptions.FitInterrupted` holds the model.
vae = VAE(batch_size=64, max_iter=100, random_state=0)
with TemporaryDirectory() as folder:
    path = Path(folder) / "vae.pkl"
    vae.set_callbacks(Checkpoint(path, every=40)).fit(train)
    rescued = Checkpoint.resume(path)
    n_saved, score = rescued.n_iter_, rescued.score(test)
    rescued.fit(train)
print(f"in the file, {n_saved} epochs: {score:.2f}")
print(f"gone on to {rescued.n_iter_}: {rescued.score(test):.2f}")
print(f"never killed, {vae.n_iter_}: {vae.score(test):.2f}")
plt.show()
