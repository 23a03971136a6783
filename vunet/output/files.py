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
from vunet.output.provenance import mark_options
from vunet.person.photo import find_photos
from vunet.pose.files.formats import ENDINGS, read_pose_file, read_text
from vunet.pose.skeleton import Pose
from vunet.studio import Studio


def read_pose(path: Path | None) -> Pose:
    """The largest pose of a document in any known format; None gives a standing person. Raises `BadPose`."""
    if path is None:
        return Pose.default()
    try:
        text = read_text(path, f"{path} is not text: give a pose file as JSON.")
    except FileNotFoundError:
        raise BadPose(f"There is no pose file {path}.") from None
    except OSError as error:
        raise BadPose(f"{path} cannot be read: {error.strerror}.") from None
    return read_pose_file(text).chosen()


def require_poses(paths: Iterable[Path]) -> None:
    """Raises `BadPose` for the first pose file that cannot be used, before any work begins."""
    for path in paths:
        if path.suffix.lower() in ENDINGS:
            read_pose(path)


def pose_or_photo(path: Path, studio: Studio) -> Pose:
    """A pose from a JSON file, or that of the person in a photo."""
    return read_pose(path) if path.suffix.lower() in ENDINGS else studio.detect(path).pose


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes `path` at the end: work that was interrupted never passes for finished."""
    place = path.with_name(f".unfinished-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place.touch()  # no right to write here is said before the work begins
        yield place
        place.replace(path)
    except (OSError, ValueError) as error:  # ValueError: an ending that no format has
        raise VUNetError(f"{path} cannot be written: {error}.") from None
    finally:
        place.unlink(missing_ok=True)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """(H, W, 3) uint8 to an image file that says what made it, its folder made if need be.

    Raises `VUNetError` where it cannot be written.
    """
    with unfinished(path) as place:
        Image.fromarray(picture).save(place, **mark_options())


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
    """A name for each file: its path below the folder, with its ending only where two would be the same without.

    Names that differ in upper and lower case alone are the same: on some systems they are one file.
    """
    folder = folder if folder.is_dir() else folder.parent
    whole = [path.relative_to(folder).as_posix() for path in files]
    bare = [Path(name).with_suffix("").as_posix() for name in whole]
    taken = Counter(name.casefold() for name in (*bare, *(w for w, b in zip(whole, bare, strict=True) if w != b)))
    names = [w if taken[b.casefold()] > 1 else b for w, b in zip(whole, bare, strict=True)]
    return dict(zip(files, names, strict=True))


def flat_names(names: Iterable[str]) -> list[str]:
    """Names without folders, for files that lie beside one another: "a/b" becomes "a_b", or, where that is another's
    name, "a%2Fb"."""
    names = list(names)
    taken = Counter(name.replace("/", "_").casefold() for name in names)
    return [name.replace("/", "_" if taken[name.replace("/", "_").casefold()] == 1 else "%2F") for name in names]
