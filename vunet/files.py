"""Poses and pictures as files, for the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from vunet.errors import BadPose
from vunet.pose.formats import largest, parse_poses
from vunet.pose.skeleton import Pose
from vunet.studio import Studio


def read_pose(path: Path | None) -> Pose:
    """The largest pose of a document in any known format; None gives a standing person. Raises `BadPose`."""
    if path is None:
        return Pose.default()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadPose(f"There is no pose file {path}.") from None
    except (OSError, UnicodeDecodeError):
        raise BadPose(f"{path} cannot be read as text: give our own pose format, OpenPose's or COCO's.") from None
    poses = parse_poses(text)
    return poses[largest(poses)]


def pose_or_photo(path: Path, studio: Studio) -> Pose:
    """A pose from a JSON file, or that of the person in a photo."""
    return read_pose(path) if path.suffix.lower() == ".json" else studio.detect(path).pose


def write_picture(path: Path, picture: np.ndarray) -> None:
    """(H, W, 3) uint8 to an image file, its folder made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def write_people(folder: Path, pictures: np.ndarray, pose: Pose) -> None:
    """Pictures (N, H, W, 3) as 00.png, 01.png, ... and their pose as pose.json."""
    for i, picture in enumerate(pictures):
        write_picture(folder / f"{i:02d}.png", picture)
    (folder / "pose.json").write_text(json.dumps(pose.to_dict()))
