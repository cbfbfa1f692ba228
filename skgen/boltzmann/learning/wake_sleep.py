"""Fine-tuning of a whole belief network: contrastive wake-sleep, the up-down algorithm."""

import torch

from skgen.boltzmann.learning.layers import NetLayers
from skgen.boltzmann.learning.layerwise import step_share
from skgen.boltzmann.learning.losses import noise_bound
from skgen.boltzmann.learning.negative_phase import make_negative_phase
from skgen.nets.boltzmann.dbn import draw_layers, log_recognition
from skgen.nets.boltzmann.rbm import GaussianRBM
from skgen.training import Phase, Stage
from skgen.training.averaged_sgd import AveragedSGD


class UpDown:
    """Loss of the up-down algorithm (Hinton, Osindero & Teh 2006), to differentiate.

    Awake, the way up draws the hidden layers of the data and the way down learns to undo each
    step; the top learns to have drawn them; asleep, a draw of the top is passed down and the
    way up learns to undo that.
    """

    def __init__(self, estimator, machine, n_features):
        self.net, self.n_features = machine.tuned["moving"], n_features
        self.negative_phase = make_negative_phase(
            estimator, machine.layers[-1].chains, self.net.top
        )

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
        gap = net.top.free_energy(data).mean() - net.top.free_energy(model).mean()
        return gap - down - log_recognition(net, asleep).mean()


def up_down_stage(estimator, machine, n_features):
    """Stage that fine-tunes all layers together."""
    loss, optimizer = UpDown(estimator, machine, n_features), tuning_optimizer(estimator, machine)
    lowest, net = machine.tuned["moving"].generative[0], machine.tuned["average"]
    after = None
    if isinstance(lowest, GaussianRBM):
        after = noise_bound(lowest, estimator._noise_floor)
    phase = Phase("wake_sleep", loss, optimizer, after=after)

    def rebuilding_error(rows, generator):
        x = rows[:, :n_features]
        return (x - net.down_means(net.up_means(x))).square().mean()

    how = {"prepare": machine.untie, "max_iter": estimator.n_finetune_iter}
    return Stage([phase], monitor=rebuilding_error, **how)


def tuning_optimizer(estimator, machine):
    """Descent of what is used of every layer: one way's weights each, both ways of the top."""
    rate = estimator.finetune_learning_rate
    groups, averages = [], []
    moving, average = (_used(net) for net in machine.tuned.values())
    for (share, weights), (_, means) in zip(moving, average):
        groups.append({"params": weights, "lr": share * rate})
        averages += means
    return AveragedSGD(groups, averages, machine.n_tuning_steps, rate, estimator.momentum)


def _used(net):
    """(share of the learning rate, parameters) of each layer."""
    parts = [(1.0, [layer.weight, layer.hidden_bias]) for layer in net.recognition]
    parts.append((1.0, [net.top.weight, net.top.visible_bias, net.top.hidden_bias]))
    for layer in net.generative:
        parameters = [layer.weight, layer.visible_bias]
        if isinstance(layer, GaussianRBM):
            parameters.append(layer.log_variance)
        parts.append((step_share(layer), parameters))
    return parts
