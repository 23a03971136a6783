"""The head of joints, and what D is told by it."""

import pytest
import torch

from tests.configs import SMALL_PARTS
from tests.prepared import options
from vunet.losses import load_perceptual
from vunet.losses.keypoints import KeypointHead, keypoint_loss, to_map_coordinates
from vunet.losses.perceptual import random_window
from vunet.model.vunet import rerendered_rows
from vunet.train.discriminator_training import RERENDER, AdversarialTrainer
from vunet.train.run import Run
from vunet.train.trainer import Trainer


def seen_at(x, y, size=16):
    """Logits of one joint that is seen at a place, as sharply as a joint is meant to be."""
    row, column = torch.meshgrid(torch.arange(size) + 0.5, torch.arange(size) + 0.5, indexing="ij")
    return (-0.5 * ((column - x) ** 2 + (row - y) ** 2))[None, None]


def test_nothing_is_missed_where_joints_are_seen_in_their_places():
    joint = torch.tensor([[[5.0, 9.0, 1.0]]])
    exact, near, far = (float(keypoint_loss(seen_at(x, 9.0), joint)) for x in (5.0, 6.0, 12.0))
    assert exact == pytest.approx(0, abs=1e-3) and near == pytest.approx(0.5, abs=0.01) and far > 10


@pytest.mark.parametrize("joint", [(5.0, 9.0, 0.0), (-1.0, 9.0, 1.0), (5.0, 16.5, 1.0)])
def test_joints_that_are_not_in_the_window_do_not_count(joint):
    joints = torch.tensor([[[5.0, 9.0, 1.0], joint]])
    logits = torch.cat([seen_at(6.0, 9.0), seen_at(14.0, 2.0)], dim=1)
    assert keypoint_loss(logits, joints) == pytest.approx(0.5, abs=0.01)


def test_joints_are_where_the_window_has_them():
    torch.manual_seed(0)
    window = random_window(64)
    picture = torch.zeros(1, 1, 64, 64)
    picture[..., 30, 34] = 1
    row, column = picture[window][0, 0].nonzero()[0].tolist()
    joints = torch.tensor([[[34.5 / 64, 30.5 / 64, 1.0]]])
    height, width = picture[window].shape[-2:]
    x, y, _ = to_map_coordinates(joints, window, 64, (height // 4, width // 4))[0, 0].tolist()
    assert (x, y) == pytest.approx(((column + 0.5) / 4, (row + 0.5) / 4))


def test_a_keypoint_head_learns_to_find_a_joint():
    torch.manual_seed(0)
    head = KeypointHead([4, 4, 4], 1)
    optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
    losses = []
    for _ in range(60):
        places = torch.randint(2, 14, (8, 2))
        finest = torch.randn(8, 4, 16, 16) * 0.1
        finest[torch.arange(8), 0, places[:, 1], places[:, 0]] = 3
        joints = torch.cat([places + 0.5, torch.ones(8, 1)], dim=1)[:, None]
        loss = keypoint_loss(head([finest, *(torch.zeros(8, 4, side, side) for side in (8, 4))]), joints)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[0] > 2.5 and sum(losses[-5:]) / 5 < 0.9, losses  # 2.7 for one who sees nothing


def test_d_learns_keypoints_from_own_drawn_and_transferred_pictures(data, tmp_path):
    """Every picture of a step gets a gradient from the head, and the head learns from photos alone."""
    adversarial = AdversarialTrainer("cpu", load_perceptual("efficientnet").features)
    trainer = Trainer(Run.open(tmp_path, SMALL_PARTS, adversarial=adversarial), data[1], options(2), None)
    batch = next(trainer.batches())
    output = rerendered_rows(batch["image"], RERENDER).clone().requires_grad_(True)
    conditions = {name: rerendered_rows(batch[name], RERENDER) for name in ("shape", "mask", "joints")}
    adversarial.losses(output, conditions)["keypoints"].backward()
    assert output.grad.flatten(1).abs().sum(dim=1).min() > 0
    torch.manual_seed(0)
    first = adversarial.learn(output, conditions, batch)["keypoint_head"].item()
    adversarial = AdversarialTrainer("cpu", load_perceptual("efficientnet").features)
    torch.manual_seed(0)
    again = adversarial.learn(torch.zeros_like(output), conditions, batch)["keypoint_head"].item()
    assert again == pytest.approx(first, rel=1e-5)
