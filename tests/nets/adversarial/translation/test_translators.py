"""Translators: what they are before they learn, and shapes of images of odd sizes."""

import pytest
import torch

from skgen.nets.adversarial.translation.net import build_translation
from skgen.nets.adversarial.translation.translators import (
    UNet,
    dense_translator,
    image_translator,
    joint_shape,
    shape_of_translations,
)

BUILT = {
    "widths": (4, 6),
    "critic_widths": (4, 6),
    "activation": "relu",
    "critic_activation": "leaky_relu",
}


def test_rows_of_as_many_columns_stay_at_first():
    x = torch.randn(7, 5)
    assert torch.equal(dense_translator(5, 5, (8,), "relu")(x), x)
    y = dense_translator(5, 3, (8,), "relu")(x)
    assert y.shape == (7, 3)
    images = torch.randn(2, 2 * 6 * 7)
    net = image_translator((2, 6, 7), (2, 6, 7), (4, 6), "relu")
    torch.testing.assert_close(net(images), images)


@pytest.mark.parametrize("shape", [(8, 8), (3, 7, 9), (1, 6, 11)])
def test_images_of_any_size_keep_it(shape):
    n_in = torch.Size(shape).numel()
    n_out = n_in // (shape[0] if len(shape) == 3 else 1) * 2
    net = image_translator(shape, shape_of_translations(shape, n_out), (4, 6), "relu")
    assert net(torch.randn(3, n_in)).shape == (3, n_out)


def test_a_u_net_sees_all_levels():
    net = UNet((8, 8), 1, (4, 6), "silu")
    torch.nn.init.normal_(net.last.weight)
    x = torch.randn(1, 64, requires_grad=True)
    # The middle pixel: its neighbors by way of the top, others by way of the levels below.
    net(x)[0, 27].backward()
    assert (x.grad != 0).sum() > 40
    for parameter in net.parameters():
        assert parameter.grad is not None
        assert parameter.grad.abs().sum() > 0


def test_critics_see_pairs_or_one_domain():
    net = build_translation(5, 2, paired=True, image_shape=None, **BUILT)
    assert net.inverse_generator is None
    assert net.critic(torch.randn(3, 7)).shape == (3,)
    net = build_translation(5, 2, paired=False, image_shape=None, **BUILT)
    assert net.critic(torch.randn(3, 2)).shape == net.inverse_critic(torch.randn(3, 5)).shape
    assert net.inverse_generator(net.generator(torch.randn(3, 5))).shape == (3, 5)
    net = build_translation(3 * 64, 64, paired=True, image_shape=(3, 8, 8), **BUILT)
    assert net.critic(torch.randn(2, 4 * 64)).shape == (2,)
    assert joint_shape((3, 8, 8), (1, 8, 8)) == (4, 8, 8)


def test_images_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"y has 65 columns, which make no images of 8 x 8"):
        shape_of_translations((8, 8), 65)
    with pytest.raises(ValueError, match=r"image_shape=\(8, 8\) has 64 pixels, but X has 60"):
        build_translation(60, 64, paired=True, image_shape=(8, 8), **BUILT)
