"""The shallow models of a stack, each trained on the codes of the one below, and its unrolling."""

import numpy as np
import torch
from torch import nn

from skgen.autoencoder import Autoencoder, ContractiveAE, DenoisingAE, SparseAE
from skgen.base.torch_estimator import trial_fit
from skgen.boltzmann import BernoulliRBM, GaussianBernoulliRBM
from skgen.nets.mlp import TiedDecoder, mlp

# Of the contrastive divergence that trains a machine: short chains serve the reconstruction.
MACHINE = {"negative_phase": "cd", "n_gibbs_steps": 1}
# Of Adam for one layer; found on held-out rows of digits, where 2e-3 is too slow for 20 epochs.
LEARNING_RATE = 1e-2


def denoising(size, activation, of_bits, settings):
    """Denoising autoencoder of one layer."""
    return one_layer(DenoisingAE, size, of_bits, settings, code_activation=activation)


def contractive(size, activation, of_bits, settings):
    """Contractive autoencoder of one layer."""
    return one_layer(ContractiveAE, size, of_bits, settings, code_activation=activation)


def sparse(size, activation, of_bits, settings):
    """Sparse autoencoder of one layer; a linear code is dense."""
    if activation == "identity":
        return one_layer(Autoencoder, size, of_bits, settings, code_activation=activation)
    return one_layer(SparseAE, size, of_bits, settings, penalty="kl")


def machine(size, activation, of_bits, settings):
    """Machine of binary hidden units; a linear code has an autoencoder of one layer instead."""
    if activation == "identity":
        settings = {**settings, "tied_weights": True}
        return one_layer(Autoencoder, size, of_bits, settings, code_activation=activation)
    names = "max_iter", "batch_size", "random_state", "device", "verbose"
    kind = BernoulliRBM if of_bits else GaussianBernoulliRBM
    return kind(size, **MACHINE, **{name: settings[name] for name in names})


def one_layer(kind, size, of_bits, settings, **own):
    """Autoencoder without hidden layers, of bits and probabilities or of real numbers."""
    own["loss"] = "cross_entropy" if of_bits else "squared_error"
    return kind(size, hidden_layer_sizes=(), learning_rate=LEARNING_RATE, **own, **settings)


# pretraining -> function of the units, their activation, whether the inputs are bits or
# probabilities, and the settings of the training; it returns the unfitted model of a layer.
SHALLOW = {
    "denoising": denoising,
    "contractive": contractive,
    "sparse": sparse,
    "rbm": machine,
}


def train_layers(models, X, weight):
    """Fit each model to the codes of the one before it; X holds the rows, with their weights."""
    for number, model in enumerate(models, 1):
        trial_fit(model, X, sample_weight=weight)
        if number < len(models):
            # An array, whatever container transforms give by configuration.
            X = model.set_output(transform="default").transform(X).astype(np.float32, copy=False)
    return models


def random_networks(sizes, code_activation, tied):
    """Encoder and decoder of tanh units with Glorot weights; sizes from the data to the code."""
    encoder = mlp(sizes, "tanh", final=code_activation)
    return encoder, TiedDecoder(encoder, "tanh") if tied else mlp(sizes[::-1], "tanh")


@torch.no_grad()
def unroll(models, scale, encoder, decoder):
    """Write the weights of a stack to networks of tanh units that see rows divided by ``scale``.

    Logistic units are tanh units of half their sums, halved and moved up by a half, so that the
    networks compute what the stack does; but tanh units have means near zero and learn faster.
    """
    last = len(models) - 1
    for number, model in enumerate(models):
        up = model._encoder_module(model.module_)[0]
        down, down_bias = down_weights(model)
        to_tanh = 0.5 if number < last else 1.0
        if number == 0:
            ratio = np.float32(np.divide(scale, model._scale))
            below, above = torch.as_tensor(ratio), torch.as_tensor(1 / ratio)
            up_bias = up.bias
        else:
            below = above = 0.5
            up_bias = up.bias + up.weight.sum(1) / 2
        if number < last:
            down_bias = down_bias + down.sum(1) / 2
        encoder[2 * number].weight.copy_(up.weight * below * to_tanh)
        encoder[2 * number].bias.copy_(up_bias * to_tanh)
        if isinstance(decoder, TiedDecoder):
            decoder.biases[last - number].copy_(down_bias * above)
        else:
            linear = decoder[2 * (last - number)]
            linear.weight.copy_((down.T * above).T * to_tanh)
            linear.bias.copy_(down_bias * above)


def down_weights(model):
    """Weights (n_inputs, n_units) and biases by which a model of one layer rebuilds its inputs."""
    module = model.module_
    if isinstance(module, nn.ModuleDict):
        decoder = module["decoder"]
        if isinstance(decoder, TiedDecoder):
            return module["encoder"][0].weight.T, decoder.biases[0]
        return decoder[0].weight, decoder[0].bias
    net = module.averaged_net
    return net.weight.T, net.visible_bias
