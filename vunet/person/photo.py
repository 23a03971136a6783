"""The only place that decodes pictures: whatever the user gives becomes (H, W, 3) uint8 RGB, or one clear sentence."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from vunet.errors import BadImage
from vunet.person.file_kinds import CAMERA, kind_of
from vunet.person.ground import BACKGROUND

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = 100_000_000  # Pillow's own limit is a little lower, and would come first

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")  # MPO, of some phones, opens as JPEG
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif")
UNREADABLE = (".jxl", ".jp2", ".psd", ".svg", ".dng", ".cr2", ".cr3", ".nef", ".arw")  # pictures, but refused by name
DAMAGED = "This picture is damaged or cut off: please try another file."
READ = "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF"
PNG = b"\x89PNG\r\n\x1a\n"
DNG_VERSION, REDUCED = 50706, 254  # tags of TIFF
MAX_PIXELS = Image.MAX_IMAGE_PIXELS
MAX_SIDE = 1600  # more does not help: a frame of the model has 512
MIN_SIDE = 32


Photo = str | Path | bytes | Image.Image | np.ndarray


def find_photos(path: Path, *more: str) -> list[Path]:
    """A file itself, or the photos of a folder and its subfolders, and files with `more` endings; raises `BadImage`."""
    if path.is_file():
        return [path]
    known = {*SUFFIXES, *more}
    found = sorted(p for p in path.rglob("*") if p.suffix.lower() in known and p.name[0] != "." and p.is_file())
    if not found:
        raise BadImage(f"There are no photos in {path}: give a folder with {READ} files.")
    return found


def load_photo(source: Photo) -> np.ndarray:
    """Reads a photo from a path, bytes, a PIL image or an (H, W, 3) uint8 array.

    Returns (H, W, 3) uint8 sRGB, turned upright by its EXIF tag, `MAX_SIDE` at most on its longer side, 16 bits as 8,
    transparency laid on the light background, the first frame of an animation. Raises `BadImage`.
    """
    if isinstance(source, np.ndarray):
        return _shrink(Image.fromarray(_checked(source)))
    _require_text(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decode(source)
    except BadImage:
        raise
    except UnidentifiedImageError:
        raise BadImage(_unreadable(source)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise BadImage(_too_large()) from None
    except FileNotFoundError:
        raise BadImage("There is no such file: check the path of the photo.") from None
    except PermissionError:
        raise BadImage("This file may not be read: change its permissions.") from None
    except Exception:  # Pillow's decoders raise nearly anything on damaged files
        raise BadImage(DAMAGED) from None


def _require_text(source: Any) -> None:
    """A name that is no UTF-8 can be neither written into an index nor told."""
    if isinstance(source, str | Path) and not _is_text(str(source)):
        raise BadImage("The name of this file is not UTF-8: rename it.")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decode(source: Any) -> np.ndarray:
    if isinstance(source, Image.Image):
        return _to_rgb(source)
    handle = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(handle, formats=FORMATS) as image:
            return _to_rgb(image)
    except (ValueError, SyntaxError, UnidentifiedImageError):  # of its texts, profile or EXIF, none of which is needed
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        plain = _without_remarks(data) if data.startswith(PNG) else data
        if plain == data:
            raise
        return _decode(plain)


def _without_remarks(png: bytes) -> bytes:
    """A PNG file without what it says about the picture."""
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] not in (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf"):
            kept.append(png[at:end])
        at = end
    return b"".join(kept)


def _to_rgb(image: Image.Image) -> np.ndarray:
    if image.width * image.height > MAX_PIXELS:
        raise BadImage(_too_large())
    if _is_raw(image):
        raise BadImage(_refusal(CAMERA))
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # JPEG: decode at a fraction of the size
    image = ImageOps.exif_transpose(image)
    if min(image.size) < MIN_SIDE:
        raise BadImage(f"This picture is too small: both sides need at least {MIN_SIDE} pixels.")
    small, profile = _shrink(_flatten(image)), image.info.get("icc_profile")
    return _to_srgb(small, profile) if profile and image.mode in ("RGB", "RGBA", "P") else small


def _to_srgb(picture: np.ndarray, profile: bytes) -> np.ndarray:
    """A phone's Display P3 or a camera's Adobe RGB as sRGB; a profile that cannot be read is left aside."""
    try:
        own, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        return np.array(ImageCms.profileToProfile(Image.fromarray(picture), own, srgb))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture


def _is_raw(image: Image.Image) -> bool:
    """Raw files of cameras open as TIFF, by a thumbnail that comes first."""
    tags = getattr(image, "tag_v2", {})
    return DNG_VERSION in tags or tags.get(REDUCED) == 1


def _flatten(image: Image.Image) -> Image.Image:
    """Any Pillow mode to RGB."""
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_eight_bits(_small_samples(image))).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        plain = Image.new("RGBA", image.size, (BACKGROUND,) * 3 + (255,))
        return Image.alpha_composite(plain, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def _small_samples(image: Image.Image) -> np.ndarray:
    """Samples of a picture in grey, float32, shrunk before they are converted: at the file's limit they take 2 GB else."""
    values = np.asarray(image)
    scale = MAX_SIDE / max(values.shape)
    if values.dtype.kind != "u":
        values = np.nan_to_num(values.astype(np.float32, copy=False))
    elif values.dtype.byteorder not in "=|":
        values = values.astype(values.dtype.newbyteorder("="))
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in image.size)
        values = cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)
    return values.astype(np.float32, copy=False)


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """16-bit, 32-bit and float samples by their range; Pillow's own conversion clips them to white."""
    full = 65535.0 if values.max() > 255 else 255.0 if values.max() > 1 else 1.0
    return (np.clip(values / max(full, values.max()), 0, 1) * 255).round().astype(np.uint8)


def _shrink(image: Image.Image) -> np.ndarray:
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return np.array(image)


def _checked(array: np.ndarray) -> np.ndarray:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise BadImage("A picture given as an array has to be (height, width, 3) uint8, in RGB order.")
    if min(array.shape[:2]) < MIN_SIDE:
        raise BadImage(f"This picture is too small: both sides need at least {MIN_SIDE} pixels.")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise BadImage(_too_large())
    return array


def _too_large() -> str:
    return f"This picture has over {MAX_PIXELS // 1_000_000} million pixels: please make it smaller."


def _unreadable(source: Any) -> str:
    head = source[:256] if isinstance(source, bytes) else Path(source).read_bytes()[:256]
    return DAMAGED if pillow_heif.is_supported(head) else _refusal(kind_of(head))


def _refusal(kind: str) -> str:
    return f"This is {kind or 'not a picture that can be read'}: please use {READ}."
