"""Fits of one adversarial network with several seeds, trained as one batch."""

import copy
from numbers import Integral

import numpy as np
import torch
from sklearn.base import clone

from skgen.adversarial.gan import GAN
from skgen.adversarial.objective import allows_closed_form
from skgen.base.progress.agreement import check_agreement
from skgen.base.run import curves, run_stages
from skgen.base.sklearn_compat import validate_params
from skgen.base.torch_estimator import settings_of
from skgen.exceptions import FitInterrupted
from skgen.interrupts import Interrupts
from skgen.nets.adversarial.closed_form import closed_form_critic
from skgen.nets.adversarial.piecewise_linear import linear_layers
from skgen.nets.adversarial.stacking import stacked, unstack
from skgen.training import (
    History,
    StackedRows,
    as_tensor,
    plain_autograd,
    resolve_device,
    seeded,
    standardized,
    torch_generator,
)
from skgen.training.columns import Columns
from skgen.training.workers import joined


def fit_seeds(gan, X, seeds):
    """Fit a GAN with several seeds at once.

    The networks train side by side: each layer is one batched product for all seeds, made for a
    GPU that one small network leaves idle. Every seed has weights, an order of the rows and noise
    of its own, as if it were fitted alone.

    Parameters
    ----------
    gan : GAN
        Its parameters are those of every fit; itself it stays as it is. It needs gradients in
        closed form: multilayer perceptrons of ReLUs, leaky ReLUs or identities; no normalization,
        packing, minibatch discrimination, unrolling, ``compile``, or "wgan_gp".
    X : array-like of shape (n_samples, n_features), or list of such
        Training rows: the same for every seed, or a list with those of each seed, all of one
        shape.
    seeds : sequence of int
        ``random_state`` of each fit. The first weights are those of ``fit`` with this seed; the
        noise of the training is drawn for all together, so that the last ones are not.

    Returns
    -------
    fits : list of GAN
        A fitted estimator for each seed.

    Raises
    ------
    DivergenceError
        A loss of one of the fits became non-finite.
    TypeError
        ``gan`` is another estimator.
    ValueError
        The GAN cannot train in a batch, or the seeds and sets of rows do not match.

    Examples
    --------
    >>> import numpy as np
    >>> from skgen import GAN, fit_seeds
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((500, 2)) + rng.choice([-5, 5], (500, 1))
    >>> fits = fit_seeds(GAN(hidden_layer_sizes=(32, 32), max_iter=60), X, seeds=range(3))
    >>> [model.sample(5).shape for model in fits]
    [(5, 2), (5, 2), (5, 2)]
    """
    seeds = _checked(gan, seeds)
    validate_params(gan)
    if gan.conditional:
        raise ValueError(
            "conditional=True needs the y of the rows, which fit_seeds does not take; use "
            "conditional=False, or fit the seeds one by one."
        )
    if gan.early_stopping:
        raise ValueError(
            "early_stopping=True would stop every seed at an epoch of its own; "
            "use early_stopping=False, or fit the seeds one by one."
        )
    fits = [clone(gan).set_params(random_state=seed) for seed in seeds]
    sets = [fit._validate(rows, reset=True) for fit, rows in zip(fits, _row_sets(X, seeds))]
    device = resolve_device(gan.device)
    nets = [_initial_net(fit, rows, device) for fit, rows in zip(fits, sets)]
    _check_closed_form(gan, nets[0])
    generator = torch_generator(np.random.RandomState(seeds), device)
    with joined(), Interrupts() as interrupts, plain_autograd():
        check_agreement(gan, (sets, None, None), 0)
        histories = _train_together(fits, sets, nets, generator)
    for i, (fit, rows, net) in enumerate(zip(fits, sets, nets)):
        fit.module_ = net.eval().requires_grad_(False)
        vars(fit).update(curves([_of_seed(history, i) for history in histories]))
        fit._finish(rows)
        if not interrupts.stopped:
            fit._review(rows)
    if interrupts.stopped:
        raise FitInterrupted.of(fits, f"in epoch {fits[0].n_iter_}")
    return fits


def _checked(gan, seeds):
    """The seeds as a list; refuses what is no GAN and what are no seeds."""
    if not isinstance(gan, GAN):
        raise TypeError(f"gan={gan!r} is no GAN; fit other estimators one by one.")
    if not np.iterable(seeds) or not all(isinstance(seed, Integral) for seed in seeds):
        raise ValueError(f"seeds={seeds!r} should be a sequence of int, such as range(10).")
    if not len(seeds):
        raise ValueError("seeds is empty, but at least one is needed.")
    return [int(seed) for seed in seeds]


def _row_sets(X, seeds):
    """The rows of each seed."""
    if not (isinstance(X, list | tuple) and all(np.ndim(rows) == 2 for rows in X)):
        return [X] * len(seeds)
    shapes = {np.shape(rows) for rows in X}
    if len(X) != len(seeds) or len(shapes) != 1:
        raise ValueError(
            f"X holds {len(X)} sets of rows of shapes {sorted(shapes)} for {len(seeds)} seeds; "
            "give one set, or one for each seed and all of one shape."
        )
    return X


def _initial_net(fit, rows, device):
    """The networks from which ``fit`` would start."""
    with seeded(torch_generator(np.random.RandomState(fit.random_state), device)):
        return fit._initial_module(Columns(rows))


def _check_closed_form(gan, net):
    """Refuse a GAN whose gradients are not in closed form."""
    critic, generator = closed_form_critic(net.critic), linear_layers(net.generator)
    if critic is None or generator is None or not allows_closed_form(gan):
        raise ValueError(
            f"fit_seeds needs gradients in closed form, which {gan} does not have: use dense "
            "networks of ReLUs, leaky ReLUs or identities without normalization, packing, "
            "minibatch_discrimination, unroll_steps, compile, bfloat16, wgan_gp, "
            "boundary_equilibrium, n_codes, n_categories or an encoder; or fit them one by one."
        )


def _train_together(fits, sets, nets, generator):
    """Train the networks as one, in place; return the histories."""
    # One estimator makes the stages; what each measured in its rows lies side by side.
    common = copy.copy(fits[0])
    common._length_scales = tuple(
        np.array(lengths) for lengths in zip(*(fit._length_scales for fit in fits))
    )
    together = stacked(nets).to(generator.device)
    rows = [as_tensor(standardized(X, fit._center, fit._scale)) for fit, X in zip(fits, sets)]
    stacked_rows = StackedRows(torch.stack(rows).to(generator.device))
    stages, settings = common._stages(together), settings_of(common, common.max_iter)
    histories = run_stages(together, stages, stacked_rows, settings, generator)
    unstack(together.cpu(), nets)
    for fit in fits:
        fit._calibration = common._calibration
    return histories


def _of_seed(history, i):
    """What concerns one seed of a history."""
    losses = {name: [means[i] for means in curve] for name, curve in history.losses.items()}
    return History(losses, interrupted=history.interrupted)
