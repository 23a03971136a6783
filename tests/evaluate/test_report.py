"""The whole evaluation on a handful of people made by this project."""

import itertools
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from tests.configs import SMALL, SMALL_PARTS
from vunet import Studio, VUNet, VUNetConfig
from vunet.checkpoints import save_checkpoint
from vunet.cli import app
from vunet.data.index import FRAMES, INDEX_FILE, Record
from vunet.evaluate import sample_scores, scores
from vunet.evaluate.compared_pictures import SIZE, EvaluationPictures, framed
from vunet.evaluate.crop_novelty import CROP, crop_novelty_scores
from vunet.evaluate.full_size import full_size_scores
from vunet.pose.estimators.detection import Detection
from vunet.ui.visitor.examples import load_examples

NAMES = [n for n in (f"person-{i}" for i in range(2000)) if Record(n, "", None, 0.0).held_out]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Six example people as held-out photos of a prepared folder."""
    folder = tmp_path_factory.mktemp("people")
    (folder / FRAMES).mkdir()
    with (folder / INDEX_FILE).open("w") as index:
        for name, example in zip(NAMES, load_examples()[:6], strict=False):
            person = example.person(256)
            file = f"{FRAMES}/{name}.webp"
            Image.fromarray(np.dstack([person.backdrop, person.mask])).save(folder / file, exact=True, lossless=True)
            print(Record(name, file, person.pose, 10.0).to_json(), file=index)
    return folder


@pytest.fixture(scope="module")
def evaluation(studio, data):
    return EvaluationPictures(studio, data)


class Perfect:
    """Sees a person exactly where it was told."""

    name = "perfect"

    def __init__(self, poses):
        self.poses = iter(poses)

    def detect(self, photo):
        pose = next(self.poses)
        return [Detection(pose.joints * photo.shape[0], pose.visible)] if pose else []


def test_a_pose_that_is_followed_scores_full_marks(evaluation):
    result = scores.pose_scores(evaluation.poses, evaluation.reconstructions, Perfect(evaluation.poses))
    assert result == {"found": 1.0, "joint_error": pytest.approx(0, abs=1e-3), "pckh": 1.0, "pckh_wrists": 1.0}


def test_blurred_and_speckled_pictures_are_less_like_photos(evaluation, monkeypatch):
    def unlike(change):
        monkeypatch.setattr(evaluation, "samples", [[change(image)] for image in evaluation.images])
        return sample_scores.realism_scores(evaluation)["samples"]

    speckles = np.random.default_rng(0).normal(0, 25, (256, 256, 1))
    same, blurred = unlike(lambda image: image), unlike(lambda image: cv2.GaussianBlur(image, (0, 0), 3))
    speckled = unlike(lambda image: np.clip(image + speckles, 0, 255).astype(np.uint8))
    assert same < 0.1 * min(blurred, speckled)


def test_pictures_in_which_nobody_is_found_count_as_wrong(evaluation):
    poses = [evaluation.poses[0], *[None] * (len(evaluation.poses) - 1)]
    result = scores.pose_scores(evaluation.poses, evaluation.reconstructions, Perfect(poses))
    assert result["found"] == result["pckh"] == pytest.approx(1 / len(evaluation.poses))


def test_the_look_is_kept_better_than_a_random_persons(evaluation):
    assert 0 < scores.appearance_scores(evaluation)["colour"] < 0.6  # one mean person for all is about 0.9


def test_every_latent_scale_carries_the_look(evaluation):
    result = scores.latent_scores(evaluation)
    scales = range(evaluation.studio.config.latents)
    assert set(result) == {f"swap_{i}" for i in scales}
    coarse = result.pop("swap_0")  # the example people, draws of the model, differ less in it than photos do
    assert coarse > 0.5 and min(result.values()) > 1  # grey levels


def test_where_the_authors_prior_is_held_the_divergence_from_it_is_told(data, tmp_path):
    torch.manual_seed(0)
    save_checkpoint(VUNet(SMALL_PARTS), tmp_path / "a.safetensors")
    result = scores.latent_scores(EvaluationPictures(Studio.load(tmp_path / "a.safetensors"), data, limit=3))
    divergences = [result[f"kl_{i}"] for i in range(SMALL_PARTS.latents)]
    assert np.isfinite(divergences).all() and min(divergences) > 0


def test_a_checkpoint_that_draws_smaller_pictures_is_compared_at_the_same_size(data, tmp_path):
    save_checkpoint(VUNet(SMALL), tmp_path / "small.safetensors")
    small = EvaluationPictures(Studio.load(tmp_path / "small.safetensors"), data, limit=3)
    assert small.studio.size < SIZE
    pictures = [*small.images, *small.reconstructions, *small.transfers, *small.samples[0], *small.swapped(0)]
    assert {p.shape for p in pictures} == {(SIZE, SIZE, 3)} and {m.shape for m in small.masks} == {(SIZE, SIZE)}


def test_pictures_at_rest_are_scored_with_the_photos_detail_without_it_and_against_copies(data, tmp_path):
    torch.manual_seed(0)
    config = replace(VUNetConfig.preset("parts-256"), size=64, stem=2, crop_size=32, crop_stem=2, detail_width=8)
    save_checkpoint(VUNet(config), tmp_path / "fine.safetensors")
    evaluation = EvaluationPictures(Studio.load(tmp_path / "fine.safetensors", precision=torch.float32), data, limit=4)
    groups = full_size_scores(evaluation, lambda: Perfect(itertools.cycle(evaluation.poses)))
    assert list(groups) == [
        f"128 px, {kind}" for kind in ("with the photo's detail", "without it", "copies alone", "samples")
    ]
    copies, bare = groups["128 px, copies alone"], groups["128 px, without it"]
    assert copies["ssim_person"] > 0.5 > bare["ssim_person"]  # the network is untrained


def test_a_checkpoint_without_a_detail_network_has_no_such_scores(data, tmp_path):
    save_checkpoint(VUNet(SMALL), tmp_path / "small.safetensors")
    assert (
        full_size_scores(EvaluationPictures(Studio.load(tmp_path / "small.safetensors"), data, limit=3), Perfect([])) == {}
    )


def test_crops_of_training_photos_are_not_new_and_other_peoples_are(studio, data, tmp_path):
    evaluation, everybody = EvaluationPictures(studio, data, limit=3), EvaluationPictures(studio, data)
    assert crop_novelty_scores(evaluation) == {}  # nobody was trained on
    evaluation.training_records = everybody.records[3:]
    photos = [framed(data, record, studio.size).image for record in everybody.records]
    evaluation.full_size_samples = photos[:3]
    assert crop_novelty_scores(evaluation) == pytest.approx({"mean": 1.0, "face": 1.0, "least": 1.0})
    evaluation.full_size_samples, evaluation.poses = photos[3:], everybody.poses[3:]
    scores = crop_novelty_scores(evaluation, tmp_path / "out" / "nearest.png")
    assert max(scores.values()) < 1e-3
    above, below = np.split(np.array(Image.open(tmp_path / "out" / "nearest.png")), 2)
    assert above.shape == (CROP, 3 * CROP, 3) and np.array_equal(above, below)


def test_the_command_writes_scores_and_a_sheet(data, tmp_path):
    report, sheet = tmp_path / "out" / "scores.json", tmp_path / "sheet.png"
    arguments = ["evaluate", "--data", str(data), "--limit", "4", "--json", str(report), "--sheet", str(sheet)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    numbers = json.loads(report.read_text())
    assert numbers["people"] == 4 and 0 < numbers["reconstruction"]["ssim_person"] < 1
    assert np.isfinite(numbers["diversity"]["spread"]) and "pose, shuffled" in numbers
    assert Image.open(sheet).size == (4 * 256, 6 * 256)
