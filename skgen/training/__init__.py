"""The one training loop of the package, and what feeds it."""

from skgen.training.block_columns import columns_of
from skgen.training.block_rows import BlockRows
from skgen.training.device import (
    current_device,
    inference_device,
    memory_errors,
    plain_autograd,
    resolve_device,
)
from skgen.training.loop import EarlyStopping, History, normalizes_batches, train
from skgen.training.optim import adam, load_moments, scale_learning_rate
from skgen.training.phase import GradientPhase, Phase, Stage
from skgen.training.rng import (
    OwnDropout,
    kept_states,
    own_draws,
    own_draws_of,
    seeded,
    torch_generator,
)
from skgen.training.rows import (
    StackedRows,
    as_tensor,
    column_moments,
    contiguous,
    make_rows,
    representatives,
    standardized,
)
from skgen.training.threads import largest_product, threads_for

__all__ = [
    "BlockRows",
    "EarlyStopping",
    "GradientPhase",
    "History",
    "OwnDropout",
    "Phase",
    "StackedRows",
    "Stage",
    "adam",
    "as_tensor",
    "column_moments",
    "columns_of",
    "contiguous",
    "current_device",
    "inference_device",
    "kept_states",
    "largest_product",
    "load_moments",
    "make_rows",
    "memory_errors",
    "normalizes_batches",
    "own_draws",
    "own_draws_of",
    "plain_autograd",
    "representatives",
    "resolve_device",
    "scale_learning_rate",
    "seeded",
    "standardized",
    "threads_for",
    "torch_generator",
    "train",
]
