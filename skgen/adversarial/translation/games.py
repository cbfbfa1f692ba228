"""What translators and critics minimize in turn, with pairs of rows and without."""

from dataclasses import dataclass

import torch

from skgen.adversarial.autograd_game import AutogradGame
from skgen.adversarial.objective import BETAS
from skgen.nets.averaging import averager
from skgen.training import Phase, Stage, adam


@dataclass(frozen=True)
class CriticRules:
    """What the adversarial game of a critic is told."""

    loss: str
    gradient_penalty: str | None
    label_smoothing: float = 0.0
    unroll_steps: int = 0


class Judge:
    """A critic in an adversarial game whose draws are translations of rows."""

    encoder = None

    def __init__(self, critic, penalty_weight, params):
        self.critic, self.penalty_weight, self.translations = critic, penalty_weight, None
        rules = CriticRules(params.loss, params.gradient_penalty)
        self.game = AutogradGame(self, rules, lambda x, generator: x, None)

    def split_partly_hidden(self, batch, generator):
        """The rows of a batch, which have no conditions."""
        return batch, None

    def latent(self, n, generator):
        """No latent rows: what the draws are made of is known."""

    def generate(self, z, y):
        """What the game takes for its draws."""
        return self.translations

    def judged(self, x, z):
        """What the critic sees of draws: them alone."""
        return x

    def judged_data(self, x, generator):
        """What the critic sees of rows: them alone."""
        return x

    def critic_loss(self, real, translations, generator):
        """Loss by which the critic tells rows from translations."""
        self.translations = translations
        return self.game.critic_loss(real, generator)

    def generator_loss(self, real, generator):
        """Loss of the translations that the critic saw last."""
        return self.game.generator_loss(real, generator)


class PairedGame:
    """L1 error of the translation, and a critic of pairs (Isola et al. 2017).

    ``params`` has the constructor parameters as attributes, ``weight`` is that of the adversarial
    loss; a batch has y behind x.
    """

    def __init__(self, net, params, weight, n_features):
        self.net, self.n_features = net, n_features
        self.weight = weight
        self.judge = Judge(net.critic, net.penalty_weight, params)
        self.translated = None

    def critic_loss(self, batch, generator):
        """Loss by which the critic tells (x, y) from (x, G(x))."""
        x = batch[:, : self.n_features]
        self.translated = self.net.generator(x)
        return self.judge.critic_loss(batch, torch.cat([x, self.translated], 1), generator)

    def generator_loss(self, batch, generator):
        """Mean of abs(G(x) - y), and the weighted adversarial loss."""
        error = (self.translated - batch[:, self.n_features :]).abs().mean()
        return error + self.weight * self.judge.generator_loss(batch, generator)

    def error_alone(self, batch, generator):
        """The first of these terms, of a game without a critic."""
        x, y = batch[:, : self.n_features], batch[:, self.n_features :]
        return (self.net.generator(x) - y).abs().mean()

    def monitor(self, batch, generator):
        """The same of the averaged generator."""
        x, y = batch[:, : self.n_features], batch[:, self.n_features :]
        return (self.net.averaged_generator(x) - y).abs().mean()


class CycleGame:
    """Translators there and back with a critic each, and the error of a round (Zhu et al. 2017).

    ``others`` (m, n_outputs) are the rows y, of which a batch of x meets as many, drawn anew.
    """

    def __init__(self, net, params, weight, others):
        self.net, self.others = net, others
        self.weight = weight
        self.judges = [
            Judge(critic, net.penalty_weight, params) for critic in (net.critic, net.inverse_critic)
        ]
        self.y = self.to_y = self.to_x = None

    def critic_loss(self, x, generator):
        """Losses by which the critics tell y from G(x) and x from F(y)."""
        shape = (len(x),)
        index = torch.randint(len(self.others), shape, generator=generator, device=x.device)
        self.y = self.others.index_select(0, index)
        self.to_y, self.to_x = self.net.generator(x), self.net.inverse_generator(self.y)
        there, back = self.judges
        return there.critic_loss(self.y, self.to_y, generator) + back.critic_loss(
            x, self.to_x, generator
        )

    def generator_loss(self, x, generator):
        """Means of abs(F(G(x)) - x) and abs(G(F(y)) - y), and the weighted adversarial losses."""
        cycle = (self.net.inverse_generator(self.to_y) - x).abs().mean()
        cycle = cycle + (self.net.generator(self.to_x) - self.y).abs().mean()
        there, back = self.judges
        adversarial = there.generator_loss(self.y, generator) + back.generator_loss(x, generator)
        return cycle + self.weight * adversarial


def translation_stage(net, params, game, monitor):
    """Stage of the critics' phase and the translators'."""
    generators = net.generators()
    average = averager(net.averaged_generators(), generators, net.n_updates, params.averaging)
    optimizer = _optimizer(generators, params)
    if not game.weight:
        return Stage([Phase("generator", game.error_alone, optimizer, average)], monitor=monitor)
    return Stage(
        [
            Phase("critic", game.critic_loss, _optimizer(net.critics(), params)),
            Phase("generator", game.generator_loss, optimizer, average),
        ],
        monitor=monitor,
        monitors_rows=False,
    )


def _optimizer(networks, params):
    rate, decay = params.learning_rate, params.weight_decay
    return adam(networks.parameters(), rate, betas=BETAS, weight_decay=decay)
