import numpy as np

from tests.serving import finished
from vunet import Pose
from vunet.ui.visitor.live_render import LiveRenderer
from vunet.ui.visitor.loaded_checkpoints import Studios


def drawn(line, request):
    return finished(line.render(request))


def request(line, token, seq=1, pose=None):
    return drawn(line, {"token": token, "seq": seq, "pose": (pose or Pose.default()).to_dict()})


def test_a_token_gets_its_look_and_no_other(studio):
    line = LiveRenderer(Studios(studio))
    looks = studio.sample(Pose.default(), 2)
    tokens = [line.keep(look) for look in looks]
    sources = [request(line, token)["src"] for token in tokens]
    assert sources[0] != sources[1] and request(line, tokens[0])["src"] == sources[0]
    assert request(line, "guessed") == {"seq": 1, "lost": True}


def test_a_visitors_next_look_takes_the_place_of_the_last(studio):
    line = LiveRenderer(Studios(studio), kept=2)
    first, second = studio.sample(Pose.default(), 2)
    token, other = line.keep(first), line.keep(first)
    before = request(line, token)["src"]
    for _ in range(5):
        assert line.keep(second, token) == token
    assert request(line, token)["src"] != before and request(line, other)["src"] == before


def test_the_oldest_unused_look_is_forgotten_first(studio):
    line = LiveRenderer(Studios(studio), kept=2)
    look = studio.sample(Pose.default(), 1)[0]
    first, second = line.keep(look), line.keep(look)
    request(line, first)
    line.keep(look)
    assert "src" in request(line, first) and request(line, second)["lost"]


def test_hostile_requests_are_one_sentence(studio):
    line = LiveRenderer(Studios(studio))
    token = line.keep(studio.sample(Pose.default(), 1)[0])
    for bad in (None, 3, [], "x", {}, {"seq": "1"}, {"seq": 1.5, "token": token}):
        assert drawn(line, bad)["error"].endswith(".")
    for pose in (None, {}, {"joints": 3}, {"joints": {"rknee": {}}}):
        assert drawn(line, {"token": token, "seq": 2, "pose": pose})["error"].endswith(".")
    chinese = drawn(line, {"token": token, "seq": 2, "pose": {}, "language": "zh-CN"})["error"]
    assert chinese.startswith("姿态")
    hidden = Pose(Pose.default().joints, np.zeros(15, bool))
    assert "hips" in request(line, token, pose=hidden)["error"]
    for wrong in (None, 5, [token]):
        assert request(line, wrong)["lost"]


def test_only_one_pose_is_checked_at_a_time_and_odd_requests_are_nothing(studio):
    line = LiveRenderer(Studios(studio))
    token = line.keep(studio.sample(Pose.default(), 1)[0])
    wanted = {"token": token, "pose": Pose.default().to_dict()}
    assert isinstance(line.astray(wanted)["astray"], list)
    with line._checking:
        assert line.astray(wanted) == {}
    for odd in (None, 3, {}, {"token": 3}, {"token": token, "pose": 7}, {"token": token, "pose": {"joints": 1}}):
        assert line.astray(odd) == {}


def test_a_scene_is_made_once_for_a_person_and_not_kept_for_the_next(studio, street):
    line = LiveRenderer(Studios(studio))
    person = studio.detect(street)
    look = studio.encode(person)
    token = line.keep(look, person=person)
    scene = line._look(token).scene
    line.keep(studio.sample(Pose.default(), 1)[0], token, person=person)
    assert line._look(token).scene is scene and scene.picture.shape == person.backdrop.shape
    line.keep(look, token, person=studio.detect(street))
    assert line._look(token).scene is not scene
