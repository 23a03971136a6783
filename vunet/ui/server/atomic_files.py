"""Pictures appear in Gradio's cache at once, whole."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from gradio import processing_utils
from PIL import Image

from vunet.ui.server.patches import replace_function

_write = processing_utils.save_pil_to_cache


def write_files_atomically() -> None:
    """From now on a picture that is written anew, because another visitor sees the same, is whole for whoever reads it.

    Gradio names pictures by their content and writes them in place: until the last byte is there again, a browser that
    fetches the gallery that every page opens with is sent half of it.
    """
    replace_function(processing_utils, "save_pil_to_cache", _save)


def _save(img: Image.Image, cache_dir: str, name: str = "image", format: str = "webp") -> str:
    """See `gradio.processing_utils.save_pil_to_cache`."""
    cache = Path(cache_dir).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache) as folder:
        written = Path(_write(img, folder, name, format))
        place = cache / written.parent.name / written.name
        place.parent.mkdir(exist_ok=True)
        with suppress(PermissionError):  # on Windows what is being read stays, and is the same
            written.replace(place)
    return str(place)
