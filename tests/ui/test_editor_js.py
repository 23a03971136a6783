"""The editor's pure modules, run in the browser that will run them."""

import pytest

from tests.conftest import ROOT
from vunet import Pose

SOURCES = ROOT / "vunet" / "ui" / "skeleton_editor"


@pytest.fixture(scope="module")
def js(chromium):
    page = chromium.new_page()
    source = "\n".join((SOURCES / name).read_text(encoding="utf-8") for name in ("geometry.js", "live.js"))
    names = "moveJoint, toggleJoint, mirrorPose, pointOf, nearestJoint, samePose, History, LiveLink"
    page.evaluate(f"() => {{ {source}\n Object.assign(window, {{ {names} }}); }}")
    yield lambda code, argument=None: page.evaluate(code, argument)
    page.close()


@pytest.fixture
def pose():
    return Pose.default().to_dict()


def test_moving_stays_in_the_frame_and_changes_nothing_in_place(js, pose):
    moved = js("(p) => moveJoint(p, 'lwrist', 1.7, -0.2)", pose)
    assert moved["joints"]["lwrist"] == {"x": 1, "y": 0, "visible": True}
    assert js("(p) => { moveJoint(p, 'lwrist', 0, 0); return p; }", pose) == pose


def test_mirroring_agrees_with_python(js, pose):
    mirrored = Pose.from_dict(js("mirrorPose", pose))
    assert abs(mirrored.joints - Pose.default().mirrored().joints).max() < 1e-6


def test_the_nearest_joint_is_picked_and_a_visible_one_wins_a_tie(js, pose):
    at = pose["joints"]["lknee"]
    assert js("([p, x, y]) => nearestJoint(p, x, y)", [pose, at["x"] + 0.01, at["y"]]) == "lknee"
    pose["joints"]["rknee"] = at | {"visible": False}
    assert js("([p, x, y]) => nearestJoint(p, x, y)", [pose, at["x"], at["y"]]) == "lknee"


def test_the_neck_is_seen_when_both_shoulders_are(js, pose):
    assert js("(p) => pointOf(p, 'neck')", pose)["x"] == 0.5
    pose["joints"]["lshoulder"]["visible"] = False
    assert js("(p) => pointOf(p, 'neck')", pose)["visible"] is False


def test_history_is_one_entry_a_change_and_a_new_change_drops_the_future(js):
    steps = js(
        """() => {
            const h = new History(0), seen = [];
            h.push(1); h.push(1); h.push(2);
            seen.push(h.undo(), h.undo(), h.undo(), h.redo());
            h.push(5);
            seen.push(h.redo(), h.undo(), h.undo());
            return seen;
        }"""
    )
    assert steps == [1, 0, 0, 1, 5, 1, 0]


def test_one_request_in_flight_and_the_newest_pose_wins(js):
    log = js(
        """() => {
            const sent = [], painted = [];
            const link = new LiveLink((p, s) => sent.push([p, s]), (src) => painted.push(src));
            link.request("a"); link.request("b"); link.request("c");
            link.receive({ seq: 1, src: "A" });
            link.receive({ seq: 1, src: "stale" });
            link.receive({ seq: 2, src: "C" });
            return [sent, painted, link.idle];
        }"""
    )
    assert log == [[["a", 1], ["c", 2]], ["A", "C"], True]


def test_an_unanswered_request_is_asked_again(js):
    sent = js(
        """() => new Promise((done) => {
            const sent = [];
            const link = new LiveLink((p) => sent.push(p), () => {}, { patience: 30 });
            link.request("a"); link.request("b");
            setTimeout(() => { link.receive({ seq: 2 }); done(sent); }, 45);
        })"""
    )
    assert sent == ["a", "b"]
