"""A fitted model stays what it is, whatever its constructor parameters are set to afterward."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.preprocessing import MinMaxScaler

from skgen import (
    ICA,
    VAE,
    BernoulliRBM,
    BoltzmannMachine,
    ConvolutionalDBN,
    DeepBeliefNetwork,
    DenoisingAE,
    FactorAnalysis,
    GaussianBernoulliRBM,
    GenerativePipeline,
    SigmoidBeliefNetwork,
    SparseCoder,
)
from skgen.autoregressive.pixel_base import PixelModel
from skgen.base.parameters import LAYERS
from skgen.base.results.layers import LayerMixin
from skgen.base.sklearn_compat import Interval, Options, StrOptions
from skgen.boltzmann.base import BoltzmannMixin
from skgen.boltzmann.energy.base import EnergyEstimator
from skgen.boltzmann.sequential.base import SequenceRBM
from skgen.testing import deterministic_verb, fitted, labels, toy
from tests.instances import SMALL_DEEP, SMALL_NET, instances, label

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.HeywoodWarning"),
    pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning"),
]

# Parameters that are documented to steer verbs, and which: these results may be others.
CODES = {"transform", "inverse_transform", "score", "score_samples"}
ENERGY_VERBS = {
    *("sample", "impute", "sample_conditional"),
    *("score", "score_samples", "estimate_log_partition", "log_partition_bracket"),
}
STEERING = {
    BoltzmannMixin: {
        "n_burn_in": {"sample", "sample_class", "sample_conditional", "log_partition_bracket"},
        "n_thinning": {"impute", "inverse_transform"},
        "sample_start": {"sample", "sample_class"},
        "n_ais_chains": {"score", "score_samples", "log_partition_bracket"},
        "n_ais_steps": {"score", "score_samples", "log_partition_bracket"},
        "n_score_samples": {"score", "score_samples"},
        "mean_field_tol": {"transform", "inverse_transform", "score", "score_samples"},
    },
    ConvolutionalDBN: {"n_burn_in": {"sample"}, "sample_start": {"sample"}},
    BoltzmannMachine: {
        "n_burn_in": {"sample", "sample_conditional", "log_partition_bracket"},
        "n_thinning": {"impute"},
        "n_ais_chains": {"score", "score_samples", "log_partition_bracket"},
        "n_ais_steps": {"score", "score_samples", "log_partition_bracket"},
    },
    EnergyEstimator: {
        "n_leapfrog_steps": ENERGY_VERBS,
        "n_burn_in": {"sample", "impute", "sample_conditional", "log_partition_bracket"},
        "n_thinning": {"sample"},
        "n_ais_chains": {"score", "score_samples", "log_partition_bracket"},
        "n_ais_steps": {"score", "score_samples", "log_partition_bracket"},
    },
    SequenceRBM: {
        "n_burn_in": {"sample", "impute", "sample_conditional"},
        "n_ais_chains": {"score", "score_sequence"},
        "n_ais_steps": {"score", "score_sequence"},
    },
    DenoisingAE: {"n_chain_steps": {"sample"}},
    FactorAnalysis: {"scores": {"transform", "inverse_transform"}},
    SparseCoder: {
        **dict.fromkeys(("algorithm", "code_tol", "code_max_iter"), CODES),
        **dict.fromkeys(("transform_algorithm", "n_nonzero_coefs", "residual_tol"), CODES),
        "split_sign": {"transform", "get_feature_names_out"},
    },
    PixelModel: {"n_particles": {"impute", "sample_conditional"}},
    ICA: {"n_gibbs_steps": {"impute", "sample_conditional"}},
    LayerMixin: {"layer": {"transform", "inverse_transform", "get_feature_names_out"}},
    **dict.fromkeys(
        (SigmoidBeliefNetwork, VAE),
        {
            "n_score_samples": {"score", "score_samples", "predict", "predict_proba"},
            "n_gibbs_steps": {"impute", "sample_conditional"},
        },
    ),
}

# In [0, 1], for the models of bits.
X = MinMaxScaler().fit_transform(toy())
HOLES = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)[:5]
VERBS = {
    "score": (X, labels()),
    **dict.fromkeys(("transform", "score_samples", "predict", "predict_proba"), (X,)),
    **dict.fromkeys(("transform_sequence", "score_sequence"), (X,)),
    **dict.fromkeys(("posterior", "free_energy", "pseudo_likelihood", "denoise"), (X,)),
    **dict.fromkeys(("aic", "bic", "invert"), (X[:4],)),
    **dict.fromkeys(("get_feature_names_out", "get_covariance", "get_precision"), ()),
    "edit": (X[:2], X[2]),
    "sample": (5, 0),
    "sample_class": (0, 5, 0),
    "gibbs": (X, 2, 0),
    "impute": (HOLES,),
    "sample_conditional": (HOLES, 1, 0),
    "log_partition_bracket": (5, 5),
    "estimate_log_partition": ("auto", 5, 5),
    "log_partitions": (X, None, "auto", 5, 5),
}


def answers(model):
    """What each verb of a fitted model says, by name; None where it has none such."""
    model = copy.deepcopy(model)
    said = {}
    for verb, arguments in VERBS.items():
        said[verb] = getattr(model, verb)(*arguments) if hasattr(model, verb) else None
    if hasattr(model, "inverse_transform"):
        said["inverse_transform"] = model.inverse_transform(model.transform(X))
    if hasattr(model, "generate"):
        said["generate"] = model.generate(np.ones((2, model.n_components_)))
    said["likelihood_kind_"] = getattr(model, "likelihood_kind_", None)
    return said


def others(value, constraint):
    """Other values that a constraint allows, those near the ends and those far beyond."""
    if isinstance(constraint, Options | StrOptions):
        return sorted(constraint.options - {value}, key=str)
    if constraint == "boolean":
        return [not value]
    if isinstance(constraint, Interval):
        low = 0 if constraint.left is None else constraint.left
        known = isinstance(value, int | float) and not isinstance(value, bool)
        candidates = [low, low + 1, 30, value + 1 if known else 3, low + 0.37, 0.61]
        integral = constraint.type.__name__ == "Integral"
        candidates = [c for c in candidates if isinstance(c, int) or not integral]
        return [c for c in candidates if constraint_allows(constraint, c) and c != value]
    written_out = {
        LAYERS: [(3, 2, 6)],
        "array-like": [np.full((2, X.shape[1]), 0.5)],
        "random_state": [7],
        "cv_object": [3],
        "verbose": [True],
        None: [None],
        str: ["cpu"],
        tuple: [(1, 5), (2, 3)],
        callable: [lambda *sizes: pytest.fail("networks are built in fit alone")],
    }
    return written_out.get(constraint, [])


def constraint_allows(constraint, value):
    return isinstance(value, constraint.type) and value in constraint


def changes(estimator):
    """(name, value) for each constructor parameter and each kind of value that it may have."""
    if isinstance(estimator, GenerativePipeline):
        name, model = estimator.steps[-1]
        yield "verbose", True
        yield from ((f"{name}__{parameter}", value) for parameter, value in changes(model))
        return
    constraints = type(estimator)._parameter_constraints
    for name, value in estimator.get_params(deep=False).items():
        if name == "layer":
            # Numbers of layers that every network has.
            yield from ((name, number) for number in (0, "all"))
            continue
        if constraints[name] == "no_validation":
            yield name, BernoulliRBM(7)
            continue
        for constraint in constraints[name]:
            yield from ((name, other) for other in others(value, constraint))


def steered(model, name):
    if isinstance(model, GenerativePipeline):
        return steered(model[-1], name.partition("__")[2])
    tables = (table for cls, table in STEERING.items() if isinstance(model, cls))
    return set().union(*(table.get(name, set()) for table in tables))


def assert_same(said, before, leaving_out=frozenset()):
    assert said.keys() - leaving_out == before.keys() - leaving_out
    for verb in said.keys() - leaving_out:
        for now, then in zip(parts(said[verb]), parts(before[verb]), strict=True):
            np.testing.assert_array_equal(now, then, err_msg=verb)


def parts(result):
    return result if isinstance(result, tuple) else (result,)


BESIDE = [
    # More units than an exact log Z enumerates, and fewer set afterward.
    GaussianBernoulliRBM(24, max_iter=2, n_burn_in=5, n_thinning=5, n_ais_chains=5, n_ais_steps=9),
    DeepBeliefNetwork(use_labels=True, **SMALL_DEEP),
    FactorAnalysis(2, loadings_mask=[[1, 1, 1, 0, 0], [0, 0, 1, 1, 1]]),
    VAE(likelihood="bernoulli", **SMALL_NET),
]


def rounds(model):
    """Changes of all parameters at once that steer no verb, and of one at a time that does."""
    values = {}
    for name, value in changes(model):
        values.setdefault(name, []).append(value)
    steering = {name: few[:2] for name, few in values.items() if steered(model, name)}
    rest = {name: few for name, few in values.items() if name not in steering}
    for number in range(max(map(len, rest.values()))):
        yield {name: few[number % len(few)] for name, few in rest.items()}
    for name, few in steering.items():
        yield from ({name: value} for value in few)


@pytest.mark.parametrize("estimator", [*instances(), *BESIDE], ids=label)
def test_parameters_set_after_the_fit_change_nothing_of_the_model(estimator):
    model = fitted(estimator, X)
    before, tried = answers(model), set()
    for change in rounds(model):
        tried |= set(change)
        twin = copy.deepcopy(model).set_params(**change)
        leaving_out = steered(twin, next(iter(change))) if len(change) == 1 else set()
        try:
            assert_same(answers(twin), before, leaving_out)
        except Exception as error:
            error.add_note(f"after set_params(**{change})")
            raise
    if not isinstance(estimator, GenerativePipeline):
        assert tried == set(estimator.get_params(deep=False))


@pytest.mark.parametrize("estimator", [*instances(), *BESIDE], ids=label)
def test_a_file_holds_the_model_and_not_what_would_be_fitted_next(estimator):
    model = fitted(estimator, X)
    change = next(rounds(model))
    change = {name: value for name, value in change.items() if not callable(value)}
    twin = pickle.loads(pickle.dumps(copy.deepcopy(model).set_params(**change)))
    verb = deterministic_verb(model)
    np.testing.assert_array_equal(getattr(twin, verb)(X), getattr(model, verb)(X))


def test_what_a_verb_is_called_after_is_the_fit_and_not_the_next_one():
    for use_labels in (False, True):
        model = fitted(clone(BESIDE[1]).set_params(use_labels=use_labels))
        model.set_params(use_labels=not use_labels)
        assert hasattr(model, "predict") == hasattr(model, "sample_class") == use_labels
        assert hasattr(fitted(model), "predict") != use_labels
    model = fitted(BESIDE[1])
    # A fit without labels leaves none of an earlier one.
    assert not hasattr(model.set_params(use_labels=False).fit(X), "classes_")
