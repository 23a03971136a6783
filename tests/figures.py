"""A small rigged figure as a .glb file: a box at every bone, in a T-pose, with the names of VALID's rig."""

import io
from pathlib import Path

import numpy as np
import pygltflib
from PIL import Image

# Bone: parent, place in metres; y up, the face looks along +z, the person's left is +x.
BONES = {
    "Hips": (None, (0, 0.95, 0)), "Spine": ("Hips", (0, 1.05, 0)), "Spine1": ("Spine", (0, 1.15, 0)),
    "Spine2": ("Spine1", (0, 1.25, 0)), "Neck": ("Spine2", (0, 1.5, 0)), "Head": ("Neck", (0, 1.6, 0)),
    "LeftEye": ("Head", (0.03, 1.68, 0.08)), "RightEye": ("Head", (-0.03, 1.68, 0.08)),
}  # fmt: skip
for word, way in (("Left", 1), ("Right", -1)):
    BONES |= {
        f"{word}Shoulder": ("Spine2", (0.06 * way, 1.42, 0)), f"{word}Arm": (f"{word}Shoulder", (0.18 * way, 1.42, 0)),
        f"{word}ForeArm": (f"{word}Arm", (0.45 * way, 1.42, 0)), f"{word}Hand": (f"{word}ForeArm", (0.7 * way, 1.42, 0)),
        f"{word}UpLeg": ("Hips", (0.09 * way, 0.92, 0)), f"{word}Leg": (f"{word}UpLeg", (0.1 * way, 0.5, 0)),
        f"{word}Foot": (f"{word}Leg", (0.1 * way, 0.08, 0)),
    }  # fmt: skip
HALF = 0.07  # of a box's side
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4],
     [1, 5, 7], [1, 7, 3]], np.uint16)  # fmt: skip


def write_figure(path: Path, colour=(200, 40, 40)) -> Path:
    """Front faces are of the colour, backs are blue: a texture of two halves, chosen by depth."""
    names = list(BONES)
    places = np.array([BONES[name][1] for name in names], np.float32)
    positions = np.concatenate([place + HALF * CORNERS for place in places])
    count = len(names)
    normals = np.tile(CORNERS / np.sqrt(3), (count, 1)).astype(np.float32)
    uv = np.tile(np.where(CORNERS[:, 2:] > 0, [[0.25, 0.5]], [[0.75, 0.5]]), (count, 1)).astype(np.float32)
    joints = np.zeros((8 * count, 4), np.uint16)
    joints[:, 0] = np.repeat(np.arange(count), 8)
    weights = np.zeros((8 * count, 4), np.float32)
    weights[:, 0] = 1
    faces = np.concatenate([FACES + 8 * i for i in range(count)]).astype(np.uint16).ravel()
    inverse = np.tile(np.eye(4, dtype=np.float32), (count, 1, 1))
    inverse[:, :3, 3] = -places
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[:, :4], picture[:, 4:] = colour, (30, 30, 200)
    image = io.BytesIO()
    Image.fromarray(picture).save(image, "PNG")
    arrays = [positions, normals, uv, joints, weights, faces, inverse.transpose(0, 2, 1).copy()]
    path.parent.mkdir(parents=True, exist_ok=True)
    _document(names, arrays, image.getvalue()).save_binary(str(path))
    return path


def _document(names, arrays, image):
    kinds = [
        ("VEC3", 5126),
        ("VEC3", 5126),
        ("VEC2", 5126),
        ("VEC4", 5123),
        ("VEC4", 5126),
        ("SCALAR", 5123),
        ("MAT4", 5126),
    ]
    blobs, views, accessors, at = [], [], [], 0
    for array in (*arrays, image):
        data = array if isinstance(array, bytes) else array.tobytes()
        views.append(pygltflib.BufferView(buffer=0, byteOffset=at, byteLength=len(data)))
        blobs.append(data + b"\0" * (-len(data) % 4))
        at += len(blobs[-1])
    for i, ((kind, component), array) in enumerate(zip(kinds, arrays, strict=True)):
        accessors.append(pygltflib.Accessor(bufferView=i, componentType=component, count=len(array), type=kind))
    nodes = [
        pygltflib.Node(
            name=name,
            children=[names.index(child) for child, (parent, _) in BONES.items() if parent == name],
            translation=[
                float(v) for v in np.subtract(BONES[name][1], BONES[BONES[name][0]][1] if BONES[name][0] else (0, 0, 0))
            ],
        )
        for name in names
    ]
    nodes.append(pygltflib.Node(name="body", mesh=0, skin=0))
    attributes = pygltflib.Attributes(POSITION=0, NORMAL=1, TEXCOORD_0=2, JOINTS_0=3, WEIGHTS_0=4)
    material = pygltflib.Material(
        pbrMetallicRoughness=pygltflib.PbrMetallicRoughness(baseColorTexture=pygltflib.TextureInfo(index=0))
    )
    document = pygltflib.GLTF2(
        scene=0, scenes=[pygltflib.Scene(nodes=[0, len(nodes) - 1])], nodes=nodes, accessors=accessors, bufferViews=views,
        meshes=[pygltflib.Mesh(primitives=[pygltflib.Primitive(attributes=attributes, indices=5, material=0)])],
        skins=[pygltflib.Skin(joints=list(range(len(names))), inverseBindMatrices=6)], materials=[material],
        textures=[pygltflib.Texture(source=0)], images=[pygltflib.Image(bufferView=7, mimeType="image/png")],
        buffers=[pygltflib.Buffer(byteLength=at)],
    )  # fmt: skip
    document.set_binary_blob(b"".join(blobs))
    return document
