"""Renders figures with OpenGL and without a screen: EGL on a GPU, or on Mesa's software renderer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vunet.data.avatars.gltf import Figure
from vunet.errors import VUNetError

SAMPLES = 4  # a pixel
TEXTURE = 1024  # pixels of a texture's side
VERTEX = """#version 330
in vec3 position; in vec3 normal; in vec2 uv; uniform mat4 projection; out vec3 n; out vec2 at;
void main() { gl_Position = projection * vec4(position, 1); n = normal; at = uv; }"""
FRAGMENT = """#version 330
in vec3 n; in vec2 at; out vec4 pixel;
uniform sampler2D colours; uniform vec3 light; uniform float ambient; uniform vec3 tint;
void main() {
    vec4 c = texture(colours, at);
    if (c.a < .25) discard;
    vec3 facing = normalize(n) * (gl_FrontFacing ? 1. : -1.);
    float lit = ambient + (1.15 - ambient) * max(dot(facing, light), 0.);
    pixel = vec4(min(c.rgb * lit * tint, 1.), 1);
}"""


@dataclass(frozen=True)
class Light:
    """direction: towards the light, unit length. ambient: brightness without it. tint: of its colour."""

    direction: tuple[float, float, float] = (0.3, 0.5, 0.81)
    ambient: float = 0.5
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


class Renderer:
    """One OpenGL context; `load` a figure, then draw it as often as wished. For one thread."""

    def __init__(self, size: int) -> None:
        """size: pixels of a picture's side. Raises `VUNetError` where there is no EGL."""
        import moderngl

        try:
            create: Any = moderngl.create_standalone_context
            self._gl: Any = create(backend="egl")
        except Exception:  # of the driver's loader, which has no type of its own
            raise VUNetError(
                "Pictures cannot be rendered here: install EGL (Debian: `apt-get install libegl1 libgl1-mesa-dri`)."
            ) from None
        self.size = size
        self._program: Any = self._gl.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)
        both = (size, size)
        self._canvas = self._gl.framebuffer(
            [self._gl.renderbuffer(both, 4, samples=SAMPLES)], self._gl.depth_renderbuffer(both, samples=SAMPLES)
        )
        self._resolved = self._gl.framebuffer([self._gl.renderbuffer(both, 4)])
        self._gl.enable(moderngl.DEPTH_TEST)
        self._meshes: list[tuple[Any, np.ndarray, Any, Any]] = []

    def load(self, figure: Figure) -> None:
        """Textures and faces of a figure; another one's are released."""
        for buffer, _, texture, array in self._meshes:
            for held in (buffer, texture, array):
                held.release()
        self._meshes = [self._loaded(mesh) for mesh in figure.meshes]

    def _loaded(self, mesh: Any) -> tuple[Any, np.ndarray, Any, Any]:
        image = mesh.texture.resize((TEXTURE, TEXTURE))
        texture = self._gl.texture(image.size, 4, image.tobytes())
        texture.build_mipmaps()
        buffer = self._gl.buffer(reserve=len(mesh.positions) * 32, dynamic=True)
        content = [(buffer, "3f 3f 2f", "position", "normal", "uv")]
        return (
            buffer,
            mesh.uv,
            texture,
            self._gl.vertex_array(self._program, content, self._gl.buffer(mesh.faces.tobytes())),
        )

    def draw(self, vertices: Sequence[tuple[np.ndarray, np.ndarray]], projection: np.ndarray, light: Light) -> np.ndarray:
        """(S, S, 4) uint8, RGB and opacity. vertices: positions and normals of each mesh; projection: (4, 4)."""
        self._canvas.use()
        self._gl.clear(0, 0, 0, 0)
        self._program["projection"].write(projection.T.astype("f4").tobytes())
        self._program["light"].value = light.direction
        self._program["ambient"].value = light.ambient
        self._program["tint"].value = light.tint
        for (positions, normals), (buffer, uv, texture, array) in zip(vertices, self._meshes, strict=True):
            buffer.write(np.concatenate([positions, normals, uv], axis=1).astype("f4").tobytes())
            texture.use(0)
            array.render()
        self._gl.copy_framebuffer(self._resolved, self._canvas)
        rows = np.frombuffer(self._resolved.read(components=4), np.uint8).reshape(self.size, self.size, 4)[::-1]
        return _straight(rows)


def _straight(rgba: np.ndarray) -> np.ndarray:
    """Colours divided by their opacity: at outlines the samples are averaged with the empty ground."""
    opacity = rgba[..., 3:].astype(np.float32)
    colours = np.where(opacity > 0, rgba[..., :3] * 255.0 / np.maximum(opacity, 1), 0)
    return np.dstack([colours.clip(0, 255).round().astype(np.uint8), rgba[..., 3]])
