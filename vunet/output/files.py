"""Poses and pictures as files, for the command line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from vunet.errors import BadPose, VUNetError
from vunet.person.photo import find_photos
from vunet.pose.files.formats import read_pose_file
from vunet.pose.skeleton import Pose
from vunet.studio import Studio

POSE_FILE = ".json"


def read_pose(path: Path | None) -> Pose:
    """The largest pose of a document in any known format; None gives a standing person. Raises `BadPose`."""
    if path is None:
        return Pose.default()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadPose(f"There is no pose file {path}.") from None
    except (OSError, UnicodeDecodeError):
        raise BadPose(f"{path} is not text: give a pose file as JSON.") from None
    return read_pose_file(text).chosen()


def require_poses(paths: Iterable[Path]) -> None:
    """Raises `BadPose` for the first pose file that cannot be used, before any work begins."""
    for path in paths:
        if path.suffix.lower() == POSE_FILE:
            read_pose(path)


def pose_or_photo(path: Path, studio: Studio) -> Pose:
    """A pose from a JSON file, or that of the person in a photo."""
    return read_pose(path) if path.suffix.lower() == POSE_FILE else studio.detect(path).pose


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes `path` at the end: work that was interrupted never passes for finished."""
    place = path.with_name(f".unfinished-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield place
        place.replace(path)
    except (OSError, ValueError) as error:  # ValueError: an ending that no format has
        raise VUNetError(f"{path} cannot be written: {error}.") from None
    finally:
        place.unlink(missing_ok=True)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """(H, W, 3) uint8 to an image file, its folder made if need be; raises `VUNetError` where it cannot be written."""
    with unfinished(path) as place:
        Image.fromarray(picture).save(place)


def write_people(folder: Path, pictures: np.ndarray, pose: Pose) -> list[Path]:
    """Pictures (N, H, W, 3) as 00.png, 01.png, ... and their pose as pose.json; returns the pictures' paths."""
    files = [folder / f"{i:02d}.png" for i in range(len(pictures))]
    for file, picture in zip(files, pictures, strict=True):
        write_picture(file, picture)
    (folder / "pose.json").write_text(json.dumps(pose.to_dict()))
    return files


def results_of(photos: Path, out: Path, ending: str) -> list[tuple[Path, Path]]:
    """Each photo and where its result goes: `out` itself for one photo, a file in `out` for each of a folder.

    One photo goes into `out` where that is a folder. Raises `BadImage` for a folder without photos.
    """
    found = find_photos(photos)
    if photos.is_dir():
        return [(each, out / f"{name}{ending}") for each, name in names_below(photos, found).items()]
    return [(photos, out / f"{photos.stem}{ending}" if out.is_dir() else out)]


def names_below(folder: Path, files: Sequence[Path]) -> dict[Path, str]:
    """A name for each file: its path below the folder, with its ending only where two would be the same without."""
    folder = folder if folder.is_dir() else folder.parent
    bare = [path.relative_to(folder).with_suffix("").as_posix() for path in files]
    same = {name for name, count in Counter(bare).items() if count > 1}
    return {p: p.relative_to(folder).as_posix() if name in same else name for p, name in zip(files, bare, strict=True)}
