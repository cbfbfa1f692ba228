"""What a variational autoencoder descends, and how: its stage of training."""

from skgen.autoencoder import vae_start
from skgen.autoencoder.learning.labeled_gradient import labeled_bound_gradient
from skgen.autoencoder.learning.vae_gradient import bound_gradient, conditional_bound_gradient
from skgen.nets.autoencoder.conditioned import negative_conditional_bound
from skgen.nets.autoencoder.labeled import negative_labeled_bound
from skgen.nets.autoencoder.vae import negative_bound, of_drawn_bits
from skgen.nets.conditions import of_hidden_conditions
from skgen.training import Phase, Stage, adam


def stage_of(estimator, module):
    """The only stage of training of a :class:`VAE`."""
    module.kl_weight.fill_(estimator.beta)
    noise = [p for p in module.likelihood.parameters() if p.requires_grad]
    networks = [*module.encoder.parameters(), *module.decoder.parameters()]
    groups = [{"params": networks, "weight_decay": estimator.weight_decay}]
    if estimator.use_labels:
        networks += module.classifier.parameters()
        groups.append({"params": [module.label_logits]})
    if noise:
        # A log-variance has far to go to that of the residual.
        groups.append({"params": noise, "lr": 10 * estimator.learning_rate})
    loss, gradient = _bound_and_gradient(estimator, module)
    optimizer = adam(groups, estimator.learning_rate)
    phase = Phase("negative_bound", loss, optimizer, gradient=gradient)
    return Stage([phase], schedule=_warm_up(estimator, module) if estimator.kl_warm_up else None)


def _bound_and_gradient(estimator, module):
    """The loss as a formula for any networks, and its gradient by formulas, or None."""
    how = {
        "n_importance": vae_start.chosen_importance_samples(estimator),
        "free_bits": estimator.free_bits,
        "doubly": estimator.doubly_reparametrized
        or isinstance(estimator.n_importance_samples, str),
    }
    if estimator.use_labels:
        how |= {
            "discriminative_weight": estimator.discriminative_weight,
            "all_labeled": not estimator._partly_labeled,
        }
        makers = negative_labeled_bound, labeled_bound_gradient
    elif estimator.conditional:
        makers = negative_conditional_bound, conditional_bound_gradient
    else:
        makers = negative_bound, bound_gradient
    both = [make(module, estimator.n_components, **how) for make in makers]
    if estimator.binarize:
        n_features = estimator._built_for["n_features"]
        both = [of_drawn_bits(bound, n_features) for bound in both]
    if estimator.conditional:
        both = [of_hidden_conditions(module.columns, bound) for bound in both]
    return both


def _warm_up(estimator, module):
    beta, fraction = estimator.beta, estimator.kl_warm_up

    def schedule(progress):
        module.kl_weight.fill_(beta * min(1.0, progress / fraction))

    return schedule
