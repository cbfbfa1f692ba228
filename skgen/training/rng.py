"""Torch random generators made from scikit-learn's ``random_state``."""

import threading
from contextlib import contextmanager, nullcontext

import torch
from torch import nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from skgen.forks import in_each_child

_current = threading.local()
# Whoever lends torch's own generator must put it back before the next one takes it.
_lending = threading.RLock()


@in_each_child
def _begin_child():
    global _lending
    _lending = threading.RLock()


def torch_generator(rng, device="cpu"):
    """Seed a torch generator on ``device`` from a NumPy RandomState."""
    return torch.Generator(device).manual_seed(int(rng.randint(2**31 - 1)))


@contextmanager
def seeded(generator):
    """Make the draws of this thread within ``own_draws`` follow the seed of a generator.

    Draws on the CPU are those that torch's own generator would give with that seed; draws on
    another device come from ``generator``, which CUDA graphs know.
    """
    earlier = dict(vars(_current))
    on_cpu = torch.Generator().manual_seed(generator.initial_seed())
    _current.generators = {generator.device.type: generator, "cpu": on_cpu}
    _current.others = _States()
    try:
        yield
    finally:
        vars(_current).clear()
        vars(_current).update(earlier)


class _States:
    """States of generators that are no torch's, in the order in which a stage asks for them."""

    def __init__(self, saved=()):
        self.used, self.saved = [], [states.copy() for states in saved]

    def take(self, make):
        """The next ones that were saved, or else new ones."""
        self.used.append(self.saved.pop(0) if self.saved else make())
        return self.used[-1]


def kept_states(make):
    """States of another generator, an array that changes in place: ``make()``, or what was saved.

    Within ``seeded`` they count among ``generator_states``.
    """
    known = vars(_current).get("others")
    return make() if known is None else known.take(make)


def begin_states(saved=()):
    """Forget the ``kept_states`` of an earlier stage, which none uses any more."""
    if "others" in vars(_current):
        _current.others = _States(saved)


def generator_states(generator):
    """Copies of the states of a generator, and of all others of this thread within ``seeded``."""
    others = vars(_current).get("others") or _States()
    return {
        "own": generator.get_state(),
        "current": [one.get_state() for one in _within()],
        "others": [states.copy() for states in others.used + others.saved],
    }


def set_generator_states(generator, saved):
    """Put back what ``generator_states`` told."""
    for one, state in zip(_within(), saved["current"]):
        one.set_state(state)
    generator.set_state(saved["own"])
    begin_states(saved["others"])


def exchange_states(generator, function):
    """``function(state)`` on each of the states that ``generator_states`` tells, in place."""
    for one in (generator, *_within()):
        state = one.get_state()
        function(state)
        one.set_state(state)
    others = vars(_current).get("others") or _States()
    for states in others.used:
        function(torch.from_numpy(states.view("int32")))


def _within():
    """The generators of ``seeded``."""
    return (vars(_current).get("generators") or {}).values()


def own_draws():
    """Context in which modules draw from the generators of ``seeded``, not from torch's own.

    The initialization of modules, and layers such as dropout, know no other generator than that
    of the process, which all threads and the user share. Here their calls are handed one; and
    they make float32, whatever torch's default is. Without ``seeded`` the draws are of no
    account, and any generator will do.
    """
    generators = vars(_current).get("generators")
    return _OwnDraws(generators or {"cpu": torch.Generator().manual_seed(0)})


class OwnDropout(nn.Dropout):
    """Dropout by the generators of ``seeded``, which needs no ``own_draws`` and so is faster."""

    def forward(self, input):
        """The input with a fraction ``p`` at zero and the others larger, in training."""
        if not self.training or self.p in (0, 1):
            return super().forward(input)
        generators = vars(_current).get("generators") or {}
        return input * _mask(input, self.p, generators.get(input.device.type))


def _mask(x, p, generator):
    """Zero with probability p, otherwise 1 / (1 - p), by torch's own formula."""
    return torch.empty_like(x).bernoulli_(1 - p, generator=generator).div_(1 - p)


def own_draws_of(module, *, compiled):
    """``own_draws`` for training a module; nothing where none of its layers can draw."""
    if not any(map(_may_draw, module.modules())):
        return nullcontext()
    # What is compiled draws from the generator of the process, which others then wait for.
    return _lent(_current.generators) if compiled else own_draws()


def _may_draw(layer):
    """Whether a layer may draw in its forward pass: dropout, and all that is not known here."""
    if isinstance(layer, OwnDropout):
        return False
    if isinstance(layer, DROPPING):
        return layer.p > 0
    if isinstance(layer, DRAWING):
        return True
    return not type(layer).__module__.startswith(("torch.nn.", "skgen."))


DROPPING = (
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
)
DRAWING = (nn.RReLU, nn.RNNBase, nn.MultiheadAttention, nn.FractionalMaxPool2d)
# Functions that take a generator as their keyword.
TAKE_ONE = {
    nn.init.kaiming_uniform_,
    nn.init.normal_,
    nn.init.uniform_,
    torch.bernoulli,
    torch.multinomial,
    torch.normal,
    torch.poisson,
    torch.rand,
    torch.randint,
    torch.randn,
    torch.randperm,
    torch.Tensor.bernoulli,
    torch.Tensor.bernoulli_,
    torch.Tensor.cauchy_,
    torch.Tensor.exponential_,
    torch.Tensor.geometric_,
    torch.Tensor.log_normal_,
    torch.Tensor.multinomial,
    torch.Tensor.normal_,
    torch.Tensor.random_,
    torch.Tensor.uniform_,
}
# Functions that draw from the generator of the process alone.
TAKE_NONE = {
    F.alpha_dropout,
    F.dropout1d,
    F.dropout2d,
    F.dropout3d,
    F.feature_alpha_dropout,
    F.fractional_max_pool2d,
    F.fractional_max_pool2d_with_indices,
    F.fractional_max_pool3d,
    F.fractional_max_pool3d_with_indices,
    F.gumbel_softmax,
    F.multi_head_attention_forward,
    F.rrelu,
    F.scaled_dot_product_attention,
    torch.dropout,
    torch.dropout_,
    torch.gru,
    torch.lstm,
    torch.rand_like,
    torch.randint_like,
    torch.randn_like,
    torch.rnn_relu,
    torch.rnn_tanh,
    torch.rrelu,
    torch.rrelu_,
}
# Functions whose result has torch's default dtype where none is given.
MAKE_FLOATS = {
    torch.empty,
    torch.eye,
    torch.full,
    torch.linspace,
    torch.logspace,
    torch.normal,
    torch.ones,
    torch.rand,
    torch.randn,
    torch.zeros,
}


class _OwnDraws(TorchFunctionMode):
    """Hands generators to torch's functions; the modes of torch are those of one thread."""

    def __init__(self, generators):
        super().__init__()
        self.generators = generators

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func in MAKE_FLOATS and torch.get_default_dtype() != torch.float32:
            kwargs = _as_float32(func, args, kwargs)
        if func is F.dropout:
            return self._dropout(*args, **kwargs)
        if func in TAKE_NONE:
            with _lent(self.generators):
                return func(*args, **kwargs)
        if func in TAKE_ONE and kwargs.get("generator") is None:
            kwargs = {**kwargs, "generator": self._of(args, kwargs)}
        return func(*args, **kwargs)

    def _of(self, args, kwargs):
        """The generator of the device on which a call draws."""
        first = next((a for a in args if isinstance(a, torch.Tensor)), None)
        device = kwargs.get("device") or ("cpu" if first is None else first.device)
        return self.generators.get(torch.device(device).type)

    def _dropout(self, input, p=0.5, training=True, inplace=False):
        """Dropout by torch's own formula, with a generator."""
        if not training or p in (0, 1):
            return F.dropout(input, p, training, inplace)
        mask = _mask(input, p, self._of((input,), {}))
        return input.mul_(mask) if inplace else input * mask


@contextmanager
def _lent(generators):
    """Let the generators of the process stand where ours do, and put them back."""
    others = [g for kind, g in generators.items() if kind == "cuda"]
    with _lending, torch.random.fork_rng(devices=[g.device for g in others]):
        torch.set_rng_state(generators["cpu"].get_state())
        for own in others:
            torch.cuda.set_rng_state(own.get_state(), own.device)
        yield
        generators["cpu"].set_state(torch.get_rng_state())
        for own in others:
            own.set_state(torch.cuda.get_rng_state(own.device))


def _as_float32(func, args, kwargs):
    """Keywords of a call that would make numbers of torch's default dtype."""
    of_other_numbers = any(isinstance(a, torch.Tensor | bool) for a in args) or (
        func is torch.full and isinstance(kwargs.get("fill_value", args[-1]), int)
    )
    if of_other_numbers or kwargs.get("dtype") or kwargs.get("out") is not None:
        return kwargs
    return {**kwargs, "dtype": torch.float32}
