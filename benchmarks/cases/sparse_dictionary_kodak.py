"""Online dictionary learning on Kodak patches: 200 steps of 512 rows, 256 atoms."""

from benchmarks.cases import _sparse
from benchmarks.core import Bound, Case, Compare, Headline, Speedup

CASE = Case(
    title="Dictionary of 256 atoms from 10000 Kodak patches, 200 steps of 512",
    family=_sparse.FAMILY,
    description="Time to learn on two threads; the lasso objective of 10000 fresh patches.",
    load=_sparse.learning_task(_sparse.kodak_patches, n_atoms=256, n_steps=200, batch=512),
    evaluate=_sparse.evaluate_dictionary,
    contenders=_sparse.LEARNERS,
    objective="objective",
    repeats=3,
    headline=Headline("faster", over="SPAMS trainDL"),
    assertions=[
        Speedup("skgen", over="SPAMS trainDL", at_least=1.0),
        Speedup("skgen", over="scikit-learn MiniBatch", at_least=10.0),
        Compare("skgen", "SPAMS trainDL", on="objective", better="lower"),
        Compare("skgen", "scikit-learn MiniBatch", on="objective", better="lower"),
        Bound("skgen", "dead atoms", at_most=0, statistic="max"),
    ],
)
