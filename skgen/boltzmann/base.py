"""What the restricted Boltzmann machines share: how they are built and trained."""

from abc import abstractmethod

from skgen.base.parameters import COUNT, param
from skgen.base.torch_estimator import TorchEstimator
from skgen.boltzmann.learning.state import (
    LEAST_PATIENCE,
    Machine,
    draw_normal_,
    n_parallel,
    new_chains,
)
from skgen.boltzmann.parameters import TemperedParameters
from skgen.boltzmann.partition import PartitionMixin
from skgen.boltzmann.verbs import BoltzmannVerbs
from skgen.training import Stage
from skgen.training.averaged_sgd import AveragedSGD


class BaseRBM(BoltzmannVerbs, PartitionMixin, TemperedParameters, TorchEstimator):
    """Two layers of units; a subclass says what the visible ones are.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make four updates a weight, between 2 000 and 10 000.
        Early stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
    """

    n_components: int = param(COUNT, default=64, kw_only=False)

    # The gradients are written by hand, in float32.
    precision = "float32"
    compile = False
    _architecture = ("n_components",)
    _least_patience = LEAST_PATIENCE

    @abstractmethod
    def _new_net(self, n_features):
        """Return the module of the machine, its weights zero, its biases at the data's."""

    @abstractmethod
    def _phase(self, machine, optimizer):
        """Return the training phase of a ``Machine``."""

    @abstractmethod
    def _automatic_step(self):
        """Return the step that learning_rate="auto" stands for."""

    @property
    def _n_updates(self):
        """Updates that max_iter="auto" stands for: more weights take longer."""
        n_weights = self.n_components * self._built_for["n_features"]
        return min(max(4 * n_weights, 2000), 10_000)

    def _build(self, n_features):
        net = self._new_net(n_features)
        draw_normal_(net.weight, self.init_scale)
        return Machine(net, new_chains(*n_parallel(self), self.n_components))

    def _stages(self, machine):
        machine.resize_chains(*n_parallel(self))
        weights, averages = machine.weights()
        groups = [
            {"params": weights[:1], "weight_decay": self.weight_decay},
            {"params": weights[1:]},
        ]
        step = self._automatic_step() if self.learning_rate == "auto" else self.learning_rate
        optimizer = AveragedSGD(groups, averages, machine.n_steps, step, self.momentum)
        return [Stage([self._phase(machine, optimizer)], monitor=self._monitor(machine))]

    @abstractmethod
    def _monitor(self, machine):
        """Return ``monitor(batch, generator)``: the validation loss of the averaged weights."""

    def _finish(self, X):
        self._forget_partition()
        net = self._net
        self.components_ = net.weight.numpy().copy()
        self.intercept_hidden_ = net.hidden_bias.numpy().copy()
        self._finish_visible(net)

    @property
    def _n_features_out(self):
        return self.n_components
