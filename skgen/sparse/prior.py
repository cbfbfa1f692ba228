"""The prior of the codes among the attributes of an estimator, and the rest of these."""

from skgen.kernels.sparse import code_prior

# Attributes that hold the fields of a ``CodePrior``.
PRIOR = (
    "usage_",
    "positive_share_",
    "code_scale_",
    "code_shape_",
    "code_mean_",
    "code_covariance_",
)


def prior_and_rest(estimator):
    """Prior of the codes, and what they leave of the rows."""
    if "code_covariance_" in vars(estimator):
        prior = code_prior.CodePrior(*(getattr(estimator, name) for name in PRIOR))
        return prior, code_prior.rest(estimator._sums)
    # Saved by version 0.1.
    known = estimator.usage_, estimator.positive_share_, estimator.code_scale_
    rest = code_prior.Rest(0.0, 0.0, estimator.noise_variance_)
    return code_prior.of_independent_atoms(*known), rest


def fitted_attributes(learner, sums):
    """Attributes that describe a model by its dictionary and the sums of its codes, by name."""
    return {
        "components_": learner.atoms,
        **dict(zip(PRIOR, code_prior.estimates(sums))),
        "noise_variance_": float(sums.squared_error / (sums.weight * learner.atoms.shape[1])),
        "likelihood_kind_": "error",
        "_learner": learner,
        "_sums": sums,
    }
