"""Constructor parameters that every torch estimator shares."""

from numbers import Integral, Real
from textwrap import indent

from skgen.base.parameters import (
    AUTO,
    COUNT,
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    Parameters,
    one_of,
    param,
)
from skgen.base.sklearn_compat import Interval, StrOptions


class LoopParameters(Parameters):
    """What every training loop asks for.

    Parameters
    ----------
    early_stopping : bool, default=False
        Whether to hold out rows, stop when their loss no longer falls, and keep the best weights.
    validation_fraction : float, default=0.1
        Fraction of the rows held out for early stopping.
    n_iter_no_change : int, default=10
        Epochs without a fall of the validation loss by ``tol`` before stopping.
    tol : float, default=1e-4
        The least fall that counts, in units of the loss.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights of the previous fit.
    random_state : int, RandomState instance or None, default=None
        Source of the initial weights, the shuffling and the noise.
    verbose : bool or int, default=False
        Whether to report each epoch through the logger ``skgen``.
    device : str, default="auto"
        "cpu", "cuda", "cuda:1", "mps"; "auto" takes CUDA where present.
    """

    early_stopping: bool = param("boolean", default=False)
    validation_fraction: float = param(FRACTION, default=0.1)
    n_iter_no_change: int = param(COUNT, default=10)
    tol: float = param(NON_NEGATIVE, default=1e-4)
    warm_start: bool = param("boolean", default=False)
    random_state: object = param("random_state", default=None)
    verbose: bool | int = param("verbose", default=False)
    device: str = param(str, default="auto")


class TrainingParameters(LoopParameters):
    """A training loop with Adam, in a chosen precision.

    Parameters
    ----------
    batch_size : int or "auto", default="auto"
        Rows an update; "auto" takes a twentieth of the training rows, between 16 and 128.
    learning_rate : float, default=2e-3
        Initial step of Adam.
    learning_rate_schedule : {"cosine", "constant"}, default="cosine"
        Whether the step falls to zero over ``max_iter`` epochs.
    weight_decay : float, default=0.0
        Decoupled weight decay of the networks (AdamW).
    max_iter : int, default=100
        Epochs.
    precision : {"float32", "bfloat16"}, default="float32"
        In which losses are computed; bfloat16 pays on a GPU.
    compile : bool, default=False
        Whether the networks pass through ``torch.compile``.
    """

    batch_size: int | str = param(COUNT, AUTO, default="auto")
    learning_rate: float = param(POSITIVE, default=2e-3)
    learning_rate_schedule: str = param(one_of("constant", "cosine"), default="cosine")
    weight_decay: float = param(NON_NEGATIVE, default=0.0)
    max_iter: int | str = param(COUNT, default=100)
    precision: str = param(one_of("float32", "bfloat16"), default="float32")
    compile: bool = param("boolean", default=False)


LOOP_CONSTRAINTS = {
    "learning_rate": [Interval(Real, 0, None, closed="neither")],
    "learning_rate_schedule": [StrOptions({"constant", "cosine"})],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="left")],
    "warm_start": ["boolean"],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
    "device": [str],
}
TRAINING_CONSTRAINTS = {
    **LOOP_CONSTRAINTS,
    "batch_size": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "precision": [StrOptions({"float32", "bfloat16"})],
    "compile": ["boolean"],
}

ADAM_PARAMETERS = """\
batch_size : int or "auto", default="auto"
    Rows an update; "auto" takes a twentieth of the training rows, between 16 and 128.
learning_rate : float, default=%(learning_rate)s
    Initial step of Adam.
learning_rate_schedule : {"cosine", "constant"}, default="cosine"
    Whether the step falls to zero over ``max_iter`` epochs.
weight_decay : float, default=%(weight_decay)s
    Decoupled weight decay of the networks (AdamW).
max_iter : %(epochs)s, default=%(max_iter)s
    Epochs."""

LOOP_PARAMETERS = """\
early_stopping : bool, default=False
    Whether to hold out rows, stop when their loss no longer falls, and keep the best weights.
validation_fraction : float, default=0.1
    Share of the rows held out for early stopping.
n_iter_no_change : int, default=10
    Epochs without a fall of the validation loss by ``tol`` before stopping.
tol : float, default=1e-4
    The least fall that counts, in units of the loss.
warm_start : bool, default=False
    Whether ``fit`` goes on from the weights of the previous fit.
random_state : int, RandomState instance or None, default=None
    Source of the initial weights, the shuffling and the noise.
verbose : bool or int, default=False
    Whether to report each epoch through the logger ``skgen``.
device : str, default="auto"
    "cpu", "cuda", "cuda:1", "mps"; "auto" takes CUDA where present."""

PRECISION_PARAMETERS = """\
precision : {"float32", "bfloat16"}, default="float32"
    In which losses are computed; bfloat16 pays on a GPU.
compile : bool, default=False
    Whether the networks pass through ``torch.compile``."""

TRAINING_PARAMETERS = f"{ADAM_PARAMETERS}\n{LOOP_PARAMETERS}\n{PRECISION_PARAMETERS}"

TRAINING_ATTRIBUTES = """\
n_iter_ : int
    Epochs run.
loss_curve_ : list of float
    Mean training loss of each epoch.
validation_scores_ : list of float or None
    Minus the validation loss of each epoch, with ``early_stopping``.
best_loss_ : float
    Lowest loss of the curve: of the validation rows with ``early_stopping``.
module_ : torch.nn.Module
    The fitted networks, on the CPU, in evaluation mode.
n_features_in_ : int
    Number of features seen in ``fit``.
feature_names_in_ : ndarray of shape (n_features,)
    Names of the features, where X had string names."""


def document_training(*, learning_rate, weight_decay, max_iter, **sections):
    """Class decorator: write the shared parameters and attributes into a docstring.

    They replace the lines ``%(training_parameters)s`` and ``%(training_attributes)s``; a
    further section replaces the line that bears its name.
    """
    max_iter = str(max_iter)
    defaults = {"learning_rate": learning_rate, "weight_decay": weight_decay, "max_iter": max_iter}
    defaults["epochs"] = 'int or "auto"' if "auto" in max_iter else "int"
    sections["training_parameters"] = TRAINING_PARAMETERS % defaults
    return document(training_attributes=TRAINING_ATTRIBUTES, **sections)


def document(**sections):
    """Class decorator: each section replaces the line of the docstring that bears its name."""

    def decorate(cls):
        # python -OO strips docstrings.
        if cls.__doc__:
            for name, text in sections.items():
                cls.__doc__ = cls.__doc__.replace(f"    %({name})s", indent(text, "    "))
        return cls

    return decorate
