"""Constructor parameters that the Boltzmann machines share."""

from numbers import Integral, Real

from skgen.base.parameters import AUTO, COUNT, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.sklearn_compat import Interval
from skgen.base.training_parameters import LoopParameters

MOMENTUM = Interval(Real, 0, 1, closed="left")
NEGATIVE = one_of("pcd", "cd", "pt")


class ChainParameters(LoopParameters):
    """How a machine is trained, and how its chains run afterward.

    Parameters
    ----------
    n_gibbs_steps : int, default=5
        Sweeps of the chains an update.
    n_chains : int, default=100
        Chains; with "cd" there is one a row of the batch.
    init_scale : float, default=0.01
        Standard deviation of the initial weights.
    momentum : float, default=0.0
        Fraction of the last step that is repeated.
    batch_size : int, default=100
        Rows an update, of each worker where torchrun has started several.
    learning_rate : float or "auto", default="auto"
        Step along the gradient of the mean log-likelihood.
    learning_rate_schedule : {"constant", "cosine"}, default="constant"
        Whether the learning rate falls to zero over ``max_iter`` epochs. The weights are averaged
        over the updates, so that a constant one does not leave noise in them.
    weight_decay : float, default=1e-4
        Decay of the weights, not of the biases: an update first multiplies them by
        ``1 - learning_rate * weight_decay``.
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 5 000 updates.
        Early stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least.
    sample_start : {"data", "chance"}, default="data"
        Where the chains of ``sample`` start: at hidden states that learning left, or at random.
    n_burn_in : int, default=1000
        Sweeps of ``sample`` before the first draws, one a chain.
    n_thinning : int, default=100
        Sweeps between one set of draws and the next, where more than 1000 rows are asked for;
        also the sweeps averaged by ``impute``, after as many that are not.
    """

    n_gibbs_steps: int = param(COUNT, default=5)
    n_chains: int = param(COUNT, default=100)
    init_scale: float = param(NON_NEGATIVE, default=0.01)
    momentum: float = param(MOMENTUM, default=0.0)
    batch_size: int = param(COUNT, default=100)
    learning_rate: float | str = param(POSITIVE, AUTO, default="auto")
    learning_rate_schedule: str = param(one_of("constant", "cosine"), default="constant")
    weight_decay: float = param(NON_NEGATIVE, default=1e-4)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
    sample_start: str = param(one_of("data", "chance"), default="data")
    n_burn_in: int = param(COUNT, default=1000)
    n_thinning: int = param(COUNT, default=100)


class MachineParameters(ChainParameters):
    """The same for machines whose log Z is estimated.

    Parameters
    ----------
    n_ais_chains : int, default=100
        Chains of the annealed importance sampling that estimates log Z where neither layer
        has 20 units or fewer.
    n_ais_steps : int, default=1000
        Temperatures of that sampling.
    """

    n_ais_chains: int = param(COUNT, default=100)
    n_ais_steps: int = param(COUNT, default=1000)


class TemperedParameters(MachineParameters):
    """The same for machines whose chains may run at several temperatures.

    Parameters
    ----------
    negative_phase : {"pcd", "cd", "pt"}, default="pcd"
        Where the model's half of the gradient comes from: chains that persist from update to
        update (Tieleman 2008), chains that start at each batch (Hinton 2002), or persistent
        chains at ``n_temperatures`` temperatures that trade places (Desjardins et al. 2010).
    n_temperatures : int, default=10
        Temperatures of "pt", from independent units to the model.
    """

    negative_phase: str = param(NEGATIVE, default="pcd")
    n_temperatures: int = param(Interval(Integral, 2, None, closed="left"), default=10)


def check_layers(sizes, name, at_least):
    """Refuse a network whose layers are too few."""
    if len(sizes) < at_least:
        raise ValueError(
            f"hidden_layer_sizes={sizes!r} has {len(sizes)} layers, but {name} takes at least "
            f"{at_least}; use BernoulliRBM for a single layer."
        )
