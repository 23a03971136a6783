"""Both sides of a discriminator are changed alike, and gradients pass."""

import torch

from vunet.losses.diff_augment import augmented


def test_pairs_are_changed_alike_and_others_move_along():
    torch.manual_seed(0)
    image = torch.rand(1, 3, 32, 32).repeat(4, 1, 1, 1).requires_grad_(True)
    others = image.detach()[:, :2] + 1
    changed, moved = augmented(image, others, pairs=2)
    assert torch.equal(changed[:2], changed[2:]) and torch.equal(moved[:2], moved[2:])
    assert not torch.equal(changed[0], image[0]) and not torch.equal(changed[0], changed[1])
    inside = moved[:, :1] > 0.5  # neither cut out nor shifted in from beyond the edge
    assert torch.equal(inside.expand_as(moved), moved > 0.5) and 0.5 < inside.float().mean() < 1
    assert not changed[~inside.expand_as(changed)].any()
    changed.sum().backward()
    assert image.grad.abs().sum() > 0 and not moved.requires_grad
