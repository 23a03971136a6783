"""Reads a rigged, textured figure from a binary glTF 2.0 file: meshes, skin weights, textures, and the bones at rest.

Plain files only: no compression, no morph targets. Axes are glTF's: y up, the face looks along +z, the person's left is +x.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vunet.errors import VUNetError

DTYPES = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
FULL = {np.uint8: 255.0, np.uint16: 65535.0}  # what integer weights count as 1


@dataclass(frozen=True, eq=False)
class Mesh:
    """One primitive. positions, normals (V, 3); uv (V, 2); bones (V, 4) node numbers with weights (V, 4); faces (3F,);
    inverse_bind (nodes, 4, 4), zero for nodes that are not of its skin; texture RGBA."""

    positions: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    bones: np.ndarray
    weights: np.ndarray
    faces: np.ndarray
    inverse_bind: np.ndarray
    texture: Image.Image


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure. names, parents: of the nodes, -1 for roots. rest: local matrices (nodes, 4, 4) in the rest pose."""

    names: list[str]
    parents: list[int]
    rest: np.ndarray
    meshes: list[Mesh]

    @cached_property
    def order(self) -> list[int]:
        """Nodes, parents before their children."""
        placed: set[int] = {-1}
        order: list[int] = []
        while len(order) < len(self.names):
            ready = [i for i, parent in enumerate(self.parents) if i not in placed and parent in placed]
            order += ready
            placed.update(ready)
        return order

    @cached_property
    def rest_world(self) -> np.ndarray:
        """(nodes, 4, 4): where the nodes are in the rest pose."""
        world = np.tile(np.eye(4), (len(self.names), 1, 1))
        for i in self.order:
            parent = self.parents[i]
            world[i] = self.rest[i] if parent < 0 else world[parent] @ self.rest[i]
        return world

    def index(self, name: str) -> int:
        """Number of a node; raises `VUNetError` for one that the figure lacks."""
        try:
            return self.names.index(name)
        except ValueError:
            raise VUNetError(f"The figure has no bone {name}: it needs the names of VALID's rig.") from None


def read_figure(path: Path) -> Figure:
    """Reads a .glb file; raises `VUNetError`."""
    import pygltflib

    try:
        gltf = pygltflib.GLTF2().load_binary(str(path))
        return _figure(gltf, gltf.binary_blob())
    except VUNetError:
        raise
    except Exception:  # the parser raises nearly anything on damaged files
        raise VUNetError(f"{path} is not a plain binary glTF file with a skin: give files like those of VALID.") from None


def _figure(gltf: Any, blob: bytes) -> Figure:
    parents = [-1] * len(gltf.nodes)
    for i, node in enumerate(gltf.nodes):
        for child in node.children or []:
            parents[child] = i
    skinned = [node for node in gltf.nodes if node.mesh is not None and node.skin is not None]
    meshes = [
        _mesh(gltf, blob, gltf.skins[node.skin], primitive)
        for node in skinned
        for primitive in gltf.meshes[node.mesh].primitives
        if primitive.attributes.TEXCOORD_0 is not None  # a few eyes have none
    ]
    if not meshes:
        raise VUNetError("The figure has no skinned mesh.")
    return Figure([node.name or "" for node in gltf.nodes], parents, np.stack([_local(n) for n in gltf.nodes]), meshes)


def _mesh(gltf: Any, blob: bytes, skin: Any, primitive: Any) -> Mesh:
    named = primitive.attributes
    weights = _read(gltf, blob, named.WEIGHTS_0)
    inverse_bind = np.zeros((len(gltf.nodes), 4, 4), np.float32)
    inverse_bind[skin.joints] = _read(gltf, blob, skin.inverseBindMatrices).reshape(-1, 4, 4).transpose(0, 2, 1)
    return Mesh(
        positions=_read(gltf, blob, named.POSITION),
        normals=_read(gltf, blob, named.NORMAL),
        uv=_read(gltf, blob, named.TEXCOORD_0).astype(np.float32),
        bones=np.array(skin.joints)[_read(gltf, blob, named.JOINTS_0).astype(int)],
        weights=(weights / FULL.get(weights.dtype.type, 1.0)).astype(np.float32),
        faces=_read(gltf, blob, primitive.indices).ravel().astype(np.int32),
        inverse_bind=inverse_bind,
        texture=_texture(gltf, blob, gltf.materials[primitive.material].pbrMetallicRoughness),
    )


def _read(gltf: Any, blob: bytes, accessor: int) -> np.ndarray:
    """(count, width) of an accessor, which may be interleaved with others."""
    a = gltf.accessors[accessor]
    view = gltf.bufferViews[a.bufferView]
    kind, width = DTYPES[a.componentType], WIDTHS[a.type]
    size = width * np.dtype(kind).itemsize
    step, start = view.byteStride or size, (view.byteOffset or 0) + (a.byteOffset or 0)
    raw = np.frombuffer(blob, np.uint8, (a.count - 1) * step + size, start)
    rows = np.lib.stride_tricks.as_strided(raw, (a.count, size), (step, 1))
    return rows.copy().view(kind).reshape(a.count, width)


def _texture(gltf: Any, blob: bytes, material: Any) -> Image.Image:
    if material.baseColorTexture is None:  # a colour alone
        colour = material.baseColorFactor or (1, 1, 1, 1)
        return Image.new("RGBA", (4, 4), tuple(int(255 * part) for part in colour))
    texture = gltf.textures[material.baseColorTexture.index]
    source = texture.source if texture.source is not None else next(iter(texture.extensions.values()))["source"]
    view = gltf.bufferViews[gltf.images[source].bufferView]
    start = view.byteOffset or 0
    return Image.open(io.BytesIO(blob[start : start + view.byteLength])).convert("RGBA")


def _local(node: Any) -> np.ndarray:
    """(4, 4) from translation, rotation (x, y, z, w) and scale."""
    from scipy.spatial.transform import Rotation

    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_quat(node.rotation or [0, 0, 0, 1]).as_matrix() * (node.scale or [1, 1, 1])
    matrix[:3, 3] = node.translation or [0, 0, 0]
    return matrix
