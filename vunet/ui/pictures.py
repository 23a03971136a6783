"""Pictures on their way to the browser."""

from __future__ import annotations

import base64

import cv2
import numpy as np

QUALITY = 92


def data_url(image: np.ndarray) -> str:
    """(H, W, 3) uint8 RGB as a JPEG data URL: 1 ms and 10 kB for a rendered person, no file, no second request."""
    ok, buffer = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert ok
    return "data:image/jpeg;base64," + base64.b64encode(buffer.tobytes()).decode()
