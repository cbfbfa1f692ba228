"""Constructor parameters that machines of rows in time order share."""

from skgen.base.parameters import AUTO, COUNT, NON_NEGATIVE, POSITIVE, one_of, param
from skgen.base.training_parameters import LoopParameters


class SequenceParameters(LoopParameters):
    """How the machines of rows are trained, and how their chains run afterward.

    Parameters
    ----------
    n_components : int, default=64
        Hidden units.
    negative_phase : {"pcd", "cd"}, default="pcd"
        Where the model's half of the gradient comes from: a chain of each row that goes on from
        epoch to epoch (Tieleman 2008), or one that starts at the row (Hinton 2002).
    n_gibbs_steps : int, default=5
        Sweeps of the chains an update.
    init_scale : float, default=0.1
        Standard deviation of the initial weights.
    learning_rate : float, default=0.005
        Initial learning rate of Adam.
    learning_rate_schedule : {"cosine", "constant"}, default="cosine"
        Whether the learning rate falls to zero over ``max_iter`` epochs.
    weight_decay : float, default=0.1
        Decoupled decay of the weights, not of the biases (AdamW).
    max_iter : int or "auto", default="auto"
        Epochs; "auto" takes as many as make 2 000 updates, or fewer where there are less than
        10 000 rows: so many as serve rows that a first fit holds out.
    n_ais_chains : int, default=100
        Chains of the annealed importance sampling that estimates log Z of each row where no layer
        has 15 units or fewer.
    n_ais_steps : int, default=200
        Temperatures of that sampling.
    n_burn_in : int, default=100
        Sweeps of Gibbs sampling a row in ``sample``, ``impute`` and ``sample_conditional``.
    """

    n_components: int = param(COUNT, default=64, kw_only=False)
    negative_phase: str = param(one_of("pcd", "cd"), default="pcd")
    n_gibbs_steps: int = param(COUNT, default=5)
    init_scale: float = param(NON_NEGATIVE, default=0.1)
    batch_size: int | str = param(COUNT, AUTO, default="auto")
    learning_rate: float = param(POSITIVE, default=5e-3)
    learning_rate_schedule: str = param(one_of("constant", "cosine"), default="cosine")
    weight_decay: float = param(NON_NEGATIVE, default=0.1)
    max_iter: int | str = param(COUNT, AUTO, default="auto")
    n_ais_chains: int = param(COUNT, default=100)
    n_ais_steps: int = param(COUNT, default=200)
    n_burn_in: int = param(COUNT, default=100)


def partition_method(method, n_units, most):
    """How to find log Z where the smaller layer has ``n_units``, of which ``most`` are few."""
    if not isinstance(method, str) or method not in ("auto", "exact", "ais"):
        raise ValueError(f'method={method!r} is unknown; use "auto", "exact" or "ais".')
    if method == "auto":
        return "exact" if n_units <= most else "ais"
    if method == "exact" and n_units > most:
        raise ValueError(
            f'method="exact" would enumerate 2^{n_units} states of each row; beyond {most} units '
            'use method="ais".'
        )
    return method
