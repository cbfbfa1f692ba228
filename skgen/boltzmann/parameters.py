"""Constructor parameters that the Boltzmann machines share: constraints and documentation."""

from numbers import Integral, Real

from skgen.base.sklearn_compat import Interval, StrOptions
from skgen.base.training_parameters import LOOP_CONSTRAINTS, LOOP_PARAMETERS

COUNT = Interval(Integral, 1, None, closed="left")

MACHINE_CONSTRAINTS = {
    "n_components": [COUNT],
    "negative_phase": [StrOptions({"pcd", "cd", "pt"})],
    "n_gibbs_steps": [COUNT],
    "n_chains": [COUNT],
    "n_temperatures": [Interval(Integral, 2, None, closed="left")],
    "init_scale": [Interval(Real, 0, None, closed="left")],
    "momentum": [Interval(Real, 0, 1, closed="left")],
    "batch_size": [COUNT],
    "max_iter": [COUNT, StrOptions({"auto"})],
    "n_ais_chains": [COUNT],
    "n_ais_steps": [COUNT],
    "sample_start": [StrOptions({"data", "chance"})],
    "n_burn_in": [COUNT],
    "n_thinning": [COUNT],
    **LOOP_CONSTRAINTS,
    "learning_rate": [*LOOP_CONSTRAINTS["learning_rate"], StrOptions({"auto"})],
}

_OF_ONE_LAYER = {"n_components", "negative_phase", "n_temperatures"}
DEEP_CONSTRAINTS = {
    "hidden_layer_sizes": ["array-like"],
    "centered": ["boolean"],
    "negative_phase": [StrOptions({"pcd", "cd"})],
    **{name: rule for name, rule in MACHINE_CONSTRAINTS.items() if name not in _OF_ONE_LAYER},
}

NEGATIVE_PHASE_PARAMETERS = """\
negative_phase : {"pcd", "cd", "pt"}, default="pcd"
    Where the model's half of the gradient comes from: chains that persist from update to
    update (Tieleman 2008), chains that start at each batch (Hinton 2002), or persistent
    chains at ``n_temperatures`` temperatures that trade places (Desjardins et al. 2010).
n_gibbs_steps : int, default=%(n_gibbs_steps)s
    Sweeps of the chains an update.
n_chains : int, default=100
    Chains; with "cd" there is one a row of the batch.
n_temperatures : int, default=10
    Temperatures of "pt", from independent units to the model.
init_scale : float, default=0.01
    Standard deviation of the initial weights.
momentum : float, default=0.0
    Share of the last step that is repeated."""

STEP_PARAMETERS = """\
batch_size : int, default=100
    Rows an update.
learning_rate : %(learning_rate)s
    Step along the gradient of the mean log-likelihood.
learning_rate_schedule : {"constant", "cosine"}, default="constant"
    Whether the step falls to zero over ``max_iter`` epochs. The weights are averaged over
    the updates, so that a constant step does not leave noise in them.
weight_decay : float, default=%(weight_decay)s
    Decay of the weights, not of the biases, a unit of step.
max_iter : int or "auto", default="auto"
    Epochs; "auto" takes as many as make %(n_updates)s.
    Early stopping waits for ``n_iter_no_change`` epochs, and for 500 updates at least."""

LIKELIHOOD_PARAMETERS = """\
n_ais_chains : int, default=100
    Chains of the annealed importance sampling that estimates log Z where neither layer
    has 20 units or fewer.
n_ais_steps : int, default=1000
    Temperatures of that sampling.
sample_start : {"data", "chance"}, default="data"
    Where the chains of ``sample`` start: at hidden states that learning left, or at random.
n_burn_in : int, default=1000
    Sweeps of ``sample`` before the first draws, one a chain.
n_thinning : int, default=100
    Sweeps between one set of draws and the next, where more than 1000 rows are asked for;
    also the sweeps averaged by ``impute``, after as many that are not."""

MACHINE_PARAMETERS = f"""\
{NEGATIVE_PHASE_PARAMETERS}
{STEP_PARAMETERS}
{LIKELIHOOD_PARAMETERS}
{LOOP_PARAMETERS}"""


def check_layers(sizes, name, at_least):
    """Refuse a network whose layers are too few, or no counts of units."""
    if len(sizes) < at_least:
        raise ValueError(
            f"hidden_layer_sizes={sizes!r} has {len(sizes)} layers, but {name} takes at least "
            f"{at_least}; use BernoulliRBM for a single layer."
        )
    if not all(isinstance(size, Integral) and size >= 1 for size in sizes):
        raise ValueError(
            f"hidden_layer_sizes={sizes!r} must hold positive integers, the units of each layer."
        )
