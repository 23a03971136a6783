"""Many jobs: one that fails stops no other, and no two results share a file."""

import json

import numpy as np
import pytest
from PIL import Image

from vunet import Pose, VUNetError
from vunet.cli.rendering import transfer
from vunet.output.batch import Transfer, run_jobs

PERSON = "assets/people"


@pytest.fixture
def poses(tmp_path):
    folder = tmp_path / "poses"
    (folder / "a").mkdir(parents=True)
    for name in ("a/b", "a_b", "z"):
        (folder / f"{name}.json").write_text(json.dumps(Pose.default().to_dict()))
    Image.fromarray(np.zeros((240, 240, 3), np.uint8)).save(folder / "nobody.png")
    return folder


@pytest.fixture
def person(tmp_path):
    from tests.conftest import ROOT

    with Image.open(sorted((ROOT / PERSON).glob("*.webp"))[0]) as picture:
        picture.convert("RGB").save(tmp_path / "me.png")
    return tmp_path / "me.png"


def test_a_pose_photo_without_anybody_is_refused_by_name_and_the_others_are_rendered(poses, person, tmp_path):
    names = ("nobody.png", "z.json")
    job = Transfer(person, tuple(poses / name for name in names), tuple(tmp_path / f"{n}.png" for n in names))
    report = run_jobs([job], {"device": "cpu"})
    assert (tmp_path / "z.json.png").exists() and not (tmp_path / "nobody.png.png").exists()
    assert report.done == 0 and [key.endswith("nobody.png") for key in report.refused] == [True]
    (poses / "nobody.png").unlink()
    assert "no such file" in run_jobs([job], {"device": "cpu"}).refused.popitem()[1]


def test_poses_whose_names_are_alike_have_pictures_of_their_own(poses, person, tmp_path):
    (poses / "nobody.png").unlink()
    transfer(person, poses, tmp_path / "out", device="cpu")
    assert len(list((tmp_path / "out").rglob("*.png"))) == 3


def test_results_that_would_share_a_file_are_refused_before_anything_is_made(tmp_path):
    jobs = [Transfer(tmp_path / name, (), (tmp_path / "out.png",)) for name in ("a.jpg", "a.png")]
    with pytest.raises(VUNetError, match=r"Two results would be written to .*out\.png"):
        run_jobs(jobs, {})
