"""The editor's pure modules, run in the browser that will run them."""

import itertools

import numpy as np
import pytest

from vunet import Pose
from vunet.pose.joints import ARMS, BENDS, FACE, JOINTS, LEGS
from vunet.pose.retarget import retargeted
from vunet.ui.components.browser.scripts import modules

MODULES = ("browser/geometry.js", "browser/retarget.js", "skeleton_editor/rig.js", "skeleton_editor/live_link.js")


@pytest.fixture(scope="module")
def js(chromium):
    page = chromium.new_page()

    def answer(route):
        source = modules().get(route.request.url.partition("/scripts/")[2])
        route.fulfill(body=source or "<!doctype html>", content_type="text/javascript" if source else "text/html")

    page.route("**/*", answer)
    page.goto("http://localhost/")
    for name in MODULES:
        page.evaluate("async (name) => Object.assign(window, await import('/scripts/' + name))", name)
    page.evaluate("(rig) => { window.rig = rig; }", {"chains": (*ARMS, *LEGS), "bends": BENDS, "face": FACE})
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


def test_a_limbs_depth_survives_every_change_and_changes_sides_with_its_limb(js, pose):
    assert js("['lwrist', 'rknee', 'cnose', 'leye'].map(limbOf)") == ["larm", "rleg", None, None]
    pose = js("(p) => withDepth(p, 'larm', 'behind')", pose)
    for change in (
        "moveJoint(p, 'lwrist', 0.5, 0.5)",
        "toggleJoint(p, 'lwrist')",
        "dragJoint(p, 'cnose', {x: 0.6, y: 0.1}, rig)",
    ):
        assert js(f"(p) => {change}", pose)["depth"] == {"larm": "behind"}, change
    for change in ("mirrorPose", "swapSides"):
        assert js(change, pose)["depth"] == {"rarm": "behind"}, change
    assert Pose.from_dict(pose).depth == {"larm": "behind"}
    assert "depth" not in js("(p) => withDepth(p, 'larm', null)", pose)


def test_a_stored_pose_with_a_damaged_depth_is_not_taken(js, pose):
    check = "(p) => isPose(p, Object.keys(p.joints))"
    assert js(check, pose | {"depth": {"lleg": "front"}})
    assert not js(check, pose | {"depth": 5})
    assert not js(check, pose | {"depth": {"lleg": "up"}}) and not js(check, pose | {"depth": {"tail": "front"}})


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
            return [sent, painted, link.waiting];
        }"""
    )
    assert log == [[["a", 1], ["c", 2]], ["A", "C"], None]


def test_an_unanswered_request_is_asked_again(js):
    sent = js(
        """() => new Promise((done) => {
            const sent = [];
            const link = new LiveLink((p) => sent.push(p), () => {}, { timeout: 30 });
            link.request("a"); link.request("b");
            setTimeout(() => { link.receive({ seq: 2 }); done(sent); }, 45);
        })"""
    )
    assert sent == ["a", "b"]


FAR = """(steps) => new Promise((done) => {
    const sent = [], painted = [];
    const link = new LiveLink((pose, seq) => sent.push([pose, seq]), (src) => painted.push(src));
    link.pace.works = [20]; link.pace.ways = [steps.way];
    link.request("a"); link.request("b");
    setTimeout(() => link.request("c"), 5);
    setTimeout(() => {
        for (const answer of steps.answers) link.receive(answer);
        done({ sent, painted, waiting: link.waiting });
    }, 40);
})"""


def test_a_far_server_gets_the_newest_pose_before_it_has_answered(js):
    seen = js(FAR, {"way": 60, "answers": [{"seq": 1, "src": "A", "ms": 20}]})
    assert seen == {"sent": [["a", 1], ["c", 2]], "painted": ["A"], "waiting": 2}


def test_a_near_server_does_not(js):
    assert js(FAR, {"way": 20, "answers": []}) == {"sent": [["a", 1]], "painted": [], "waiting": 1}


def test_an_answer_that_was_overtaken_is_not_shown(js):
    answers = [{"seq": 2, "src": "C", "ms": 20}, {"seq": 1, "src": "A", "ms": 20}]
    assert js(FAR, {"way": 60, "answers": answers}) == {"sent": [["a", 1], ["c", 2]], "painted": ["C"], "waiting": None}


def test_where_the_second_takes_the_firsts_place_nothing_is_sent_again(js):
    seen = js(FAR, {"way": 60, "answers": [{"seq": 1, "late": True}, {"seq": 2, "src": "C", "ms": 20}]})
    assert seen == {"sent": [["a", 1], ["c", 2]], "painted": ["C"], "waiting": None}


def test_a_busy_server_is_asked_again_with_the_newest_pose_alone(js):
    seen = js(FAR, {"way": 60, "answers": [{"seq": 1, "busy": "wait"}, {"seq": 2, "src": "C", "ms": 20}]})
    assert seen == {"sent": [["a", 1], ["c", 2]], "painted": [], "waiting": 1}


@pytest.mark.parametrize("answer", [{"seq": 1, "late": True}, {"seq": 1, "busy": "wait"}])
def test_where_others_wait_nothing_more_is_sent_ahead(js, answer):
    sent = js(
        """(answer) => new Promise((done) => {
            const sent = [], link = new LiveLink((pose) => sent.push(pose), () => {}, { rest: 1000 });
            link.pace.works = [5]; link.pace.ways = [60];
            link.request("a"); link.request("b");
            setTimeout(() => { link.receive(answer); link.request("c"); }, 30);
            setTimeout(() => done(sent), 80);
        })""",
        answer,
    )
    assert sent == ["a", "b"]


def test_a_slow_link_is_noticed_and_one_quick_answer_ends_it(js):
    seen = js(
        """() => {
            let now = 0;
            const link = new LiveLink(() => {}, () => {}, { clock: () => now }), seen = [];
            for (const trip of [900, 900, 900, 40]) {
                link.request("pose");
                now += trip;
                link.receive({ seq: link.waiting, src: "x" });
                seen.push(link.slow);
            }
            return seen;
        }"""
    )
    assert seen == [False, False, True, False]


# --- the rig ----------------------------------------------------------------------------------------------------------


def length(pose, a, b):
    return float(np.linalg.norm(Pose.from_dict(pose).xy(a) - Pose.from_dict(pose).xy(b)))


def dragged(js, pose, name, x, y, **modes):
    return js("([p, n, x, y, m]) => dragJoint(p, n, {x, y}, rig, m)", [pose, name, x, y, modes])


LIMB_ENDS = [chain[1:] for chain in (*ARMS, *LEGS)]


@pytest.mark.parametrize("joint", [name for pair in LIMB_ENDS for name in pair])
def test_with_locked_lengths_no_bone_of_the_limb_stretches(js, pose, joint):
    chain = next(c for c in (*ARMS, *LEGS) if joint in c)
    for x, y in ((0.7, 0.3), (0.45, 0.5), (0.02, 0.98), (0.5, 0.05), (1.4, -0.3)):
        after = dragged(js, pose, joint, x, y, locked=True)
        for a, b in itertools.pairwise(chain):
            assert length(after, a, b) == pytest.approx(length(pose, a, b), abs=1e-4)
        assert after["joints"][chain[0]] == pose["joints"][chain[0]]


def test_a_reachable_hand_goes_where_it_is_pulled_and_the_elbow_follows(js, pose):
    after = dragged(js, pose, "lwrist", 0.72, 0.2, locked=True)["joints"]
    assert after["lwrist"]["x"] == pytest.approx(0.72, abs=1e-6) and after["lwrist"]["y"] == pytest.approx(0.2, abs=1e-6)
    assert after["lelbow"] != pose["joints"]["lelbow"]


def test_the_elbow_keeps_bending_the_way_it_bent(js, pose):
    def side(p):
        a, b, c = (Pose.from_dict(p).xy(n) for n in ARMS[1])
        return np.sign(np.cross(np.append(b - a, 0), np.append(c - a, 0))[2])

    bent = dragged(js, pose, "lwrist", 0.55, 0.3, locked=True)
    for x, y in ((0.57, 0.32), (0.52, 0.35), (0.6, 0.28)):
        assert side(dragged(js, bent, "lwrist", x, y, locked=True)) == side(bent)


def test_shoulders_carry_their_arms_and_the_nose_its_eyes(js, pose):
    after = dragged(js, pose, "lshoulder", 0.6, 0.2, locked=True)
    shift = np.array([0.6, 0.2]) - Pose.from_dict(pose).xy("lshoulder")
    for name in ("lshoulder", "lelbow", "lwrist"):
        assert Pose.from_dict(after).xy(name) == pytest.approx(Pose.from_dict(pose).xy(name) + shift, abs=1e-5)
    assert js("followers('cnose', rig)") == ["cnose", "reye", "leye"] and js("followers('leye', rig)") == ["leye"]


@pytest.mark.parametrize("locked", [True, False])
def test_both_sides_move_alike_on_a_body_that_stands_straight(js, pose, locked):
    after = Pose.from_dict(dragged(js, pose, "lwrist", 0.75, 0.25, locked=locked, symmetric=True))
    assert np.abs(after.joints - after.mirrored().joints).max() < 1e-5
    assert np.abs(after.joints - Pose.default().joints).max() > 0.05


def test_swapping_sides_moves_nothing_and_undoes_itself(js, pose):
    swapped = js("swapSides", pose)
    assert swapped["joints"]["lwrist"] == pose["joints"]["rwrist"] and swapped["joints"]["cnose"] == pose["joints"]["cnose"]
    assert js("swapSides", swapped) == pose


def test_a_body_that_is_turned_or_scaled_keeps_its_shape(js, pose):
    after = js("(p) => transformBody(p, { angle: 0.7, scale: 0.5 })", pose)
    before, now = Pose.from_dict(pose), Pose.from_dict(after)
    ratios = [length(after, a, b) / length(pose, a, b) for a, b in itertools.combinations(JOINTS, 2)]
    assert ratios == pytest.approx([0.5] * len(ratios), abs=1e-3)
    centre = js("bodyCentre", pose)
    assert js("bodyCentre", after) == {axis: pytest.approx(centre[axis], abs=1e-6) for axis in "xy"}
    assert now.xy("cnose")[0] > before.xy("cnose")[0]  # clockwise on the screen


def test_a_body_pushed_against_the_edge_stops_there(js, pose):
    by = js("(p) => bounded(p, Object.keys(p.joints), { x: 5, y: -5 })", pose)
    moved = Pose.from_dict(js("([p, by]) => transformBody(p, { by })", [pose, by]))
    assert moved.joints.max() == pytest.approx(1, abs=1e-6) and moved.joints.min() == pytest.approx(0, abs=1e-6)
    assert np.ptp(moved.joints - Pose.default().joints, axis=0) == pytest.approx([0, 0], abs=1e-6)


def test_an_arm_that_is_raised_sideways_bends_downwards_and_one_overhead_outwards(js, pose):
    side = dragged(js, pose, "lwrist", 0.74, 0.24, locked=True)["joints"]
    assert side["lelbow"]["y"] > 0.245
    over = dragged(js, pose, "lwrist", 0.56, 0.05, locked=True)["joints"]
    assert over["lelbow"]["x"] > max(over["lshoulder"]["x"], over["lwrist"]["x"])


def test_a_body_that_reaches_out_of_the_frame_moves_and_shrinks_until_it_is_inside(js, pose):
    wide = js("(p) => transformBody(p, { scale: 1.6, by: { x: 0.2, y: 0 } })", pose)
    fitted, box = js("([p, q]) => { const f = fitted(p, q); return [f, bounds(f)]; }", [wide, pose])
    was = js("bounds", pose)
    for axis, low, high in (("x", 0.05, 0.95), ("y", 0.05, 0.96)):
        assert box["low"][axis] >= min(low, was["low"][axis]) - 1e-6
        assert box["high"][axis] <= max(high, was["high"][axis]) + 1e-6
    ratio = lambda p: np.ptp(Pose.from_dict(p).joints, axis=0)  # noqa: E731
    assert ratio(fitted)[0] / ratio(fitted)[1] == pytest.approx(ratio(pose)[0] / ratio(pose)[1], rel=1e-4)


def test_a_body_inside_the_frame_stays_as_it_is(js, pose):
    assert js("([p, q]) => samePose(fitted(p, q), p)", [pose, pose])


def test_once_the_hand_rests_the_finer_picture_is_asked_for(js):
    told = js(
        """async () => {
            const sent = [], painted = [];
            let resting = false;
            const link = new LiveLink((pose, seq, fine) => sent.push([pose, seq, fine]),
                (src, seq, fine) => painted.push([src, fine]), { calm: 5, resting: () => resting });
            link.request("a");
            link.receive({ seq: 1, src: "A", finer: true });
            await new Promise((r) => setTimeout(r, 30));
            const moving = sent.length;  // the hand still moves: nothing finer
            resting = true;
            link.request("b");
            link.receive({ seq: 2, src: "B", finer: true });
            await new Promise((r) => setTimeout(r, 30));
            link.request("c");  // a new pose does not wait for the finer picture of the one before
            link.receive({ seq: 3, src: "late", finer: false });
            link.receive({ seq: 4, src: "C", finer: false });
            return { moving, sent, painted };
        }"""
    )
    assert told["moving"] == 1
    assert told["sent"] == [["a", 1, False], ["b", 2, False], ["b", 3, True], ["c", 4, False]]
    assert told["painted"] == [["A", False], ["B", False], ["C", False]]


def test_where_finer_pictures_come_at_once_a_drag_shows_nothing_else(js):
    sent = js(
        """() => {
            let now = 0;
            const sent = [], link = new LiveLink((pose, seq, fine) => sent.push(fine), () => {}, { clock: () => now });
            const answer = (after) => { now += after; link.receive({ seq: link.seq, src: "x", finer: !link.first.fine }); };
            for (let i = 0; i < 3; i++) { link.request("a", true); answer(20); }
            link.request("b");
            link.request("c");  // waits: the finer picture of b is a drag's own now
            answer(20);
            answer(80);
            link.request("d");
            return sent;
        }"""
    )
    assert sent == [True] * 5 + [False]


@pytest.mark.parametrize("x, fine", [(-1.0, True), (2.0, True), (-1.5, False), (2.1, False), (float("nan"), False)])
def test_a_stored_pose_reaches_as_far_as_python_lets_one(js, pose, x, fine):
    pose["joints"]["lwrist"]["x"] = x
    assert js("([p, names]) => isPose(p, names)", [pose, list(JOINTS)]) is fine


def test_a_guessed_joint_is_known_once_it_is_moved(js, pose):
    pose["joints"]["lwrist"]["guessed"] = True
    pose["depth"] = {"larm": "behind"}
    moved = js("(p) => moveJoint(p, 'lwrist', 0.5, 0.5)", pose)
    dragged = js("(p) => dragJoint(p, 'lwrist', {x: 0.6, y: 0.4}, rig, {locked: true})", pose)
    for each in (moved, dragged):
        assert "guessed" not in each["joints"]["lwrist"] and "depth" not in each


def test_the_browser_carries_poses_to_other_bodies_as_python_does(js, pose, raised):
    joints = Pose.default().joints * [1.1, 0.9] + np.array([-0.04, 0.03])
    body = Pose(joints, np.ones(15, bool))
    ours = retargeted(raised, body)
    theirs = js("([a, b]) => retargeted(a.joints, b.joints)", [raised.to_dict(), body.to_dict()])
    assert max(abs(theirs[n]["x"] - ours.xy(n)[0]) + abs(theirs[n]["y"] - ours.xy(n)[1]) for n in JOINTS) < 1e-3
