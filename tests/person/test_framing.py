import cv2
import numpy as np

from vunet import Pose
from vunet.person.framing import frame_person
from vunet.person.ground import BACKGROUND, lift, off_plain_ground
from vunet.person.masks import grab_cut_mask
from vunet.pose.estimators.detection import Detection
from vunet.pose.joints import INDEX, JOINTS

LEGS = ("lknee", "rknee", "lankle", "rankle")


def scene(height=900, width=600, side=700, left=-50, top=100, hidden=()):
    """A red body on a blue wall, with its detection."""
    joints = Pose.default().joints * side + [left, top]
    visible = np.array([n not in hidden for n in JOINTS])
    mask = np.zeros((height, width), np.float32)
    low, high = joints[visible].min(axis=0).astype(int), joints[visible].max(axis=0).astype(int)
    mask[low[1] - 40 : high[1] + 20, low[0] - 20 : high[0] + 20] = 1
    photo = np.where(mask[..., None] > 0, (200, 30, 30), (30, 30, 200)).astype(np.uint8)
    return photo, Detection(joints.astype(np.float32), visible, mask)


def test_the_frame_holds_the_whole_body_centred():
    person = frame_person(*scene(), 256)
    assert person.pose.visible.all()
    assert person.pose.joints.min() > 0.02 and person.pose.joints.max() < 0.98
    assert abs(person.pose.xy("cnose")[0] - 0.5) < 0.05


def test_the_person_is_cut_out_on_the_light_background():
    person = frame_person(*scene(), 256)
    assert (person.image[0, 0] == BACKGROUND).all()
    x, y = (person.pose.xy("neck") * 256).astype(int)
    assert person.image[y + 20, x, 0] > 150 and person.mask[y + 20, x] == 255
    assert person.backdrop[128, 5, 2] > 150


def test_joints_stay_on_the_same_pixels():
    photo, detection = scene()
    x, y = detection.joints[INDEX["lwrist"]].astype(int)
    photo[y - 6 : y + 7, x - 6 : x + 7] = (0, 255, 0)
    person = frame_person(photo, detection, 256)
    x, y = (person.pose.xy("lwrist") * 256).round().astype(int)
    assert person.backdrop[y, x, 1] > 200


def test_half_bodies_keep_the_scale_of_whole_ones_and_leave_room_for_legs():
    whole = frame_person(*scene(), 256).pose
    half = frame_person(*scene(height=420, hidden=LEGS), 256).pose
    assert not half.has("lankle") and half.usable()

    def torso(pose):
        return np.linalg.norm(pose.xy("neck") - pose.xy("lhip"))

    assert 0.8 < torso(half) / torso(whole) < 1.2
    assert half.xy("lhip")[1] < 0.6


def test_without_a_mask_the_skeleton_cuts_the_person_out():
    photo, detection = scene()
    truth = detection.mask
    noisy = np.clip(photo + np.random.default_rng(0).normal(0, 8, photo.shape), 0, 255).astype(np.uint8)
    found = grab_cut_mask(noisy, Detection(detection.joints, detection.visible)) > 0.5
    overlap = (found & (truth > 0)).sum() / (found | (truth > 0)).sum()
    assert overlap > 0.8


def test_grab_cut_never_works_on_a_large_picture(monkeypatch):
    """Its graph cut takes a minute on two noisy megapixels."""
    sizes, real = [], cv2.grabCut
    monkeypatch.setattr(cv2, "grabCut", lambda photo, *rest: sizes.append(max(photo.shape)) or real(photo, *rest))
    photo, detection = scene(height=1800, width=1200, side=1400, left=-100, top=200)
    mask = grab_cut_mask(photo, Detection(detection.joints, detection.visible))
    assert sizes == [384] and mask.shape == photo.shape[:2]
    assert ((mask > 0.5) == (detection.mask > 0)).mean() > 0.9


def test_lifting_keeps_the_person_even_where_clothes_are_as_light_as_the_background():
    picture = np.full((64, 64, 3), BACKGROUND, np.uint8)
    cv2.rectangle(picture, (20, 10), (44, 54), (60, 40, 120), -1)
    cv2.rectangle(picture, (28, 20), (36, 40), (BACKGROUND,) * 3, -1)  # a white shirt under a coat
    alpha = lift(picture)[..., 3]
    assert alpha[30, 32] == 255 and alpha[12, 22] == 255 and alpha[5, 5] == alpha[60, 60] == 0


def test_a_skeleton_that_covers_the_whole_photo_still_gives_a_mask():
    joints = Pose.default().joints * 40 - 18
    everywhere = Detection((joints * 60).astype(np.float32), np.ones(15, bool))
    mask = grab_cut_mask(np.full((60, 60, 3), 90, np.uint8), everywhere)
    assert mask.shape == (60, 60) and np.isfinite(mask).all()


def test_half_opaque_pixels_lose_the_grounds_light():
    colour, opacity = np.array([60, 80, 200]), np.array([0, 64, 128, 255])
    drawn = BACKGROUND + (colour - BACKGROUND) * opacity[:, None] / 255
    cut = off_plain_ground(np.column_stack([drawn, opacity]).round().astype(np.uint8)[None])
    assert np.abs(cut[0, 1:, :3].astype(int) - colour).max() <= 4 and cut[0, :, 3].tolist() == opacity.tolist()


def test_a_joint_that_the_photo_hides_is_drawn_as_a_guess_and_not_read():
    visible, guessed = np.ones(15, bool), np.zeros(15, bool)
    visible[[INDEX["lwrist"], INDEX["rankle"], INDEX["lankle"]]] = False
    guessed[[INDEX["lwrist"], INDEX["rankle"]]] = True
    photo = np.full((400, 300, 3), 90, np.uint8)
    found = Detection((Pose.default().joints * 300).astype(np.float32), visible, np.ones((400, 300), np.float32), guessed)
    pose = frame_person(photo, found, 128).pose
    assert pose.guessed == {"lwrist", "rankle"} and pose.has("lwrist", "rankle") and not pose.has("lankle")
    assert not pose.seen().has("lwrist") and pose.depth == {"larm": "behind"}
    again = Pose.from_dict(pose.to_dict())
    assert again.guessed == pose.guessed and pose.mirrored().guessed == {"rwrist", "lankle"}
