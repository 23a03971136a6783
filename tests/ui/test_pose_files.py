"""Pose documents on the page: pasted, opened, chosen among, written."""

import json

import numpy as np
import pytest

from tests.ui.stage import spot, stable_picture, tab, until
from vunet import Pose
from vunet.pose.files.formats import write_pose


@pytest.fixture
def drawer(page):
    stable_picture(page)
    tab(page, "poses")
    page.locator("#pose-files button").first.click()
    return page


def raised_hands(shift=0.0):
    joints = Pose.default().to_dict()
    joints["joints"]["lwrist"] |= {"x": 0.7, "y": 0.1}
    pose = Pose.from_dict(joints)
    return Pose(pose.joints * (1 - shift), np.ones(15, bool))


def test_a_pasted_openpose_document_goes_on_the_stage(drawer):
    drawer.locator("#pasted-pose textarea").fill(write_pose(raised_hands(), "OpenPose, 18 joints"))
    drawer.locator("#use-pasted").click()
    drawer.wait_for_function("!document.querySelector('[data-do=undo]').disabled")
    assert spot(drawer, "lwrist") == pytest.approx((0.7, 0.1), abs=0.005)


def test_among_several_people_one_is_chosen(drawer, tmp_path):
    people = [json.loads(write_pose(raised_hands(s), "COCO, 17 keypoints")) for s in (0.0, 0.4)]
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"annotations": people}))
    drawer.locator("#pose-files input[type=file]").set_input_files(path)
    drawer.wait_for_selector("#pose-person input")
    assert spot(drawer, "lwrist") == pytest.approx((0.7, 0.1), abs=0.005)
    drawer.locator("#pose-person input").click()
    drawer.get_by_role("option", name="2").click()
    until(drawer, lambda: spot(drawer, "lwrist") == pytest.approx((0.42, 0.06), abs=0.005))


def test_a_broken_document_is_one_clear_sentence(drawer):
    drawer.locator("#pasted-pose textarea").fill('{"people": 3}')
    drawer.locator("#use-pasted").click()
    drawer.wait_for_selector("text=There are no poses in this file")


def test_the_pose_on_the_stage_is_written(drawer):
    drawer.locator("#write-pose").click()
    drawer.wait_for_selector("#written-pose .cm-line")
    shown = drawer.locator("#written-pose .cm-content").inner_text()
    assert '"joints"' in shown and '"lwrist"' in shown
