"""Fine-tuning of a whole deep belief network: contrastive wake-sleep, the up-down algorithm."""

import torch

from skgen.boltzmann.learning.layers import NetLayers
from skgen.nets.boltzmann.directed import draw_layers, log_recognition
from skgen.training import Phase, Stage
from skgen.training.averaged_sgd import AveragedSGD
from skgen.workers import workers


class WakeSleepLoss:
    """Loss of the up-down algorithm (Hinton, Osindero & Teh 2006), to differentiate.

    Awake, the way up draws the hidden layers of the data and the way down learns to undo each
    step; the top learns to have drawn them; asleep, a draw of the top is passed down and the
    way up learns to undo that.
    """

    def __init__(self, estimator, state, n_features):
        self.net, self.n_features = state.tuned["net"], n_features
        self.negative_phase = estimator._negative_phase(state.chains, self.net.top)

    def __call__(self, rows, generator):
        """Sum of the three losses of a batch, its labels behind its features."""
        net, x = self.net, rows[:, : self.n_features]
        with torch.no_grad():
            awake = draw_layers(net, x, generator)
            data = torch.cat([awake[-1], rows[:, self.n_features :]], 1)
            layers = NetLayers(net.top, generator)
            model, _ = self.negative_phase(layers, layers.hidden_input(data))
            asleep = net.draw_down(net.without_labels(model), generator)
        down = sum(
            layer.log_visible(below, above).mean()
            for layer, below, above in zip(net.generative, awake, awake[1:])
        )
        of_chains = workers().relative_weight(len(model), len(data))
        dreamt = net.top.free_energy(model).mean() + log_recognition(net, asleep).mean()
        return net.top.free_energy(data).mean() - down - of_chains * dreamt


def wake_sleep_stage(estimator, state, n_features):
    """Stage that fine-tunes all layers together."""
    phase = Phase(
        "wake_sleep",
        WakeSleepLoss(estimator, state, n_features),
        wake_sleep_optimizer(estimator, state),
        after=state.tuned["net"].generative[0].project,
    )
    averaged_net = state.tuned["averaged_net"]

    def reconstruction_error(rows, generator):
        x = rows[:, :n_features]
        return (x - averaged_net.decode(averaged_net.up_means(x), -2)).square().mean()

    return Stage(
        [phase],
        monitor=reconstruction_error,
        prepare=state.untie,
        max_iter=estimator.n_finetune_iter,
    )


def wake_sleep_optimizer(estimator, state):
    """Optimizer of what is used of every layer: one way's weights each, both ways of the top."""
    learning_rate = estimator.finetune_learning_rate
    groups, averages = [], []
    used, averaged = _used(state.tuned["net"]), _used(state.tuned["averaged_net"])
    for (fraction, weights), (_, means) in zip(used, averaged):
        groups.append({"params": weights, "lr": fraction * learning_rate})
        averages += means
    return AveragedSGD(groups, averages, state.n_tuning_steps, learning_rate, estimator.momentum)


def _used(net):
    """(fraction of the learning rate, parameters) of each layer."""
    parts = [(1.0, [layer.weight, layer.hidden_bias]) for layer in net.recognition]
    parts.append((1.0, [net.top.weight, net.top.visible_bias, net.top.hidden_bias]))
    return parts + [(x.learning_rate_fraction, x.visible_parameters()) for x in net.generative]
