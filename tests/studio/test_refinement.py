"""Some steps on the codes of one photo: nearer to it in every pose, or left as they were."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.configs import SMALL_PARTS
from vunet import Pose, Studio, VUNetError
from vunet.evaluate.metrics import similarity
from vunet.model import VUNet
from vunet.studio.refinement import Refinement


@pytest.fixture
def example(studio):
    from vunet.ui.visitor.examples import load_examples

    return load_examples()[3].person(studio.size)


def unlike(studio, look, person):
    small = studio.render(replace(look, detail=()), person.pose, studio.live_size)
    step = studio.size // studio.live_size
    return 1 - similarity(small, person.image[::step, ::step], person.mask[::step, ::step] > 127)["ssim_person"]


def test_a_refined_look_is_nearer_to_its_photo_and_keeps_its_crops(studio, example):
    steps = []
    look = studio.encode(example)
    refined = studio.encode(example, refine=8, progress=lambda *told: steps.append(told))
    assert unlike(studio, refined, example) < 0.95 * unlike(studio, look, example)
    assert len(refined.detail) == len(look.detail) == 1 and refined.pose == look.pose
    assert steps == [(i + 1, 8) for i in range(8)]


def test_what_does_not_make_it_better_is_not_taken(studio, example, monkeypatch):
    monkeypatch.setattr("vunet.studio.refinement.RATE", 50.0)
    look = studio.encode(example)
    assert studio.refined(look, example, 2) is look


def test_numbers_out_of_range_are_refused(studio, example):
    for steps in (-1, 201):
        with pytest.raises(VUNetError, match="1 to 200"):
            studio.encode(example, refine=steps)


def test_half_a_body_is_refined_too(studio, example):
    visible = example.pose.visible.copy()
    visible[:2] = False
    half = replace(example, pose=Pose(example.pose.joints, visible))
    look = studio.encode(half)
    assert np.isfinite(studio.refined(look, half, 2).codes[0]).all()


def test_a_model_without_a_trained_hierarchical_prior_takes_the_authors(example):
    torch.manual_seed(0)
    model = VUNet(SMALL_PARTS).eval().requires_grad_(False)
    studio = Studio(model, torch.device("cpu"), engine="eager", precision=torch.float32)
    look = studio.encode(example)
    work = Refinement(model, look.codes, example, 4)
    assert [prior.mean.shape[1:] for prior in work.priors] == [code.shape for code in look.codes]
    before = [mean.clone() for mean in work.means]
    work.step(0)
    assert any((a - b).abs().max() > 0 for a, b in zip(work.means, before, strict=True))
