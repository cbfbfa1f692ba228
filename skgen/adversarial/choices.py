"""The choices that "auto" makes for the GAN, and the combinations that it refuses."""

from skgen.nets.adversarial.gan_losses import BOUNDARY_EQUILIBRIUM, LABELED

ONE_CENTERED = 10.0  # Gulrajani et al. (2017)
ZERO_CENTERED = (0.02, 0.008)  # of the squared extent of the data
N_FINE = 4  # fine frequencies for each coarse one
FEW_FEATURES = 4  # in which a draw may lie anywhere between the rows


def check_combination(params):
    """Refuse parameters that have no meaning together."""
    loss, smoothing = params.loss, params.label_smoothing
    if smoothing and loss not in LABELED:
        raise ValueError(
            f"label_smoothing={smoothing} needs labels, but loss={loss!r} has none; "
            f"use label_smoothing=0, or one of {sorted(LABELED)}."
        )
    check_compile(params)
    weight = params.penalty_weight
    if isinstance(weight, tuple) and (len(weight) != 2 or min(weight) <= 0):
        raise ValueError(
            f"penalty_weight={weight} should be a number, or two positive ones: the weight at "
            "the start of the training and at its end."
        )
    _check_boundary_equilibrium(params)
    _check_codes(params)
    _check_categories(params)
    _check_conditions(params)


def _check_boundary_equilibrium(params):
    """Refuse what the autoencoder of boundary equilibrium GANs cannot do."""
    if params.loss != BOUNDARY_EQUILIBRIUM:
        return
    reasons = {
        "packing": (1, "an autoencoder rebuilds one row"),
        "minibatch_discrimination": (0, "an autoencoder rebuilds one row"),
        "encoder": (False, "an autoencoder rebuilds rows, and no pairs"),
        "unroll_steps": (0, "the balance of the losses would move in each step"),
    }
    for name, (value, reason) in reasons.items():
        _refuse_beside(params, name, value, "loss", reason)
    if params.calibration not in ("auto", 0):
        _refuse_beside(params, "calibration", 0, "loss", "errors are no ratios of densities")


def _check_codes(params):
    """Refuse what does not go together with codes or an encoder."""
    if params.encoder:
        reason = "single rows have no pairs beside them"
        _refuse_beside(params, "packing", 1, "encoder", reason)
        _refuse_beside(params, "minibatch_discrimination", 0, "encoder", reason)
        _refuse_beside(params, "n_codes", 0, "encoder", "an encoder recovers all latent columns")
        reason = "the critic recovers them from rows, and an encoder is there for pairs"
        _refuse_beside(params, "n_categories", 0, "encoder", reason)
    for name in ("n_codes", "n_categories"):
        if getattr(params, name):
            _refuse_beside(params, "packing", 1, name, "rows that are packed share their codes")
            reason = "a critic ahead has no head that recovers codes"
            _refuse_beside(params, "unroll_steps", 0, name, reason)
    if params.n_components != "auto" and params.n_codes > params.n_components:
        raise ValueError(
            f"n_codes={params.n_codes} of n_components={params.n_components} latent columns; "
            "use more n_components, or fewer n_codes."
        )


def _check_categories(params):
    """Refuse latent categories that mean nothing."""
    if params.n_categories == 1:
        raise ValueError("n_categories=1 tells no rows apart; use 2 or more, or 0 for none.")
    if params.n_categories:
        _refuse_beside(params, "conditional", False, "n_categories", "y would be either of them")
    default = type(params).__dataclass_fields__["code_weight"].default
    if params.code_weight != default and not (params.n_codes or params.n_categories):
        raise ValueError(
            f"code_weight={params.code_weight} has no effect with n_codes=0 and n_categories=0; "
            f"leave it at {default}, or ask for codes."
        )


def _check_conditions(params):
    """Refuse what does not go together with conditions."""
    if not params.conditional:
        return
    reason = "rows that are judged together have conditions of their own"
    _refuse_beside(params, "packing", 1, "conditional", reason)
    if params.conditioning == "auxiliary":
        reason = "a critic ahead recognizes no conditions"
        _refuse_beside(params, "unroll_steps", 0, "conditioning", reason)
    elif params.loss == BOUNDARY_EQUILIBRIUM:
        reason = "errors have no projection"
        _refuse_beside(params, "conditioning", "auxiliary", "loss", reason)


def _refuse_beside(params, name, value, other, reason):
    """Refuse a parameter with another value than this beside the value of another parameter."""
    given = getattr(params, name)
    if given != value:
        raise ValueError(
            f"{name}={given!r} does not go with {other}={getattr(params, other)!r}: {reason}; "
            f"use {name}={value!r}."
        )


def check_compile(params):
    """Refuse to compile what is differentiated twice."""
    if params.compile and params.gradient_penalty is not None:
        raise ValueError(
            f"gradient_penalty={params.gradient_penalty!r} is differentiated twice, which "
            "torch.compile cannot do; use compile=False, or gradient_penalty=None."
        )


def choose_components(params, n_features):
    """Latent dimensions: as many as features, between 2 and 32."""
    if params.n_components != "auto":
        return params.n_components
    return max(min(max(n_features, 2), 32), params.n_codes)


def choose_widths(params, n_features):
    """Widths of the hidden layers of generator and critic; channels for images."""
    if params.image_shape is not None:
        chosen = (128, 64), (64, 128)
    elif n_features <= FEW_FEATURES:
        chosen = (128, 128, 128, 128), (128, 128)
    else:
        chosen = (256, 256), (256, 256)
    given = params.hidden_layer_sizes, params.critic_layer_sizes
    return [tuple(auto if isinstance(own, str) else own) for own, auto in zip(given, chosen)]


def choose_penalty(params, coarse):
    """Weight of the penalty at the start and at the end of the training."""
    weight = params.penalty_weight
    if isinstance(weight, tuple):
        return weight
    if weight != "auto":
        return weight, weight
    if params.gradient_penalty == "wgan_gp":
        return ONE_CENTERED, ONE_CENTERED
    # A slope that matters crosses the data: it falls with their extent.
    return tuple(fraction * coarse**2 for fraction in ZERO_CENTERED)


def choose_frequencies(params, n_features):
    """How many coarse and fine Fourier features stand beside a row in front of the critic."""
    n_coarse = params.n_frequencies
    if n_coarse == "auto":
        is_mlp = params.image_shape is None and params.critic is None
        n_coarse = 8 if is_mlp and n_features <= FEW_FEATURES else 0
    return n_coarse, N_FINE * n_coarse if params.critic is None else 0


def choose_calibration(params, n_features):
    """Fraction of the training that the critic spends on the finished generator."""
    if params.calibration != "auto":
        return params.calibration
    if params.loss == BOUNDARY_EQUILIBRIUM:
        return 0.0
    # Rows of many features are rare everywhere: the critic would learn them by heart.
    return 0.3 if n_features <= FEW_FEATURES else 0.0


def restores_spread(params, n_features):
    """Whether output noise makes up for a local spread that the generator lacks."""
    return params.output_noise == "auto" and n_features <= FEW_FEATURES


def gives_codes(estimator):
    """Whether features are the codes of an encoder, of which the generator makes rows."""
    fitted = vars(estimator).get("module_")
    has_encoder = estimator.encoder if fitted is None else fitted.encoder is not None
    return has_encoder and estimator.layer == -1
