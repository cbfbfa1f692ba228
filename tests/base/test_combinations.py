"""A parameter that counts only beside certain values of others is refused where it does nothing."""

from dataclasses import fields

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import OneHotEncoder
from torch import nn

import skgen
from skgen import (
    GAN,
    VAE,
    DeepBoltzmannMachine,
    EnergyBasedModel,
    PixelCNN,
    PixelRNN,
    ProductOfExperts,
    SigmoidBeliefNetwork,
    SparseAE,
)
from skgen.base.parameters import Parameters
from skgen.testing import labels, toy
from tests.instances import SMALL_DEEP, SMALL_NET, SMALL_PIXELS


def smooth_energy(n_features):
    """An energy of one's own."""
    return nn.Sequential(nn.Linear(n_features, 4), nn.SiLU(), nn.Linear(4, 1))


# Estimators in which a parameter does nothing, its name, and a change that makes it count.
USELESS = [
    (
        VAE(doubly_reparametrized=True, **SMALL_NET),
        "doubly_reparametrized",
        {"n_importance_samples": 2},
    ),
    (
        VAE(noise_variance=0.5, likelihood="bernoulli", **SMALL_NET),
        "noise_variance",
        {"likelihood": "auto"},
    ),
    (
        VAE(condition_encoder=OneHotEncoder(), **SMALL_NET),
        "condition_encoder",
        {"conditional": True},
    ),
    (
        VAE(use_labels=True, conditional=True, **SMALL_NET),
        "use_labels",
        {"conditional": False},
    ),
    (
        GAN(diversity_ratio=0.7, **SMALL_NET),
        "diversity_ratio",
        {"loss": "boundary_equilibrium"},
    ),
    (GAN(conditioning="auxiliary", **SMALL_NET), "conditioning", {"conditional": True}),
    (
        SparseAE(sparsity_target=0.2, penalty="l1", **SMALL_NET),
        "sparsity_target",
        {"penalty": "kl"},
    ),
    (
        SigmoidBeliefNetwork((4,), training="wake_sleep", recognition_update="wake", max_iter=3),
        "recognition_update",
        {"training": "reweighted_wake_sleep"},
    ),
    (
        EnergyBasedModel(smooth_energy, hidden_layer_sizes=(4,), max_iter=2),
        "hidden_layer_sizes",
        {"energy": None},
    ),
    (
        ProductOfExperts(noise_scale=0.5, max_iter=2),
        "noise_scale",
        {"training": "denoising_score_matching"},
    ),
    (
        EnergyBasedModel(training="pcd", n_directions=2, max_iter=2),
        "n_directions",
        {"training": "score_matching"},
    ),
]
USELESS += [
    (
        PixelCNN(condition_encoder=OneHotEncoder(), **SMALL_PIXELS),
        "condition_encoder",
        {"conditional": True},
    ),
    (PixelRNN(kernel_size=5, **SMALL_PIXELS), "kernel_size", {"recurrence": "row"}),
]
USELESS.append(
    (
        DeepBoltzmannMachine(use_labels=True, **SMALL_DEEP),
        "use_labels",
        {"training": "multi_prediction"},
    )
)
USELESS += [
    (
        DeepBoltzmannMachine(training="multi_prediction", **{name: value}, **SMALL_DEEP),
        name,
        {"training": "mean_field"},
    )
    for name, value in {
        "pretrain": True,
        "centered": False,
        "momentum": 0.5,
        "n_gibbs_steps": 1,
        "negative_phase": "cd",
    }.items()
]
USELESS = [pytest.param(*case, id=f"{type(case[0]).__name__}-{case[1]}") for case in USELESS]


@pytest.mark.filterwarnings("ignore::skgen.exceptions.DataRangeWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("estimator", "name", "remedy"), USELESS)
def test_what_does_nothing_is_refused_with_the_remedy(estimator, name, remedy):
    ((other, value),) = remedy.items()
    for verb in ("fit", "partial_fit"):
        with pytest.raises(ValueError, match=f"{name}=.* does nothing with {other}=.*leave it at"):
            getattr(estimator, verb)(toy(), labels())
    assert not hasattr(estimator, "module_")
    estimator.set_params(**remedy).fit(toy(), labels())


def test_every_declared_need_is_tried():
    classes = [getattr(skgen, name) for name in skgen.__all__]
    classes = [cls for cls in classes if isinstance(cls, type) and issubclass(cls, Parameters)]
    declared = {field.name for cls in classes for field in fields(cls) if field.metadata["needs"]}
    # Those of the sparse coder and of ICA have a test beside them.
    tried = {case.values[1] for case in USELESS} | set(skgen.SparseCoder().get_params())
    tried.add("orthogonal")
    assert declared
    assert declared <= tried


def test_a_search_leaves_out_what_does_nothing():
    grid = [{"penalty": ["l1"]}, {"penalty": ["kl"], "sparsity_target": [0.1, 0.2]}]
    search = GridSearchCV(SparseAE(**SMALL_NET), grid, cv=2, error_score="raise").fit(toy())
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
