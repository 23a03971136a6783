"""`prepare-avatars`: rigged figures become framed, cut-out people with exact joints and depths, and an index of them.

The index is the one that `prepare` writes, with who a person is and what each picture shows, so that one person's pictures
make pairs.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from vunet.data.avatars.body import BodyPose
from vunet.data.avatars.choice import Chosen, chosen_views
from vunet.data.avatars.gltf import read_figure
from vunet.data.avatars.poses import read_motions
from vunet.data.avatars.renderer import Renderer
from vunet.data.avatars.rig import Rig
from vunet.data.avatars.views import View, render_view
from vunet.data.index import FRAMES, INDEX_FILE, Record, read_index
from vunet.data.prepare import colourfulness_of
from vunet.errors import VUNetError
from vunet.pose.skeleton import Pose
from vunet.runtime.shards import EVERYTHING, Shard
from vunet.runtime.worker_pool import spread

FRAME_SIZE = 512
VIEWS = 72
HELD_OUT_PER_MILLE = 150
QUALITY = 92


@dataclass(frozen=True)
class Views:
    """How figures are seen. count: pictures of each. size: a frame's side in pixels. motions: a folder of motion files
    whose frames are taken as poses, besides random ones."""

    count: int = VIEWS
    size: int = FRAME_SIZE
    motions: Path | None = None


def prepare_avatars(
    figures: Path,
    out: Path,
    views: Views = Views(),
    workers: int = 1,
    shard: Shard = EVERYTHING,
    cluster: str | None = None,
) -> Counter[str]:
    """Renders every .glb file of a folder into `out`; again, it goes on where it stopped. Returns counts.

    Files are named PERSON_OUTFIT.glb. Every outfit is a look of its own; a person's outfits are all held out, or none.
    Raises `VUNetError`.
    """
    files = sorted(figures.glob("*.glb"))
    if not files:
        raise VUNetError(f"There are no .glb files in {figures}: give a folder of rigged figures.")
    files = [path for path in files if shard.holds(path.stem)]
    (out / FRAMES).mkdir(parents=True, exist_ok=True)
    done = Counter(record.person for record in read_index(out, missing_ok=True))
    todo = [path for path in files if done[path.stem] < views.count]
    counts: Counter[str] = Counter(pictures=sum(done.values()), figures=len(files) - len(todo))
    with (out / shard.named(INDEX_FILE)).open("a", encoding="utf-8") as index:
        work = partial(_render, out, views)
        for path, result in tqdm(
            spread(work, todo, partial(_begin, views), workers, cluster), total=len(todo), desc="render", unit="figure"
        ):
            if isinstance(result, VUNetError):
                raise result
            for record in result[done[path.stem] :]:
                print(record.to_json(), file=index, flush=True)
            counts.update(pictures=len(result) - done[path.stem], figures=1)
    return counts


_HELD: list[tuple[Renderer, Sequence[BodyPose]]] = []  # one for each worker process


def _begin(views: Views) -> None:
    _HELD[:] = [(Renderer(views.size), read_motions(views.motions) if views.motions else ())]


def _render(out: Path, views: Views, path: Path) -> list[Record] | VUNetError:
    """All pictures of a figure; those that are there already are not rendered again."""
    renderer, motions = _HELD[0]
    try:
        rig = Rig(read_figure(path))
        renderer.load(rig.figure)
        chosen = chosen_views(views.count, motions, zlib.crc32(path.stem.encode()))
        return [_record(out, path.stem, i, each, rig, renderer) for i, each in enumerate(chosen)]
    except VUNetError as error:
        return error


def _record(out: Path, name: str, number: int, chosen: Chosen, rig: Rig, renderer: Renderer) -> Record:
    view = render_view(rig, renderer, chosen.pose, chosen.camera, chosen.light)
    photo = f"{name}/{number:03d}"
    file = f"{FRAMES}/{photo}.webp"
    (out / file).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(view.picture).save(out / file, quality=QUALITY, exact=True, method=2)
    return Record(
        photo,
        file,
        _pose(view),
        colourfulness_of(view.picture[..., :3], view.picture[..., 3]),
        test=held_out(name),
        person=name,
        view=chosen.kind,
        depths=tuple(round(float(depth), 4) for depth in view.depths),
    )


def held_out(name: str) -> bool:
    """Whether a figure PERSON_OUTFIT is kept back from training: by a hash of the person."""
    person = name.rpartition("_")[0] or name
    return zlib.crc32(person.encode()) % 1000 < HELD_OUT_PER_MILLE


def _pose(view: View) -> Pose:
    inside = np.asarray((np.abs(view.joints - 0.5) <= 0.5).all(axis=1))
    return Pose(np.clip(view.joints, 0, 1), inside)
