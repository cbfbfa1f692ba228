"""Constructor parameters that every torch estimator shares."""

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
        Rows an update; "auto" takes a twentieth of the training rows, between 16 and 128. Of each
        worker, where torchrun has started several.
    learning_rate : float, default=2e-3
        Initial learning rate of Adam.
    learning_rate_schedule : {"cosine", "constant"}, default="cosine"
        Whether the learning rate falls to zero over ``max_iter`` epochs.
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
