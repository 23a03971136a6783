"""What is difficult about the person of a photo, in sentences that say what to expect and what to do."""

from __future__ import annotations

import numpy as np

from vunet.person.framing import Person
from vunet.pose.joints import INDEX
from vunet.pose.skeleton import Pose

BEHIND = 0.3  # width of shoulders that are the wrong way round, in lengths of the spine
UPRIGHT = 60.0  # degrees that a spine may lean
SMALL = 154  # pixels of the photo that the frame is high
SEATED = 0.35  # height of the thighs, in lengths of the spine


def difficulties(person: Person) -> list[str]:
    """Sentences about a photo's person; mostly none."""
    pose, notes = person.pose, []
    if person.people > 1:
        notes.append(f"{person.people} people were found; the largest was taken.")
    if not pose.visible.all():
        notes.append("Joints that cannot be seen are hidden; restore them with the buttons under the stage.")
        notes.append("What the photo does not show is made up.")
    if pose.usable():
        notes += _of_posture(pose)
    if person.resolution * len(person.image) < SMALL:
        notes.append("The person is small in this photo and will be blurred: take a photo from closer by.")
    return notes


def _of_posture(pose: Pose) -> list[str]:
    spine = (pose.xy("lhip") + pose.xy("rhip") - pose.xy("lshoulder") - pose.xy("rshoulder")) / 2
    length = max(float(np.linalg.norm(spine)), 1e-6)
    lean = abs(float(np.degrees(np.arctan2(spine[0], spine[1]))))
    if lean > 180 - UPRIGHT:
        return ["The person is upside down: turn the photo first, or the picture will be poor."]
    if lean > UPRIGHT:
        return ["The person lies, or the photo is turned: turn it so that the head is up."]
    notes = []
    if (pose.xy("rshoulder") - pose.xy("lshoulder"))[0] > BEHIND * length:
        notes.append("The person seems to be seen from behind: the face may be made up.")
    if _seated(pose, length):
        notes.append("The person sits: the legs show little of what they wear and may come out wrong in other poses.")
    return notes


def _seated(pose: Pose, spine: float) -> bool:
    """Both knees are seen, hardly lower than the hips."""
    if not pose.has("lknee", "rknee"):
        return False
    low = pose.joints[[INDEX["lknee"], INDEX["rknee"]], 1] - pose.joints[[INDEX["lhip"], INDEX["rhip"]], 1]
    return bool((low < SEATED * spine).all())
