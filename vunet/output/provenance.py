"""Pictures that say in their metadata that a model made them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from vunet import __version__

WORDS = {
    "Software": f"Variational U-Net (vunet {__version__})",
    "Comment": "Made by a generative model. This is not a photograph.",
}
# IPTC's word for it: https://cv.iptc.org/newscodes/digitalsourcetype/
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>
</rdf:RDF></x:xmpmeta>"""


def marked(picture: np.ndarray) -> Image.Image:
    """A picture (H, W, 3 or 4) uint8 with the words, which Gradio and `mark_options` write into the file."""
    image = Image.fromarray(picture)
    image.info.update(WORDS)
    return image


def mark_options() -> dict[str, Any]:
    """For `Image.save`: words and XMP in PNG files, XMP in JPEG and WebP; other formats know neither."""
    text = PngInfo()
    for name, words in WORDS.items():
        text.add_text(name, words)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return {"pnginfo": text, "xmp": XMP}


def png_bytes(picture: np.ndarray) -> bytes:
    """A marked PNG file of a picture (H, W, 3 or 4) uint8."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "png", **mark_options())
    return buffer.getvalue()
