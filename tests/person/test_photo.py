import io
import tracemalloc

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from vunet import BadImage
from vunet.person.ground import BACKGROUND
from vunet.person.photo import MAX_SIDE, load_photo


def picture(size=(80, 60), mode="RGB"):
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)).convert(mode)


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF"])
def test_every_format_gives_rgb(kind):
    loaded = load_photo(encoded(picture(), kind))
    assert loaded.shape == (60, 80, 3) and loaded.dtype == np.uint8


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "1", "YCbCr", "HSV", "LAB"])
def test_every_mode_gives_rgb(mode):
    image = picture().convert("L").convert(mode) if mode == "LA" else picture()
    image = image if mode == "LA" else image.convert(mode)
    assert load_photo(image).shape == (60, 80, 3)


def test_path_bytes_array_and_image_agree(tmp_path):
    image = picture()
    path = tmp_path / "photo.png"
    image.save(path)
    for source in (path, str(path), path.read_bytes(), image, np.array(image)):
        assert (load_photo(source) == np.array(image)).all()


@pytest.mark.parametrize("orientation, size", [(1, (80, 60)), (3, (80, 60)), (6, (60, 80)), (8, (60, 80))])
def test_phone_portraits_are_turned_upright(orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    loaded = load_photo(encoded(picture(), "JPEG", exif=exif))
    assert loaded.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevm", b"mif1", b"msf1"])
def test_heic_of_every_brand_is_read(brand):
    image = Image.new("RGB", (120, 80), (200, 40, 40))
    data = encoded(image, "HEIF", quality=90)
    assert data[4:8] == b"ftyp"
    loaded = load_photo(data[:8] + brand + data[12:])
    assert loaded.shape == (80, 120, 3) and np.abs(loaded.astype(int) - [200, 40, 40]).max() < 12


def test_heic_portraits_are_turned_upright_once():
    exif = Image.Exif()
    exif[0x0112] = 6
    left_red = Image.new("RGB", (120, 80), "blue")
    left_red.paste("red", (0, 0, 60, 80))
    loaded = load_photo(encoded(left_red, "HEIF", exif=exif.tobytes(), quality=95))
    assert loaded.shape == (120, 80, 3)
    assert loaded[20, 40, 0] > 150 > loaded[100, 40, 0]  # turned clockwise: what was left is above


def test_a_heic_photo_with_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch):
    data = encoded(Image.new("RGB", (400, 300)), "HEIF")
    monkeypatch.setattr("vunet.person.photo.MAX_PIXELS", 400 * 300 - 1)
    monkeypatch.setattr(pillow_heif.HeifImage, "load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(BadImage, match="million pixels"):
        load_photo(data)


def test_transparency_is_laid_on_the_light_background():
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    assert (load_photo(encoded(clear, "PNG")) == BACKGROUND).all()


def test_palette_transparency_too():
    clear = Image.new("P", (40, 40), 0)
    assert (load_photo(encoded(clear, "PNG", transparency=0)) == BACKGROUND).all()


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    loaded = load_photo(encoded(Image.fromarray(ramp), "PNG"))
    assert loaded[0, 0, 0] == 0 and loaded[-1, -1, 0] == 255 and abs(int(loaded[32, 0, 0]) - 128) < 3


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    loaded = load_photo(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert tuple(loaded[0, 0]) == (255, 0, 0)


def test_twelve_megapixels_are_made_smaller():
    loaded = load_photo(encoded(Image.new("RGB", (4000, 3000), "green"), "JPEG"))
    assert max(loaded.shape) <= MAX_SIDE and loaded.shape[1] > loaded.shape[0]


def raw_photo():
    """A camera's raw file as far as Pillow sees it: a TIFF that begins with a thumbnail."""
    return encoded(picture(), "TIFF", tiffinfo={254: 1})


def truncated(kind):
    data = encoded(picture((400, 300)), kind)
    return data[: len(data) // 3]


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "an empty file"), (b"hello, this is text", "not a picture"), (truncated("JPEG"), "damaged"),
        (truncated("PNG"), "damaged"), (truncated("HEIF"), "damaged"), (truncated("AVIF"), "damaged"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 64, "damaged"),
        (encoded(Image.new("RGB", (8, 8)), "PNG"), "too small"), (b"%PDF-1.7 ...", "a PDF document"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"), (b"\xff\x0a" + b"\0" * 40, "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"), (b"<!DOCTYPE html><html>", "a web page"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 40, "a film"), (raw_photo(), "a raw photo of a camera"),
    ],
)  # fmt: skip
def test_bad_files_get_one_sentence(data, words):
    with pytest.raises(BadImage, match=words):
        load_photo(data)


def test_a_decompression_bomb_is_refused_before_it_is_decoded():
    with pytest.raises(BadImage, match="million pixels"):
        load_photo(encoded(Image.new("1", (20_000, 20_000)), "PNG"))


def test_a_missing_file_is_said_so(tmp_path):
    with pytest.raises(BadImage, match="no such file"):
        load_photo(tmp_path / "nothing.jpg")


@pytest.mark.parametrize("array", [np.zeros((50, 50), np.uint8), np.zeros((50, 50, 3)), np.zeros((5, 5, 3), np.uint8)])
def test_odd_arrays_are_refused(array):
    with pytest.raises(BadImage):
        load_photo(array)


def png_with(**options):
    return encoded(picture(), "PNG", **options)


def test_a_sound_png_with_remarks_that_pillow_refuses_is_read():
    remarks = PngInfo()
    remarks.add_text("workflow", "x" * 2_000_000, zip=True)
    plain = png_with()
    broken = plain[:33] + b"\0\0\0\x0aeXIf\0\x08\0\2\1\x12\0\3\0\0" + b"\0" * 4 + plain[33:]
    for data in (png_with(pnginfo=remarks), broken):
        assert (load_photo(data) == load_photo(plain)).all()


def test_a_phones_wide_colours_become_srgb():
    """Display P3: the primaries are wider, so the same numbers mean a stronger red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag, xyz in ((b"rXYZ", P3[0]), (b"gXYZ", P3[1]), (b"bXYZ", P3[2])):
        at = profile.index(tag)
        offset = int.from_bytes(profile[at + 4 : at + 8], "big")
        numbers = b"".join(round(value * 65536).to_bytes(4, "big", signed=True) for value in xyz)
        profile[offset + 8 : offset + 20] = numbers
    loaded = load_photo(png_with_colour((200, 60, 40), bytes(profile)))
    assert np.abs(loaded[5, 5].astype(int) - [217, 42, 23]).max() <= 4
    assert tuple(load_photo(png_with_colour((200, 60, 40), b"no profile"))[5, 5]) == (200, 60, 40)


P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))


def png_with_colour(colour, profile):
    return encoded(Image.new("RGB", (40, 40), colour), "PNG", icc_profile=profile)


@pytest.mark.parametrize("side, fits", [(9480, True), (10_200, False)])
def test_the_limit_is_the_one_that_is_told(side, fits):
    data = encoded(Image.new("1", (side, side)), "PNG")
    if fits:
        assert load_photo(data).shape == (MAX_SIDE, MAX_SIDE, 3)
    else:
        with pytest.raises(BadImage, match="100 million"):
            load_photo(data)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_large_photos_of_16_bits_take_little_memory(kind):
    data = encoded(Image.new("I;16", (3000, 3000), 40_000), kind)
    tracemalloc.start()
    picture = load_photo(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert picture.shape == (MAX_SIDE, MAX_SIDE, 3) and abs(int(picture.mean()) - 40_000 // 257) <= 1
    assert peak < 12 * 3000 * 3000  # bytes; before, 27 a pixel
